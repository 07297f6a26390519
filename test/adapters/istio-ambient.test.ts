import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { Surroundings } from '../../src/mesh/enrollment.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { istioAmbient as ambient, gatewayApi } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const get: MeshRequest = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {} }
const mode = 'istio.io/dataplane-mode'
const waypoint = 'istio.io/use-waypoint'

const canary: ServiceTraffic = {
  service: apex,
  ports: [
    {
      port: 80,
      rules: [
        {
          name: 'default',
          matches: [],
          backends: [
            { service: { namespace: 'shop', name: 'web-v1' }, port: 80, weight: 90 },
            { service: { namespace: 'shop', name: 'web-v2' }, port: 80, weight: 10 },
          ],
        },
      ],
    },
  ],
}

function cluster(known: Surroundings): ServiceDirectory {
  return { ports: () => [80], surroundings: () => known }
}

test('a canary step is the same HTTPRoute that any mesh of the Gateway API gets', () => {
  expect(ambient.translate(canary)).toEqual(gatewayApi.translate(canary))
})

test('a breaker is a DestinationRule for the Service and each that gets its requests, and is read back', () => {
  const asked = { ...canary, policies: { breaker: { consecutiveErrors: 3, maxRequests: 10 } } }
  const services = { ports: () => [80] }
  expect(checkTraffic(asked, ambient, services)).toEqual([])
  const objects = ambient.translate(asked)
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'DestinationRule web.web',
    'DestinationRule web.web-v1',
    'DestinationRule web.web-v2',
    'HTTPRoute web-80',
  ])
  expect(ambient.observe(objects, apex, services).traffic?.policies).toMatchObject(asked.policies)
  const affinity = { ...canary, policies: { affinity: 'sourceIp' as const } }
  expect(checkTraffic(affinity, ambient, services)[0]?.message).toContain('only where a route takes the request')
})

describe('a Service whose traffic does not get to a waypoint', () => {
  const enrolled = { [mode]: 'ambient', [waypoint]: 'waypoint' }
  test.each<[string, Surroundings, readonly string[]]>([
    ['namespace enrolled', { labels: {}, namespaceLabels: enrolled }, []],
    ['Service enrolled', { labels: { [waypoint]: 'own' }, namespaceLabels: { [mode]: 'ambient' } }, []],
    ['nothing known', {}, []],
    ['namespace not known', { labels: {} }, []],
    ['namespace outside', { labels: {}, namespaceLabels: { [waypoint]: 'waypoint' } }, ['is not in ambient mode']],
    ['no labels', { labels: {}, namespaceLabels: {} }, ['is not in ambient mode', `has the label ${waypoint}`]],
    ['no waypoint', { labels: {}, namespaceLabels: { [mode]: 'ambient' } }, [`has the label ${waypoint}`]],
    ['Service kept out', { labels: { [waypoint]: 'none' }, namespaceLabels: enrolled }, ['is none']],
    ['a headless one', { labels: {}, namespaceLabels: enrolled, isHeadless: true }, ['it is headless']],
    [
      'waypoint missing',
      {
        labels: {},
        namespaceLabels: enrolled,
        conditions: [{ type: 'istio.io/WaypointBound', status: 'False', message: 'not ready' }],
      },
      ['is False: not ready'],
    ],
  ])('%s: is refused for what is missing, and its routes have no effect', (_what, known, reasons) => {
    const services = cluster(known)
    const said = checkTraffic(canary, ambient, services)
    expect(said.map(({ code }) => code)).toEqual(reasons.map(() => 'AP2226'))
    for (const [index, reason] of reasons.entries()) expect(said[index]?.message).toContain(reason)
    const { rule, outcomes } = ambient.route(get, ambient.translate(canary), services)
    // Clients in other namespaces may be in the mesh where this one is not.
    const isFollowed = reasons.every((reason) => reason.includes('ambient mode'))
    expect({ rule, ways: outcomes.length }).toEqual(isFollowed ? { rule: '0', ways: 2 } : { rule: null, ways: 1 })
  })
})

test('a route of another namespace is told, as the waypoint may be there', () => {
  const theirs: KubeObject = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'theirs', namespace: 'clients' },
    spec: { parentRefs: [{ group: '', kind: 'Service', ...apex }], rules: [] },
  }
  const because = expect.stringContaining('a waypoint in that namespace')
  expect(ambient.claims(theirs)).toMatchObject([{ service: apex, because }])
})

test('routes of the namespace of a client are for proxies beside it, of which there are none', () => {
  const own = { ...(ambient.translate(canary)[0] as KubeObject) }
  const consumer = { ...own, metadata: { name: 'theirs', namespace: 'clients' }, spec: routeTo('elsewhere') }
  const request = { ...get, from: 'clients' }
  expect(ambient.route(request, [consumer], cluster({})).rule).toBeNull()
  expect(gatewayApi.route(request, [consumer], cluster({})).rule).toBe('0')
})

describe('what the specification leaves to implementations is read as istiod has it', () => {
  test.each<[string, object, object]>([
    ['a `retry` without a number', { retry: { codes: [503] } }, { retries: { attempts: 2, on: ['503'] } }],
    [
      'a `retry` without codes',
      { retry: { attempts: 1 } },
      { retries: { attempts: 1, on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'] } },
    ],
    [
      'a bound for attempts without a `retry`',
      { timeouts: { request: '2s', backendRequest: '1s' } },
      { timeout: 1000 },
    ],
  ])('%s', (_what, fields, decision) => {
    const object = { ...(ambient.translate(canary)[0] as KubeObject), spec: routeTo('web-v1', fields) }
    expect(ambient.route(get, [object], cluster({}))).toMatchObject(decision)
  })
})

test('a route without a waypoint is not in effect, whatever else its status says', () => {
  const [written] = ambient.translate(canary)
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: type,
    message: '',
    observedGeneration: 1,
  })
  const withStatus = (...own: object[]) =>
    ({
      ...written,
      metadata: { ...written?.metadata, generation: 1 },
      status: {
        parents: [
          {
            parentRef: { group: '', kind: 'Service', name: 'web', port: 80 },
            controllerName: 'istio.io/mesh-controller',
            conditions: [condition('Accepted', 'True'), condition('ResolvedRefs', 'True'), ...own],
          },
        ],
      },
    }) as KubeObject
  expect(ambient.accepted(withStatus()).state).toBe('accepted')
  expect(ambient.accepted(withStatus(condition('ResolvedWaypoints', 'True'))).state).toBe('accepted')
  expect(ambient.accepted(withStatus(condition('ResolvedWaypoints', 'False'))).state).toBe('rejected')
  expect(gatewayApi.accepted(withStatus(condition('ResolvedWaypoints', 'False'))).state).toBe('accepted')
})

test('requests are counted where they are seen: at the waypoint, for callers as well', () => {
  const workload = { namespace: 'shop', name: 'web' }
  for (const target of [{ workload }, { edge: { from: workload, to: workload } }, { service: workload }])
    expect(ambient.queries.requestRate(target, '1m')).not.toMatch(/reporter=~?"(?!waypoint")/)
})

function routeTo(name: string, fields: object = {}): object {
  return {
    parentRefs: [{ group: '', kind: 'Service', name: 'web', namespace: 'shop', port: 80 }],
    rules: [{ backendRefs: [{ name, namespace: 'shop', port: 80 }], ...fields }],
  }
}
