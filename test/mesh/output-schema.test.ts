import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import schema from '../../schemas/outputs.schema.json' with { type: 'json' }
import { mergePolicies } from '../../src/mesh/access-merge.ts'
import { mergeTraffic } from '../../src/mesh/merge.ts'
import { type NeutralOutputs, outputKinds } from '../../src/mesh/outputs.ts'

const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(schema)
const services = { ports: () => [80] }

/** Whether workers may emit this, by the schema and by the reader. */
function judge(outputs: unknown): { readonly schema: boolean; readonly reader: boolean } {
  const request = { source: 'A shop/a', namespace: 'shop', outputs: outputs as NeutralOutputs }
  const problems = [...mergeTraffic([request], services).diagnostics, ...mergePolicies([request]).diagnostics]
  return { schema: validate(outputs), reader: problems.length === 0 }
}

const backends = [{ service: 'web-v1', weight: 1 }]
const split = (changes: object) => ({ trafficsplits: [{ name: 'a', service: 'web', backends, ...changes }] })
const retry = (changes: object) => ({ retrypolicies: [{ name: 'a', service: 'web', ...changes }] })
const fault = (changes: object) => ({ faultinjections: [{ name: 'a', service: 'web', ...changes }] })
const mirror = (changes: object) => ({ trafficmirrors: [{ name: 'a', service: 'web', to: 'b', ...changes }] })
const headers = (changes: object) => ({ headerpolicies: [{ name: 'a', service: 'web', ...changes }] })
const affinity = (changes: object) => ({ sessionaffinities: [{ name: 'a', service: 'web', ...changes }] })
const breaker = (changes: object) => ({ circuitbreakers: [{ name: 'a', service: 'web', ...changes }] })
const limit = (changes: object) => ({ ratelimits: [{ name: 'a', service: 'web', ...changes }] })
const account = (name: string, changes: object = {}) => ({ kind: 'ServiceAccount', name, ...changes })
const target = (changes: object) => ({
  traffictargets: [{ name: 'a', destination: account('web'), sources: [account('client')], ...changes }],
})
const mtls = (changes: object) => ({ mtlspolicies: [{ name: 'a', mode: 'strict', ...changes }] })
const matched = (match: object) => split({ matches: [match] })

describe('the schema of outputs in schemas/outputs.schema.json', () => {
  test('knows every output', () => {
    expect(Object.keys(schema.properties)).toEqual(Object.keys(outputKinds))
  })

  test.each<[string, object]>([
    ['nothing', {}],
    ['a split', split({ namespace: 'shop', ports: [80] })],
    ['a split of a route', split({ attachTo: { kind: 'VirtualService', name: 'web.shop', rules: ['main', 0] } })],
    [
      'conditions of every kind',
      matched({
        path: { prefixPath: '/a' },
        methods: ['GET'],
        headers: [{ name: 'x', absent: true }],
        cookies: [{ name: 'c', exact: '' }],
        queryParams: [{ name: 'q', regex: 'a+' }],
      }),
    ],
    ['a service and a method of gRPC', matched({ grpc: { service: 'shop.Cart', method: 'Add' } })],
    ['a method of gRPC with a header', matched({ grpc: { method: 'Add' }, headers: [{ name: 'x', exact: '1' }] })],
    ['a call that fails', fault({ abort: { grpcStatus: 14, percent: 5 } })],
    ['conditions in the words of SMI', matched({ pathRegex: '/a', methods: ['*'], headers: [{ 'x-a': 'b.*' }] })],
    [
      'a group and who uses it',
      {
        ...matched({ kind: 'HTTPRouteGroup', name: 'g', matches: ['m'] }),
        httproutegroups: [{ name: 'g', matches: [{ name: 'm', methods: ['GET'] }] }],
      },
    ],
    ['a timeout', retry({ timeout: 500 })],
    ['retries', retry({ retries: { attempts: 2, conditions: ['5xx', 429, '503'], perTryTimeout: 1, backoff: 1 } })],
    ['retries of gRPC calls', retry({ retries: { attempts: 1, conditions: ['unavailable', 'deadline-exceeded'] } })],
    ['no retries', retry({ retries: { attempts: 0 } })],
    ['an abort and a delay', fault({ abort: { status: 200, percent: 0.5 }, delay: { duration: 1, percent: 100 } })],
    ['copies', mirror({ port: 80, percent: 0 })],
    [
      'changed headers and a rewrite',
      headers({ request: { set: { 'X-A': 'b' } }, response: { remove: ['x'] }, rewrite: { path: '/', host: 'a.b' } }),
    ],
    ['a redirect', headers({ redirect: { scheme: 'https', host: 'a', port: 1, path: '/b', status: 308 } })],
    ['an affinity by cookie', affinity({ by: { cookie: { name: 'sid', ttl: 1500, path: '/a' } } })],
    ['an affinity by header', affinity({ by: { header: 'X-User' } })],
    ['an affinity by address', affinity({ by: 'sourceIp' })],
    ['a version that is remembered', affinity({ versionCookie: { name: 'v', ttl: 60_000, backends: ['web-v2'] } })],
    ['a breaker', breaker({ consecutiveErrors: 5, interval: 1, ejectionTime: 30_000, maxEjectionPercent: 100 })],
    ['limits', breaker({ maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRequestsPerConnection: 4 })],
    ['a rate limit', limit({ requestsPerSecond: 100, perClient: 10 })],
    ['access to everything', target({ namespace: 'shop', sources: [account('a.b', { namespace: 'ops' })] })],
    [
      'access for some requests by a group and by a match',
      {
        ...target({ ports: [8080], rules: [{ kind: 'HTTPRouteGroup', name: 'g' }, { path: { prefixPath: '/a' } }] }),
        httproutegroups: [{ name: 'g', matches: [{ name: 'm', methods: ['GET'] }] }],
      },
    ],
    [
      'access to some ports by TCPRoutes, for some requests',
      {
        ...target({ rules: [{ kind: 'TCPRoute', name: 'a' }, { methods: ['GET'] }, { kind: 'TCPRoute', name: 'b' }] }),
        tcproutes: [
          { name: 'a', matches: { ports: [80] } },
          { name: 'b', matches: { ports: [81] } },
        ],
      },
    ],
    ['mutual TLS of a namespace', mtls({})],
    ['mutual TLS of some pods', mtls({ workload: { labels: { 'a.b/app': 'web' } }, ports: { 8080: 'permissive' } })],
  ])('takes %s, as the reader does', (_what, outputs) => {
    expect(judge(outputs)).toEqual({ schema: true, reader: true })
  })

  test.each<[string, object]>([
    ['an output nobody knows', { trafficsplit: [], ...split({ backends: [] }) }],
    ['a split without backends', split({ backends: [] })],
    ['a route of no kind', split({ attachTo: { kind: 'Ingress', name: 'web' } })],
    ['a route without a name', split({ attachTo: { kind: 'HTTPRoute' } })],
    ['no rule of a route', split({ attachTo: { kind: 'HTTPRoute', name: 'web', rules: [] } })],
    ['a rule before the first', split({ attachTo: { kind: 'HTTPRoute', name: 'web', rules: [-1] } })],
    ['one rule twice', split({ attachTo: { kind: 'HTTPRoute', name: 'web', rules: ['a', 'a'] } })],
    ['a route and matches', split({ attachTo: { kind: 'HTTPRoute', name: 'web' }, matches: [{ methods: ['GET'] }] })],
    ['a route and ports', split({ attachTo: { kind: 'HTTPRoute', name: 'web' }, ports: [80] })],
    ['a weight in parts', split({ backends: [{ service: 'a', weight: 0.5 }] })],
    ['a condition of two kinds', matched({ path: { exact: '/a', regex: '/a' } })],
    ['a match without a condition', matched({})],
    ['a call and a path', matched({ grpc: { service: 'shop.Cart' }, path: { exact: '/a' } })],
    ['a call of nothing', matched({ grpc: {} })],
    ['a path in place of a service', matched({ grpc: { service: '/shop.Cart' } })],
    ['a call that fails with no failure', fault({ abort: { grpcStatus: 0, percent: 5 } })],
    ['a call that fails in two ways', fault({ abort: { grpcStatus: 14, status: 503, percent: 5 } })],
    ['a group without a name', { httproutegroups: [{ matches: [{ name: 'm', methods: ['GET'] }] }] }],
    ['a policy without a service', { faultinjections: [{ name: 'a', abort: { status: 500, percent: 1 } }] }],
    ['a policy that asks for nothing', retry({})],
    ['a time as text', retry({ timeout: '1s' })],
    ['attempts for no reason', retry({ retries: { attempts: 1 } })],
    ['no attempts and a reason', retry({ retries: { attempts: 0, conditions: ['5xx'] } })],
    ['a status that Envoy refuses', fault({ abort: { status: 600, percent: 1 } })],
    ['more than all requests', fault({ delay: { duration: 1, percent: 101 } })],
    ['copies to nowhere', mirror({ to: 'a.b' })],
    ['a command of Envoy', headers({ request: { set: { x: '%A%' } } })],
    ['a redirect and a rewrite', headers({ redirect: { path: '/' }, rewrite: { path: '/' } })],
    ['a redirect to where one is', headers({ redirect: { status: 301 } })],
    ['an affinity to nothing', affinity({})],
    ['an affinity to a pod and a version', affinity({ by: 'sourceIp', versionCookie: { name: 'v' } })],
    ['an affinity by two things', affinity({ by: { header: 'a', queryParameter: 'b' } })],
    ['an affinity for some ports', affinity({ by: 'sourceIp', ports: [80] })],
    ['a cookie with a space in its name', affinity({ by: { cookie: { name: 'a b' } } })],
    ['a path with a semicolon', affinity({ by: { cookie: { name: 'a', path: '/;Secure' } } })],
    ['a version cookie for parts of seconds', affinity({ versionCookie: { name: 'v', ttl: 1500 } })],
    ['a version cookie for nobody', affinity({ versionCookie: { name: 'v', backends: [] } })],
    ['a breaker that asks for nothing', breaker({})],
    ['an ejection time without errors', breaker({ ejectionTime: 1, maxRequests: 1 })],
    ['no connections', breaker({ maxConnections: 0 })],
    ['a rate limit without a rate', limit({ perClient: 1 })],
    ['half a request', limit({ requestsPerSecond: 0.5 })],
    ['access to a Service', target({ destination: { kind: 'Service', name: 'web' } })],
    ['access of nobody', target({ sources: [] })],
    ['access to a long name', target({ destination: account('a'.repeat(57)) })],
    ['access by ports and a TCPRoute', target({ ports: [80], rules: [{ kind: 'TCPRoute', name: 'a' }] })],
    ['access by a part of a TCPRoute', target({ rules: [{ kind: 'TCPRoute', name: 'a', matches: ['b'] }] })],
    ['access to no request', target({ rules: [] })],
    ['mutual TLS of another mode', mtls({ mode: 'STRICT' })],
    ['mutual TLS without a mode', { mtlspolicies: [{ name: 'a' }] }],
    ['mutual TLS by port of a whole namespace', mtls({ ports: { 8080: 'disable' } })],
    ['mutual TLS of pods without labels', mtls({ workload: { labels: {} } })],
    ['mutual TLS of a port by its name', mtls({ workload: { labels: { a: 'b' } }, ports: { http: 'strict' } })],
  ])('refuses %s, as the reader does', (_what, outputs) => {
    expect(judge(outputs)).toEqual({ schema: false, reader: false })
  })
})
