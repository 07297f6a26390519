import fc from 'fast-check'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { MetricTarget } from '../mesh/metric-queries.ts'
import type { MeshRequest } from '../mesh/routing.ts'
import { checkedTraffic } from './checked-traffic.ts'
import { apex, generatedServices } from './generated-services.ts'
import { type Contradiction, difference, generatedLaw, type Law, sameData, singleLaw } from './law.ts'
import { meshRequest } from './request-arbitraries.ts'
import { damage, spoiled } from './spoiled-objects.ts'

/** That an adapter is a function of its arguments alone, changes none of them, and stands whatever it is given to read. */
export function pureLaws(adapter: MeshAdapter): Law[] {
  return [translatesPurely(adapter), writesItsOwnKinds(adapter), readsAnything(adapter), measures(adapter)]
}

function translatesPurely(adapter: MeshAdapter): Law {
  const cases = checkedTraffic(adapter).map((traffic) => ({ traffic }))
  return generatedLaw(
    'writes the same objects each time, and changes nothing it was given',
    50,
    cases,
    ({ traffic }) => {
      const written = adapter.translate(frozen(structuredClone(traffic)))
      const text = JSON.stringify(written)
      // Whoever got the objects may do with them what they like.
      for (const object of written) empty(object)
      const again = adapter.translate(traffic)
      return JSON.stringify(again) === text ? undefined : { expected: JSON.parse(text), got: again }
    },
  )
}

function writesItsOwnKinds(adapter: MeshAdapter): Law {
  const cases = checkedTraffic(adapter).map((traffic) => ({ traffic }))
  return generatedLaw('writes objects of its own kinds in their order, each once', 50, cases, ({ traffic }) => {
    const written = adapter.translate(traffic)
    const strange = written.filter(isAnnotation).flatMap((part) => strangeIn(part, adapter))
    if (strange.length > 0) return { problem: 'a Service with more than annotations that the adapter names', strange }
    const objects = written.filter((object) => !isAnnotation(object))
    const places = objects.map(({ apiVersion, kind }) =>
      adapter.kinds.findIndex((own) => own.kind === kind && `${own.group}/${own.version}` === apiVersion),
    )
    if (places.includes(-1)) return { problem: 'kinds that are not its own', objects, kinds: adapter.kinds }
    const inOrder = places.toSorted((a, b) => a - b)
    if (!sameData(places, inOrder)) return { problem: 'not in the order of its kinds', objects, kinds: adapter.kinds }
    const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
    if (new Set(keys).size < keys.length) return { problem: 'an object is there twice', objects }
    const misplaced = objects.filter(({ metadata }) => metadata.namespace !== apex.namespace)
    if (misplaced.length > 0) return { problem: 'not in the namespace of the apex', objects: misplaced }
    const misnamed = objects.filter(({ metadata }) => !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(metadata.name))
    return misnamed.length === 0 ? undefined : { problem: 'not a name of an object', objects: misnamed }
  })
}

/** Whether an object is there to be set on a Service. */
function isAnnotation({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Service'
}

function strangeIn({ apiVersion: _v, kind: _k, metadata, ...rest }: KubeObject, { annotates }: MeshAdapter): string[] {
  const { name, namespace, annotations = {}, ...more } = metadata
  const foreign = Object.keys(annotations).filter((one) => annotates === undefined || !one.startsWith(annotates.prefix))
  const isApex = name === apex.name && namespace === apex.namespace
  return [...Object.keys(rest), ...Object.keys(more), ...foreign, ...(isApex ? [] : [`${namespace}/${name}`])]
}

function readsAnything(adapter: MeshAdapter): Law {
  const cases = fc.record({
    traffic: checkedTraffic(adapter),
    damage,
    request: meshRequest(),
  })
  return generatedLaw('stands whatever its objects hold', 150, cases, ({ traffic, damage: one, request }) =>
    readWhole(adapter, spoiled(adapter.translate(traffic), one), request),
  )
}

/** Only what throws is wrong here, which the law catches. */
function readWhole(
  adapter: MeshAdapter,
  objects: readonly KubeObject[],
  request: MeshRequest,
): Contradiction | undefined {
  adapter.observe(objects, apex, generatedServices)
  const problems = objects.flatMap((object) => {
    adapter.accepted(object)
    adapter.reading.apexes(object)
    return adapter.reading.validate(object)
  })
  // Objects that the API server refuses route nothing.
  if (problems.length > 0) return undefined
  const { outcomes } = adapter.route(request, objects, generatedServices)
  const sum = outcomes.reduce((total, { share }) => total + share, 0)
  return Math.abs(sum - 1) < 1e-9 ? undefined : { objects, request, problem: `the shares sum up to ${sum}` }
}

function measures({ queries }: MeshAdapter): Law {
  const web = { namespace: 'shop', name: 'web-v1' }
  const client = { namespace: 'pay', name: 'client' }
  const targets: readonly MetricTarget[] = [
    { workload: web },
    { edge: { from: client, to: web } },
    { service: web },
    { backend: { apex: client, service: web } },
  ]
  return singleLaw('its queries name what they measure, and refuse what is no name', () => {
    const texts = targets.flatMap((target) => [
      queries.successRate(target, '1m'),
      queries.errorRate(target, '1m'),
      queries.requestRate(target, '1m'),
      queries.latency(target, '1m', 0.99),
    ])
    const vague = texts.filter((text) => !['web-v1', 'shop', '1m'].every((part) => text.includes(part)))
    if (vague.length > 0) return { problem: 'queries that leave out what was asked for', queries: vague }
    const hostile: MetricTarget = { workload: { namespace: 'shop', name: 'a"} or vector(1)' } }
    const refused = [
      () => queries.requestRate(hostile, '1m'),
      () => queries.successRate(hostile, '1m'),
      () => queries.latency(hostile, '1m', 0.5),
      () => queries.requestRate({ workload: web }, '1m] offset [1m'),
      () => queries.latency({ workload: web }, '1m', 2),
    ].map(isRefused)
    return difference(
      refused.map(() => true),
      refused,
    )
  })
}

function isRefused(query: () => string): boolean {
  try {
    query()
    return false
  } catch (error) {
    return error instanceof DiagnosticError
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null)
    for (const field of Object.values(Object.freeze(value))) frozen(field)
  return value
}

function empty(value: object): void {
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === 'object' && field !== null) empty(field)
    Reflect.deleteProperty(value, key)
  }
}
