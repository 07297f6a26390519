import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { findService } from '../../manifests/services.ts'
import { fieldsOf, listOf } from '../../mesh/fields.ts'
import { type FieldPath, groupKind } from '../../mesh/object-reading.ts'
import { serviceName } from '../../mesh/service.ts'
import type { ServiceTraffic, WeightedBackend } from '../../mesh/traffic.ts'
import type { FoundTraffic } from './found-traffic.ts'
import type { Translation } from './translation.ts'

export interface LoweredSubsets {
  readonly found: readonly FoundTraffic[]
  /** Objects that the subsets need: Services of their own, or what defines them where the target has subsets itself. */
  readonly objects: readonly KubeObject[]
  readonly problems: readonly Diagnostic[]
}

/** Makes every subset a Service `<service>-<subset>` where the target has none; traffic whose subsets cannot be is left out. */
export function lowerSubsets(
  found: readonly FoundTraffic[],
  manifests: readonly Manifest[],
  { target, adapters }: Translation,
): LoweredSubsets {
  const objects = manifests.map(({ object }) => object)
  const made = new Map<string, KubeObject>()
  const problems: Diagnostic[] = []
  const lowered = found.flatMap((one) => {
    const subsets = subsetsOf(one.traffic)
    if (subsets.length === 0) return [one]
    const own = subsets.map((backend) => defineSubset(backend, one, { target, adapters, objects }))
    const wrong = own.flatMap((result) => ('problem' in result ? [result.problem] : []))
    problems.push(...wrong)
    if (wrong.length > 0) return []
    for (const result of own) {
      if ('object' in result && result.object !== undefined) made.set(describeObject(result.object), result.object)
    }
    return target.capabilities.subset.support === 'unsupported'
      ? [{ ...one, traffic: withoutSubsets(one.traffic) }]
      : [one]
  })
  return { found: lowered, objects: [...made.values()], problems }
}

type Definition = { readonly object: KubeObject | undefined } | { readonly problem: Diagnostic }

interface Surroundings extends Translation {
  readonly objects: readonly KubeObject[]
}

function defineSubset(backend: WeightedBackend, { sources }: FoundTraffic, surroundings: Surroundings): Definition {
  const { target, adapters, objects } = surroundings
  const { service, subset = '' } = backend
  const [source] = sources
  const position = source && subsetPosition(source, subset)
  const facts = {
    mesh: target.name,
    object: source === undefined ? '' : describeObject(source.object),
    subset,
    host: serviceName(service),
  }
  const defined = adapters.map(({ reading }) => reading.subsetLabels?.(objects, service, subset))
  const labels = defined.find((found) => found !== undefined)
  if (labels === undefined) return { problem: diagnostic('AP7105', facts, position) }
  if (target.capabilities.subset.support !== 'unsupported') return { object: definingObject(backend, surroundings) }
  const whole = findService(objects, service)
  const refuse = (problem: string): Definition => ({ problem: diagnostic('AP7106', { ...facts, problem }, position) })
  if (whole === undefined) return refuse(`the Service ${serviceName(service)} is not among the files`)
  const selector = fieldsOf(fieldsOf(whole.spec)['selector'])
  if (Object.keys(selector).length === 0) return refuse(`the Service ${serviceName(service)} has no selector`)
  const own = subsetService(backend, whole, { ...selector, ...labels })
  if (own.metadata.name.length > 63) return refuse(`${own.metadata.name} is longer than a name may be`)
  const existing = findService(objects, { ...service, name: own.metadata.name })
  if (existing === undefined) return { object: own }
  const same = sortedJson(fieldsOf(existing.spec)['selector']) === sortedJson(fieldsOf(own.spec)['selector'])
  return same ? { object: undefined } : refuse(`there is a Service ${own.metadata.name} with another selector`)
}

/** A Service for some of the pods of another, with its ports. */
function subsetService({ service, subset }: WeightedBackend, whole: KubeObject, selector: object): KubeObject {
  const ports = listOf(fieldsOf(whole.spec)['ports']).map((port) => {
    const { nodePort, ...rest } = fieldsOf(port)
    return rest
  })
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${service.name}-${subset}`, namespace: service.namespace },
    spec: { selector, ports },
  }
}

/** What defines a subset on the mesh it comes from, with no more than the names and labels of its subsets. */
function definingObject(
  { service, subset = '' }: WeightedBackend,
  { adapters, objects }: Surroundings,
): KubeObject | undefined {
  const owner = adapters.find(({ reading }) => reading.subsetLabels?.(objects, service, subset) !== undefined)
  const object = objects.find((one) => {
    if (owner === undefined || !owner.reading.accompanies.includes(groupKind(one))) return false
    return owner.reading.subsetLabels?.([one], service, subset) !== undefined
  })
  if (object === undefined) return undefined
  const { host, subsets } = fieldsOf(object.spec)
  const own = listOf(subsets).map((entry) => {
    const { name, labels } = fieldsOf(entry)
    return { name, ...(labels !== undefined && { labels }) }
  })
  const { name, namespace } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: { host, subsets: own },
  }
}

function subsetsOf(traffic: ServiceTraffic): WeightedBackend[] {
  const backends = traffic.ports.flatMap(({ rules }) => rules.flatMap((rule) => rule.backends))
  const named = backends.filter(({ subset }) => subset !== undefined)
  return [...new Map(named.map((backend) => [`${serviceName(backend.service)} ${backend.subset}`, backend])).values()]
}

function withoutSubsets(traffic: ServiceTraffic): ServiceTraffic {
  const lower = ({ subset, ...backend }: WeightedBackend): WeightedBackend =>
    subset === undefined
      ? backend
      : { ...backend, service: { ...backend.service, name: `${backend.service.name}-${subset}` } }
  return {
    ...traffic,
    ports: traffic.ports.map((port) => ({
      ...port,
      rules: port.rules.map((rule) => ({ ...rule, backends: rule.backends.map(lower) })),
    })),
  }
}

/** Where an object first names the subset. */
function subsetPosition({ object, at }: Manifest, subset: string): Diagnostic['position'] {
  return at(findSubset(object.spec, subset, ['spec']) ?? ['metadata', 'name'])
}

function findSubset(value: unknown, subset: string, path: FieldPath): FieldPath | undefined {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(fieldsOf(value))
  for (const [key, item] of entries) {
    const here = [...path, key]
    const found = key === 'subset' && item === subset ? here : findSubset(item, subset, here)
    if (found !== undefined) return found
  }
  return undefined
}

function sortedJson(value: unknown): string {
  return JSON.stringify(Object.entries(fieldsOf(value)).sort(([a], [b]) => (a < b ? -1 : 1)))
}
