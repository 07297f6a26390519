import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'
import type { Redirect, Treatment } from '../../src/mesh/treatment.ts'
import { gatewayApi, istio, linkerd, smi } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const v1 = { namespace: 'shop', name: 'web-v1' }
const shadow = { namespace: 'shop', name: 'shadow' }
const services: ServiceDirectory = { ports: ({ name }) => (['gone', 'fault-500'].includes(name) ? undefined : [80]) }

const everything: Treatment = {
  timeout: 90_500,
  retries: { attempts: 3, conditions: ['503', 'connect-failure'], perTryTimeout: 500, backoff: 25 },
  fault: { abort: { status: 503, percent: 0.5 }, delay: { duration: 7000, percent: 100 } },
  mirrors: [{ service: shadow, port: 8080, percent: 12.5 }],
  requestHeaders: { set: { 'X-Env': 'test' }, remove: ['x-debug'] },
  responseHeaders: { add: { via: 'mesh' } },
  rewrite: { host: 'old.example.com', path: '/v1' },
}

function traffic(treatment: Treatment, ...rules: TrafficRule[]): ServiceTraffic {
  const last = { name: 'default', matches: [], backends: [{ service: v1, port: 80, weight: 1 }], ...treatment }
  return { service: apex, ports: [{ port: 80, rules: [...rules, last] }] }
}

function codes(adapter: MeshAdapter, treatment: Treatment): string[] {
  return checkTraffic(traffic(treatment), adapter, services).map(({ code, message }) => `${code} ${message}`)
}

const get: MeshRequest = { service: apex, port: 80, method: 'GET', path: '/a', headers: {}, query: {} }

describe('on Istio', () => {
  const rule = (object: KubeObject | undefined) => parse(JSON.stringify(object?.spec)).http[0]

  test('a rule carries all of it, in fields of its route', () => {
    expect(rule(istio.translate(traffic(everything))[0])).toEqual(
      parse(`
        name: default
        match: [{ port: 80 }]
        timeout: 1m30s500ms
        retries: { attempts: 3, retryOn: '503,connect-failure', perTryTimeout: 500ms, backoff: 25ms }
        fault:
          delay: { percentage: { value: 100 }, fixedDelay: 7s }
          abort: { percentage: { value: 0.5 }, httpStatus: 503 }
        mirrors:
          - destination: { host: shadow.shop.svc.cluster.local, port: { number: 8080 } }
            percentage: { value: 12.5 }
        headers:
          request: { set: { x-env: test }, remove: [x-debug] }
          response: { add: { via: mesh } }
        rewrite: { authority: old.example.com, uriRegexRewrite: { match: '^/.*$', rewrite: /v1 } }
        route: [{ destination: { host: web-v1.shop.svc.cluster.local, port: { number: 80 } }, weight: 1 }]
      `),
    )
  })

  test('retries are turned off by asking for none, and left to the mesh otherwise', () => {
    expect(rule(istio.translate(traffic({ retries: { attempts: 0, conditions: [] } }))[0]).retries).toEqual({
      attempts: 0,
    })
    expect(rule(istio.translate(traffic({ timeout: 1000 }))[0])).not.toHaveProperty('retries')
  })

  test('a redirect has neither destinations nor anything else, and says which port it means', () => {
    const [object] = istio.translate(traffic({ timeout: 1, redirect: { path: '/new', status: 301 } }))
    expect(rule(object)).toEqual({
      name: 'default',
      match: [{ port: 80 }],
      redirect: { derivePort: 'FROM_REQUEST_PORT', uri: '/new', redirectCode: 301 },
    })
    expect(istio.route({ ...get, query: { q: '1' } }, [object as KubeObject], services)).toEqual({
      rule: 'default',
      outcomes: [{ share: 1, status: 301, reason: 'the rule redirects' }],
      location: 'http://web/new?q=1',
    })
  })

  const route = (fields: object) =>
    istio.route(get, [virtualService({ ...fields, route: [{ destination: { host: 'web-v1' } }] })], services)

  test.each<[string, object, object]>([
    ['a fault without a share concerns nobody', { fault: { abort: { httpStatus: 500 } } }, {}],
    [
      'a delay may have its share as a whole number',
      { fault: { delay: { percent: 5, fixedDelay: '1.5s' } } },
      { delays: [{ percent: 5, duration: 1500 }] },
    ],
    [
      'a copy without a share is of every request',
      { mirror: { host: 'shadow' } },
      { mirrors: [{ service: shadow, port: 80, percent: 100 }] },
    ],
    ['a copy for nobody', { mirrors: [{ destination: { host: 'gone' } }] }, {}],
    [
      'retries say what for, or pilot does',
      { retries: { attempts: 1 } },
      { retries: { attempts: 1, on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'] } },
    ],
    ['no attempts are no retries', { retries: { attempts: 0 } }, {}],
    ['a timeout of nothing is none', { timeout: '0s' }, {}],
    [
      'uri takes the place of the / where no path is asked for',
      { rewrite: { uri: '/x/' } },
      { rewrite: { path: '/x/a' } },
    ],
    [
      'uri takes the place of a matched prefix',
      { match: [{ uri: { prefix: '/a' } }], rewrite: { uri: '/x' } },
      { rewrite: { path: '/x' } },
    ],
    [
      'an expression rewrites what it takes',
      { rewrite: { uriRegexRewrite: { match: '^/(.)', rewrite: '/\\1/\\1' } } },
      { rewrite: { path: '/a/a' } },
    ],
    [
      'a redirect to a host leaves the port out',
      { redirect: { authority: 'x.com', scheme: 'https' } },
      { location: 'https://x.com/a' },
    ],
    [
      'a redirect to another scheme leaves port 80 out',
      { redirect: { scheme: 'https', derivePort: 'FROM_PROTOCOL_DEFAULT' } },
      { location: 'https://web/a' },
    ],
    [
      'a redirect may have the port in the host',
      { redirect: { authority: 'x.com:81' } },
      { location: 'http://x.com:81/a' },
    ],
  ])('%s', (_rule, fields, facts) => {
    const { rule: _name, outcomes, ...rest } = route(fields)
    expect(rest).toEqual(facts)
    expect(outcomes).toHaveLength(1)
  })
})

describe('a redirect to the own port of a scheme', () => {
  const ports = { ports: () => [8080] }
  const rules = (redirect: Redirect): ServiceTraffic => ({
    service: apex,
    ports: [{ port: 8080, rules: [{ name: 'default', matches: [], backends: [], redirect }] }],
  })

  test.each([
    ['istio', istio],
    ['gateway-api', gatewayApi],
  ])('is refused on %s where the host stays, since Envoy leaves the port of the request in it', (name, adapter) => {
    const kept = rules({ scheme: 'https', status: 302 })
    expect(adapter.route({ ...get, port: 8080 }, adapter.translate(kept), ports).location).toBe('https://web:8080/a')
    expect(checkTraffic(kept, adapter, ports)).toMatchObject([
      {
        code: 'AP2101',
        message: expect.stringContaining(`${name} cannot carry a redirect to the own port of a scheme`),
      },
    ])
    const named = rules({ scheme: 'https', host: 'web.example.com', status: 302 })
    expect(checkTraffic(named, adapter, ports)).toEqual([])
    expect(adapter.route({ ...get, port: 8080 }, adapter.translate(named), ports).location).toBe(
      'https://web.example.com/a',
    )
  })
})

describe('on the Gateway API', () => {
  test('filters and timeouts carry what it has', () => {
    const { retries, fault, ...rest } = everything
    const [object] = gatewayApi.translate(traffic(rest))
    expect(object?.spec).toEqual(
      parse(`
        parentRefs: [{ group: '', kind: Service, name: web, port: 80 }]
        rules:
          - filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: { set: [{ name: x-env, value: test }], remove: [x-debug] }
              - type: ResponseHeaderModifier
                responseHeaderModifier: { add: [{ name: via, value: mesh }] }
              - type: RequestMirror
                requestMirror:
                  backendRef: { name: shadow, port: 8080 }
                  fraction: { numerator: 125000, denominator: 1000000 }
              - type: URLRewrite
                urlRewrite: { hostname: old.example.com, path: { type: ReplaceFullPath, replaceFullPath: /v1 } }
            backendRefs: [{ name: web-v1, port: 80, weight: 1 }]
            timeouts: { request: 1m30s500ms }
      `),
    )
  })

  test('an abort is a backend with its share of the weight, which has to be there', () => {
    const aborted = (status: number) => traffic({ fault: { abort: { status, percent: 20 } } })
    expect(gatewayApi.translate(aborted(503))[0]?.spec).toMatchObject({
      rules: [
        {
          backendRefs: [
            { name: 'web-v1', port: 80, weight: 4 },
            { name: 'fault-503', port: 80, weight: 1 },
          ],
        },
      ],
    })
    expect(checkTraffic(aborted(503), gatewayApi, services)).toEqual([])
    expect(checkTraffic(aborted(500), gatewayApi, services)).toMatchObject([
      {
        code: 'AP2145',
        message: 'a fault on shop/web is a backend on gateway-api, and there is no Service shop/fault-500 with port 80',
      },
    ])
  })

  test('retries, delays and what would concern the aborted requests are refused', () => {
    expect(codes(gatewayApi, everything).map((text) => text.split(':')[0])).toEqual([
      'AP2101 gateway-api cannot carry retries asked of shop/web',
      'AP2101 gateway-api cannot carry a pause before retries asked of shop/web',
      'AP2101 gateway-api cannot carry retries for broken connections asked of shop/web',
      'AP2101 gateway-api cannot carry a fault that delays requests asked of shop/web',
      'AP2101 gateway-api cannot carry an abort together with retries, copies or changed response headers asked of shop/web',
    ])
  })

  test('a bound for one request to a backend is told, and is not in the neutral model', () => {
    const rules = [{ timeouts: { backendRequest: '2s' }, backendRefs: [{ name: 'web-v1', port: 80 }] }]
    const object = httpRoute({ rules })
    expect(gatewayApi.route(get, [object], services)).toMatchObject({ backendTimeout: 2000 })
    expect(gatewayApi.observe([object], apex, services).problems).toMatchObject([{ code: 'AP2121' }])
    // Linkerd validates the field and never reads it.
    expect(linkerd.route(get, [object], services)).not.toHaveProperty('backendTimeout')
  })
})

describe('on Linkerd', () => {
  const retries = { attempts: 2, conditions: ['5xx', '429'], perTryTimeout: 1500 }

  test('retries and timeouts are annotations of the route', () => {
    const [object] = linkerd.translate(traffic({ timeout: 10_000, retries }))
    expect(object?.metadata.annotations).toEqual({
      'retry.linkerd.io/http': '5xx,429',
      'retry.linkerd.io/limit': '2',
      'retry.linkerd.io/timeout': '1500ms',
      'timeout.linkerd.io/request': '10000ms',
    })
    expect(object?.spec).toMatchObject({ rules: [{ timeouts: { request: '10s' } }] })
  })

  test('so all rules of a port need the same retries', () => {
    const other: TrafficRule = {
      name: 'beta',
      matches: [{ methods: ['GET'] }],
      backends: [{ service: apex, port: 80, weight: 1 }],
    }
    const problems = checkTraffic(traffic({ retries }, other), linkerd, services)
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'AP2101 linkerd cannot carry retries, or a timeout of gRPC calls, for some requests of a port only asked of shop/web: its annotations are about all rules of a port',
    ])
    expect(checkTraffic(traffic({ retries }, { ...other, retries }), linkerd, services)).toEqual([])
  })

  test('timeouts that differ are those of the rules, without the annotation that would win over them', () => {
    const slow: TrafficRule = {
      name: 'slow',
      matches: [{ path: { exact: '/slow' } }],
      backends: [{ service: apex, port: 80, weight: 1 }],
      timeout: 30_000,
    }
    const asked = traffic({ retries }, { ...slow, retries })
    expect(checkTraffic(asked, linkerd, services)).toEqual([])
    const objects = linkerd.translate(asked)
    const [object] = objects
    expect(object?.metadata.annotations).not.toHaveProperty(['timeout.linkerd.io/request'])
    expect(object).toMatchObject({ spec: { rules: [{ timeouts: { request: '30s' } }, {}] } })
    expect(linkerd.route({ ...get, path: '/slow' }, objects, services)).toMatchObject({ timeout: 30_000 })
    expect(linkerd.route(get, objects, services)).not.toHaveProperty('timeout')
  })

  test('ranges of codes are read as their codes', () => {
    const object = httpRoute(
      { rules: [{ backendRefs: [{ name: 'web-v1', port: 80 }] }] },
      { 'retry.linkerd.io/http': '500-502' },
    )
    expect(linkerd.route(get, [object], services).retries).toEqual({ attempts: 1, on: ['500', '501', '502'] })
  })

  test('copies and rewrites are refused, as they would drop the whole route', () => {
    const { mirrors, rewrite } = everything
    expect(codes(linkerd, { mirrors: mirrors ?? [], rewrite: rewrite ?? {} })).toHaveLength(3)
  })
})

describe('on SMI', () => {
  test('an abort is a backend of the split', () => {
    const [object] = smi.translate(traffic({ fault: { abort: { status: 404, percent: 50 } } }))
    expect(object?.spec).toEqual({
      service: 'web',
      backends: [
        { service: 'web-v1', weight: 1 },
        { service: 'fault-404', weight: 1 },
      ],
    })
  })

  test('nothing else can be done to requests', () => {
    expect(codes(smi, { timeout: 1 })[0]).toContain('a TrafficSplit divides requests and does nothing else to them')
  })
})

function virtualService({ match, redirect, route, ...rest }: Record<string, unknown>): KubeObject {
  const http = [
    { ...(match !== undefined && { match }), ...rest, ...(redirect === undefined ? { route } : { redirect }) },
  ]
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { hosts: ['web.shop.svc.cluster.local'], http },
  }
}

function httpRoute(spec: object, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'shop', annotations },
    spec: { parentRefs: [{ group: '', kind: 'Service', name: 'web' }], ...spec },
  }
}
