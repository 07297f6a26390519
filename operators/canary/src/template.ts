import { createHash } from 'node:crypto'
import type { Deployment } from '../../../src/operator/kinds.ts'
import type { Version } from './spec.ts'

export type PodTemplate = NonNullable<Deployment['spec']>['template']

/**
 * The version a Deployment asks for. Two versions are the same when their hashes are: the hash covers the whole template as
 * the server gives it, so a restart annotation makes a new version and replicas or labels of the Deployment do not.
 */
export function versionOf(deployment: Deployment, now: number): Version {
  const template = JSON.stringify(canonical(deployment.spec?.template ?? {}))
  return {
    hash: createHash('sha256').update(template).digest('hex').slice(0, 12),
    template,
    images: (deployment.spec?.template.spec?.containers ?? []).map(({ image }) => image ?? 'no image'),
    at: new Date(now).toISOString(),
  }
}

export function templateOf(version: Version): PodTemplate {
  return JSON.parse(version.template)
}

/** `images` in a sentence. */
export function imagesOf(version: { readonly images: readonly string[] }): string {
  return version.images.join(', ')
}

/** Keys in order, and without nulls: older API servers write `creationTimestamp: null` into templates, newer ones do not. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, canonical(field)]),
  )
}

/** A label's value, and the one that takes its place. */
export interface Relabel {
  readonly key: string
  readonly from: string | undefined
  readonly to: string
}

/**
 * The template with another value of one label, also where its own pods are told to keep apart or spread: anti-affinity
 * against the old value would let all pods of a copy onto one node.
 */
export function relabel(template: PodTemplate, label: Relabel): PodTemplate {
  const { affinity, topologySpreadConstraints } = template.spec ?? {}
  const spec = template.spec && {
    ...template.spec,
    ...(affinity && { affinity: reselect(affinity, label) }),
    ...(topologySpreadConstraints && { topologySpreadConstraints: reselect(topologySpreadConstraints, label) }),
  }
  return {
    ...template,
    metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [label.key]: label.to } },
    ...(spec && { spec }),
  }
}

/** Every `labelSelector` inside, naming the new value where it named the old one. */
function reselect<T>(value: T, label: Relabel): T
function reselect(value: unknown, label: Relabel): unknown {
  if (Array.isArray(value)) return value.map((item) => reselect(item, label))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      key === 'labelSelector' ? reselectLabels(field, label) : reselect(field, label),
    ]),
  )
}

interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

function reselectLabels(selector: LabelSelector, { key, from, to }: Relabel): LabelSelector {
  return {
    ...selector,
    ...(selector.matchLabels?.[key] === from &&
      from !== undefined && { matchLabels: { ...selector.matchLabels, [key]: to } }),
    ...(selector.matchExpressions && {
      matchExpressions: selector.matchExpressions.map((expression) =>
        expression.key === key && expression.values
          ? { ...expression, values: expression.values.map((value) => (value === from ? to : value)) }
          : expression,
      ),
    }),
  }
}
