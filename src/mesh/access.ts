import type { HttpMatch } from './match.ts'
import { compareText } from './service.ts'

export type Labels = Readonly<Record<string, string>>

/** The identity under which pods run and call others. */
export interface ServiceAccountRef {
  readonly namespace: string
  readonly name: string
}

/** Some pods of one namespace: those of a ServiceAccount, or those with some labels, where no labels mean all of them. */
export type AccessDestination =
  | { readonly namespace: string; readonly serviceAccount: string }
  | { readonly namespace: string; readonly labels: Labels }

/** One permission. */
export interface AccessGrant {
  /** Unique within its destination; a DNS label. Names label objects, they mean nothing: the normal form numbers them. */
  readonly name: string
  /** Who is let in; at least one. */
  readonly sources: readonly ServiceAccountRef[]
  /** Ports of the pods, not of a Service; all of them unless given. */
  readonly ports?: readonly number[]
  /** Requests of which one of these holds; whatever is sent, other protocols included, unless given. */
  readonly matches?: readonly HttpMatch[]
}

/**
 * Who may call some pods: what one of the grants allows is let through, everything else is refused. Destinations that share
 * pods add up: what either lets through is let through.
 */
export interface WorkloadAccess {
  readonly destination: AccessDestination
  /** Ports of the pods that this is about; all of them unless given. The others are left to the mesh. */
  readonly ports?: readonly number[]
  /** None means that nobody is let in. */
  readonly grants: readonly AccessGrant[]
}

/** How messages call a destination. */
export function describeDestination(destination: AccessDestination): string {
  const { namespace } = destination
  if ('serviceAccount' in destination) return `ServiceAccount ${namespace}/${destination.serviceAccount}`
  const labels = labelText(destination.labels)
  return labels === '' ? `all pods of ${namespace}` : `the pods of ${namespace} with ${labels}`
}

/** Labels as selectors are written: `app=web,track=canary`; in a stable order, so that equal labels have equal texts. */
export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** Whether pods with `labels` are selected by `selector`. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

/** Whether a pod may be selected by both: no label is asked for with two values. */
export function mayOverlap(a: Labels, b: Labels): boolean {
  return Object.entries(a).every(([name, value]) => b[name] === undefined || b[name] === value)
}

/** A name for the objects about some pods: the ServiceAccount's, or one made of the labels. */
export function destinationName(destination: AccessDestination): string {
  if ('serviceAccount' in destination) return destination.serviceAccount
  const values = Object.entries(destination.labels)
    .sort(([a], [b]) => compareText(a, b))
    .map(([, value]) => value.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
  const name = values.join('-').replaceAll(/^-+|-+$/g, '')
  return name === '' ? 'all-pods' : name.slice(0, 63).replace(/-+$/, '')
}
