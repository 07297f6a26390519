import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { kumaProvider } from '../../adapters/kuma/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'

const kuma = kumaProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const apex = { namespace: 'shop', name: 'web' }
const request: MeshRequest = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {} }
const ports = { web: [80], 'web-v1': [80], 'web-v2': [80] } as Readonly<Record<string, readonly number[]>>
const services: ServiceDirectory = {
  ports: ({ name }) => ports[name],
  portNamed: (_service, name) => (name === 'http' ? 80 : undefined),
}

function objects(yaml: string): KubeObject[] {
  return parseAllDocuments(yaml).map((document) => document.toJS())
}

function to(name: string, weight: number): TrafficRule['backends'][number] {
  return { service: { namespace: 'shop', name }, port: 80, weight }
}

function traffic(...rules: readonly TrafficRule[]): ServiceTraffic {
  return { service: apex, ports: [{ port: 80, rules }] }
}

function shares(found: readonly KubeObject[], asked: Partial<MeshRequest> = {}): Record<string, number> {
  const { outcomes } = kuma.route({ ...request, ...asked }, found, services)
  return Object.fromEntries(
    outcomes.map((outcome) => ['service' in outcome ? outcome.service.name : outcome.status, outcome.share]),
  )
}

/** A route as people write it. */
function route(
  rules: string,
  { namespace = 'shop', target = '{ kind: MeshService, name: web, sectionName: http }' } = {},
) {
  return objects(`
apiVersion: kuma.io/v1alpha1
kind: MeshHTTPRoute
metadata: { name: web, namespace: ${namespace}, labels: { kuma.io/mesh: default } }
spec:
  to:
    - targetRef: ${target}
      rules: ${rules}
`)
}

const split = (v1: number, v2: number) => `
        - matches: [{ path: { type: PathPrefix, value: / } }]
          default:
            backendRefs:
              - { kind: MeshService, name: web-v1, port: 80, weight: ${v1} }
              - { kind: MeshService, name: web-v2, port: 80, weight: ${v2} }`

describe('on Kuma', () => {
  test('a canary is a MeshHTTPRoute, its timeout and retries are policies beside it', () => {
    const rule: TrafficRule = {
      name: 'default',
      matches: [],
      backends: [to('web-v1', 90), to('web-v2', 10)],
      timeout: 5000,
      retries: { attempts: 2, conditions: ['5xx', 'connect-failure'], perTryTimeout: 1000, backoff: 100 },
    }
    expect(kuma.translate(traffic(rule))).toEqual(
      objects(`
apiVersion: kuma.io/v1alpha1
kind: MeshTimeout
metadata: { name: web-80, namespace: shop, labels: { kuma.io/mesh: default } }
spec:
  to:
    - targetRef: { kind: MeshService, name: web, namespace: shop, sectionName: "80" }
      default: { http: { requestTimeout: 5s } }
---
apiVersion: kuma.io/v1alpha1
kind: MeshRetry
metadata: { name: web-80, namespace: shop, labels: { kuma.io/mesh: default } }
spec:
  to:
    - targetRef: { kind: MeshService, name: web, namespace: shop, sectionName: "80" }
      default:
        http:
          numRetries: 2
          perTryTimeout: 1s
          backOff: { baseInterval: 100ms, maxInterval: 1s }
          retryOn: [5XX, ConnectFailure]
---
apiVersion: kuma.io/v1alpha1
kind: MeshHTTPRoute
metadata: { name: web-80, namespace: shop, labels: { kuma.io/mesh: default } }
spec:
  to:
    - targetRef: { kind: MeshService, name: web, namespace: shop, sectionName: "80" }
      rules:
        - matches: [{ path: { type: PathPrefix, value: / } }]
          default:
            backendRefs:
              - { kind: MeshService, name: web-v1, namespace: shop, port: 80, weight: 90 }
              - { kind: MeshService, name: web-v2, namespace: shop, port: 80, weight: 10 }
`),
    )
  })

  test('weights divide requests, whether a port goes by its name, its number or an old tag', () => {
    const targets = [
      '{ kind: MeshService, name: web, sectionName: http }',
      '{ kind: MeshService, name: web, namespace: shop, sectionName: "80" }',
      '{ kind: MeshService, name: web_shop_svc_80 }',
    ]
    for (const target of targets)
      expect(shares(route(split(3, 1), { target }))).toEqual({ 'web-v1': 0.75, 'web-v2': 0.25 })
  })

  test('a backend without weight, or that does not exist, leaves its share to the others', () => {
    expect(shares(route(split(1, 0)))).toEqual({ 'web-v1': 1 })
    expect(shares(route(split(3, 1).replace('web-v2', 'gone')))).toEqual({ 'web-v1': 1 })
  })

  test('a rule that is left with no backend is left out, and what no rule takes goes to the Service', () => {
    expect(shares(route(split(0, 0)))).toEqual({ web: 1 })
    const beta = `
        - matches: [{ headers: [{ name: x-beta, type: Present }] }]
          default: { backendRefs: [{ kind: MeshService, name: web-v2, port: 80 }] }`
    expect(shares(route(beta), { headers: { 'x-beta': '' } })).toEqual({ 'web-v2': 1 })
    expect(shares(route(beta))).toEqual({ web: 1 })
  })

  test('traffic to a Service that does not exist is refused before anything is written', () => {
    const gone = traffic({ name: 'default', matches: [], backends: [to('web-v1', 9), to('gone', 1)] })
    expect(checkTraffic(gone, kuma, services)).toMatchObject([
      { code: 'AP2101', message: expect.stringContaining('a backend that does not exist') },
    ])
    const idle = traffic({ name: 'default', matches: [], backends: [to('web-v1', 9), to('gone', 0)] })
    expect(checkTraffic(idle, kuma, services)).toEqual([])
  })

  test('a delay is refused with the reason', () => {
    const slow: TrafficRule = {
      name: 'default',
      matches: [],
      backends: [to('web-v1', 1)],
      fault: { delay: { duration: 1000, percent: 10 } },
    }
    expect(checkTraffic(traffic(slow), kuma, services)).toMatchObject([
      { message: expect.stringContaining('acts on pods by their labels') },
    ])
  })

  test('how an expression for the path ranks beside a prefix is not claimed to be known', () => {
    const rules = `
        - matches: [{ path: { type: RegularExpression, value: "/a.*" } }]
          default: { backendRefs: [{ kind: MeshService, name: web-v2, port: 80 }] }${split(1, 0)}`
    expect(kuma.route({ ...request, path: '/abc' }, route(rules), services).unfollowed).toMatchObject([
      { path: ['spec', 'to', 0, 'rules', 0, 'matches'] },
    ])
    expect(kuma.route({ ...request, path: '/b' }, route(rules), services).unfollowed).toBeUndefined()
  })

  test('a route of another namespace is for the callers there', () => {
    const consumer = route(split(0, 1).replaceAll('name: web-v', 'namespace: shop, name: web-v'), {
      namespace: 'pay',
      target: '{ kind: MeshService, name: web, namespace: shop, sectionName: http }',
    })
    expect(kuma.route({ ...request, from: 'shop' }, consumer, services)).toMatchObject({ rule: null })
    expect(kuma.route({ ...request, from: 'shop' }, consumer, services).unfollowed).toBeUndefined()
    const followed = kuma.route({ ...request, from: 'pay' }, consumer, services)
    expect(followed).toMatchObject({ rule: '0', outcomes: [{ share: 1, service: { name: 'web-v2' } }] })
    expect(followed.unfollowed).toBeUndefined()
    expect(kuma.observe(consumer, apex, services).problems).toMatchObject([{ code: 'AP2121', decisive: true }])
  })

  test.each([
    ['a header in upper case', '{ matches: [{ headers: [{ name: X-Beta, type: Present }] }], default: {} }', 'name'],
    ['a relative path', '{ matches: [{ path: { type: Exact, value: a } }], default: {} }', 'value'],
    ['a filter without its field', '{ matches: [{}], default: { filters: [{ type: URLRewrite }] } }', 0],
    ['a rule without matches', '{ default: {} }', 0],
    ['a field that there is not', '{ matches: [{}], default: {}, timeout: 1s }', 'timeout'],
  ])('%s is refused', (_what, rule, field) => {
    const [object] = route(`[${rule}]`)
    const problems = object === undefined ? [] : kuma.reading.validate(object)
    expect(problems.map(({ path }) => path.at(-1))).toEqual([field])
  })
})
