import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'
import { gatewayApi, gatewayApiExperimental, linkerd } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const v1 = { namespace: 'shop', name: 'web-v1' }
const services: ServiceDirectory = { ports: () => [80] }
const get: MeshRequest = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {} }
const retries: Retries = { attempts: 3, conditions: ['502', '503'], perTryTimeout: 500, backoff: 25 }

function traffic(treatment: Treatment, protocol?: 'grpc'): ServiceTraffic {
  const last = { name: 'default', matches: [], backends: [{ service: v1, port: 80, weight: 1 }], ...treatment }
  return { service: apex, ports: [{ port: 80, ...(protocol && { protocol }), rules: [last] }] }
}

function refusals(adapter: MeshAdapter, asked: ServiceTraffic): string[] {
  return checkTraffic(asked, adapter, services).map(({ message, remedy }) => `${message}. ${remedy}`)
}

describe('retries of the Experimental channel of the Gateway API', () => {
  test('are `retry` of the rule, and a bound for each attempt is backendRequest', () => {
    const [object] = gatewayApiExperimental.translate(traffic({ timeout: 2000, retries }))
    expect(object?.spec).toMatchObject({
      rules: [
        parse(`
          backendRefs: [{ name: web-v1, port: 80, weight: 1 }]
          timeouts: { request: 2s, backendRequest: 500ms }
          retry: { codes: [502, 503], attempts: 3, backoff: 25ms }
        `),
      ],
    })
    expect(gatewayApiExperimental.route(get, [object as KubeObject], services)).toMatchObject({
      timeout: 2000,
      retries: { attempts: 3, on: ['502', '503'], perTryTimeout: 500, backoff: 25 },
    })
  })

  test('a bound for each attempt that the timeout comes before is left out, as the schema refuses it', () => {
    const [object] = gatewayApiExperimental.translate(traffic({ timeout: 500, retries }))
    expect(object?.spec).toMatchObject({ rules: [{ timeouts: { request: '500ms' } }] })
    expect(JSON.stringify(object)).not.toContain('backendRequest')
  })

  test.each<[string, Retries, RegExp]>([
    ['a class of answers', { attempts: 1, conditions: ['5xx'] }, /List the codes: 500, 502, 503 and 504/],
    ['broken connections', { attempts: 1, conditions: ['connect-failure'] }, /List status codes alone/],
    ['the status of calls', { attempts: 1, conditions: ['unavailable'] }, /status codes of HTTP/],
    ['none', { attempts: 0, conditions: [] }, /no word for none/],
  ])('%s cannot be said and is refused', (_what, asked, reason) => {
    expect(refusals(gatewayApiExperimental, traffic({ retries: asked }))).toEqual([expect.stringMatching(reason)])
  })

  test('calls of a GRPCRoute have none', () => {
    expect(refusals(gatewayApiExperimental, traffic({ retries }, 'grpc')).join()).toContain(
      'a GRPCRoute has no retries',
    )
  })

  test('the Standard channel, and v1.1, have none at all, and what to install is said', () => {
    expect(refusals(gatewayApi, traffic({ retries }))[0]).toContain('install the Experimental channel of v1.2')
    const annotations = { 'bundle-version': 'v1.1.0', channel: 'experimental' }
    const installed = { versions: {}, annotations: { 'httproutes.gateway.networking.k8s.io': prefixed(annotations) } }
    const old = gatewayApiProvider.create({ clusterDomain: 'cluster.local', apiVersions: {}, installed })
    expect(refusals(old, traffic({ retries }))[0]).toContain('the installed HTTPRoutes have no retries')
  })

  test.each<[string, object, unknown, readonly string[]]>([
    ['without codes', { attempts: 2 }, undefined, ['spec', 'rules', '0', 'retry', 'codes']],
    ['without attempts', { codes: [503] }, undefined, ['spec', 'rules', '0', 'retry', 'attempts']],
    ['empty', {}, undefined, ['spec', 'rules', '0', 'retry', 'attempts']],
    ['with codes and attempts', { codes: [503], attempts: 1 }, { attempts: 1, conditions: ['503'] }, []],
    ['of no attempts, as CRDs before v1.6 take it', { attempts: 0 }, { attempts: 0, conditions: [] }, []],
  ])('a `retry` of others, %s, is read as far as it means the same everywhere', (_what, retry, read, unread) => {
    const object = routeWith({ retry })
    const { traffic: seen, problems } = gatewayApi.observe([object], apex, services)
    expect(seen?.ports[0]?.rules[0]?.retries).toEqual(read)
    const decision = gatewayApi.route(get, [object], services)
    const expected = unread.length === 0 ? [] : [unread]
    expect(problems.map(({ place }) => place?.path.map(String))).toEqual(expected)
    expect((decision.unfollowed ?? []).map(({ path }) => path.map(String))).toEqual(expected)
  })

  test('backendRequest without retries is a bound of its own, which the neutral model has no word for', () => {
    const object = routeWith({ timeouts: { backendRequest: '1s' } })
    expect(gatewayApi.observe([object], apex, services).problems).toHaveLength(1)
    expect(gatewayApi.route(get, [object], services)).toMatchObject({ backendTimeout: 1000 })
  })

  test('Linkerd takes no notice of the field, writes annotations instead, and says so where others wrote it', () => {
    const [written] = linkerd.translate(traffic({ retries: { attempts: 3, conditions: ['503'], perTryTimeout: 500 } }))
    expect(JSON.stringify(written?.spec)).not.toMatch(/retry|backendRequest/)
    const { traffic: seen, problems } = linkerd.observe(
      [routeWith({ retry: { codes: [503], attempts: 1 } })],
      apex,
      services,
    )
    expect(seen?.ports[0]?.rules[0]).not.toHaveProperty('retries')
    expect(problems.map(({ message }) => message).join()).toContain('rules.retry')
  })

  test.each<[object, string]>([
    [{ codes: [200], attempts: 1 }, 'codes'],
    [{ codes: [503, 503], attempts: 1 }, 'codes'],
    [{ attempts: 0 }, 'attempts'],
    [{ backoff: '1.5s' }, 'backoff'],
    [{ on: ['5xx'] }, 'on'],
  ])('%o is refused as the schema refuses it', (retry, field) => {
    expect(gatewayApi.reading.validate(routeWith({ retry }))).toMatchObject([
      { path: expect.arrayContaining(['retry', field]) },
    ])
  })
})

function prefixed(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`gateway.networking.k8s.io/${name}`, value]),
  )
}

function routeWith(fields: object): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }],
      rules: [{ backendRefs: [{ name: 'web-v1', port: 80 }], ...fields }],
    },
  }
}
