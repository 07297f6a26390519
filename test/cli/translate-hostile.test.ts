import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'

/** One object of every kind that is read, with the fields that are looked at. */
const seeds: readonly object[] = [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web' },
    spec: {
      hosts: ['web'],
      gateways: ['mesh'],
      http: [
        {
          name: 'a',
          match: [{ uri: { regex: '/a' }, headers: { x: { exact: '1' } }, queryParams: { q: {} }, port: 80 }],
          route: [{ destination: { host: 'web', subset: 'v1', port: { number: 80 } }, weight: 1 }],
          timeout: '5s',
          retries: { attempts: 2, retryOn: '5xx', perTryTimeout: '1s' },
          fault: { abort: { percentage: { value: 10 }, httpStatus: 503 } },
          mirror: { host: 'shadow', subset: 'v2' },
          headers: { request: { set: { x: 'y' } } },
          rewrite: { uriRegexRewrite: { match: '^/(.*)$', rewrite: '/b\\1' } },
        },
      ],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web' },
    spec: { host: 'web', subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'api', annotations: { 'retry.linkerd.io/http': '5xx' } },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'api', port: 80 }],
      rules: [
        {
          matches: [{ path: { type: 'Exact', value: '/a' }, headers: [{ name: 'x', value: '1' }], method: 'GET' }],
          filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'a', port: 80 } } }],
          backendRefs: [{ name: 'a', port: 80, weight: 1 }],
          timeouts: { request: '5s', backendRequest: '1s' },
        },
      ],
    },
  },
  {
    apiVersion: 'split.smi-spec.io/v1alpha4',
    kind: 'TrafficSplit',
    metadata: { name: 'shop' },
    spec: {
      service: 'shop',
      matches: [{ kind: 'HTTPRouteGroup', name: 'g' }],
      backends: [{ service: 'a', weight: 1 }],
    },
  },
  {
    apiVersion: 'specs.smi-spec.io/v1alpha4',
    kind: 'HTTPRouteGroup',
    metadata: { name: 'g' },
    spec: { matches: [{ name: 'm', pathRegex: '/a', methods: ['GET'], headers: [{ x: 'y' }] }] },
  },
  {
    apiVersion: 'linkerd.io/v1alpha2',
    kind: 'ServiceProfile',
    metadata: { name: 'pay.default.svc.cluster.local' },
    spec: { dstOverrides: [{ authority: 'a.default.svc.cluster.local', weight: '1' }] },
  },
  ...['MeshTimeout', 'MeshRetry'].map((kind) => ({
    apiVersion: 'kuma.io/v1alpha1',
    kind,
    metadata: { name: 'shop-80' },
    spec: {
      to: [
        {
          targetRef: { kind: 'MeshService', name: 'shop' },
          default: { http: kind === 'MeshRetry' ? { numRetries: 2, retryOn: ['5XX'] } : { requestTimeout: '1s' } },
        },
      ],
    },
  })),
  {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshHTTPRoute',
    metadata: { name: 'shop-80' },
    spec: {
      to: [
        {
          targetRef: { kind: 'MeshService', name: 'shop', sectionName: '80' },
          rules: [
            {
              matches: [{ path: { type: 'Exact', value: '/a' }, headers: [{ name: 'x', type: 'Present' }] }],
              default: {
                filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'b' } }],
                backendRefs: [{ kind: 'MeshService', name: 'a', port: 80, weight: 1 }],
              },
            },
          ],
        },
      ],
    },
  },
  ...Object.entries({
    MeshCircuitBreaker: {
      connectionLimits: { maxRequests: 5 },
      outlierDetection: { interval: '1s', detectors: { totalFailures: { consecutive: 5 } } },
    },
    MeshLoadBalancingStrategy: {
      hashPolicies: [{ type: 'Cookie', cookie: { name: 'sid', ttl: '1h' } }],
      loadBalancer: { type: 'Maglev', maglev: { tableSize: 5 } },
    },
  }).map(([kind, conf]) => ({
    apiVersion: 'kuma.io/v1alpha1',
    kind,
    metadata: { name: 'shop' },
    spec: { to: [{ targetRef: { kind: 'MeshService', name: 'shop' }, default: conf }] },
  })),
  ...Object.entries({
    MeshTrafficPermission: {
      allow: [{ spiffeID: { type: 'Exact', value: 'spiffe://a/ns/default/sa/b' } }],
      deny: [{ spiffeID: { type: 'Prefix', value: 'spiffe://' } }],
    },
    MeshTLS: { mode: 'Strict' },
    MeshRateLimit: { local: { http: { requestRate: { num: 5, interval: '1s' }, onRateLimit: { status: 429 } } } },
  }).map(([kind, conf]) => ({
    apiVersion: 'kuma.io/v1alpha1',
    kind,
    metadata: { name: 'shop' },
    spec: { targetRef: { kind: 'Dataplane', labels: { a: 'b' } }, rules: [{ default: conf }] },
  })),
  {
    apiVersion: 'mesh-autopilot.dev/v1',
    kind: 'TrafficSplit',
    metadata: { name: 'neutral' },
    spec: {
      service: 'neutral',
      ports: [80],
      matches: [{ path: { exact: '/a' } }],
      backends: [{ service: 'a', weight: 1 }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { a: 'b' }, ports: [{ name: 'http', port: 80 }] },
  },
]

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e300,
    0.5,
    '',
    'a',
    '/',
    '(',
    [],
    {},
    [null],
    [[]],
    { a: 1 },
    '__proto__',
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** The object with one value, wherever it stands, replaced by another. */
function damaged(value: unknown, at: number, by: unknown): unknown {
  let left = at
  const walk = (node: unknown): unknown => {
    left -= 1
    if (left === -1) return by
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item)]))
  }
  return walk(value)
}

const objects = fc
  .array(fc.tuple(fc.nat(seeds.length - 1), fc.nat(40), strange), { maxLength: 2 })
  .map((damages) =>
    damages.reduce<readonly unknown[]>(
      (all, [which, at, by]) => all.map((one, index) => (index === which ? damaged(one, at, by) : one)),
      seeds,
    ),
  )

for (const { name: mesh } of builtInMeshes) {
  test.prop([objects], { numRuns: 34 })(
    `whatever stands in the objects, every line on stderr is a diagnostic and no call for ${mesh} crashes`,
    async (documents) => {
      const text = documents.map((one) => JSON.stringify(one)).join('\n---\n')
      for (const host of ['web', 'api', 'shop', 'pay']) {
        const args = ['route', '--mesh', mesh, '-f', '-', '--request', `GET http://${host}/a?q=1`, '-H', 'x: 1']
        const { code, stderr } = await callAp(args, text)
        expect(stderr).toMatch(
          code === 0 ? /^(stdin:\d+:\d+ AP2252 .*\n)*$/ : /^(stdin:\d+:\d+ AP\d{4} .*\n|AP\d{4} .*\n)+$/,
        )
      }
      const { code, stderr } = await callAp(['translate', '--to', mesh, '-f', '-', '--partial'], text)
      expect([0, 1]).toContain(code)
      expect(stderr).toMatch(/^(stdin:\d+:\d+ AP\d{4} .*\n|AP\d{4} .*\n)*$/)
    },
  )
}
