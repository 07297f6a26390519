import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { istioProvider } from '../../adapters/istio/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { WorkloadAccess } from '../../src/mesh/access.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import { type WorkloadDirectory, workloadsAmong } from '../../src/mesh/workloads.ts'
import { documents } from '../support/parsed-objects.ts'
import { istio, smi } from './adapters.ts'

const deployment: KubeObject = parse(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, tier: front } }
    spec:
      serviceAccountName: web
      containers: [{ name: web, ports: [{ containerPort: 8080 }, { containerPort: 9090 }] }]
`)
const workloads: WorkloadDirectory = workloadsAmong([deployment])
const nobodyKnown: WorkloadDirectory = { in: () => [] }

/** `client` may GET what is under /api, on port 8080. */
const access: WorkloadAccess = {
  destination: { namespace: 'shop', serviceAccount: 'web' },
  grants: [
    {
      name: 'api',
      sources: [{ namespace: 'shop', name: 'client' }],
      ports: [8080],
      matches: [{ path: { prefixPath: '/api' }, methods: ['GET'] }],
    },
  ],
}

describe('on Istio', () => {
  test('access is an AuthorizationPolicy for the labels of the pods, on two paths for one prefix by segments', () => {
    expect(istio.access?.translate(access, workloads)).toEqual(
      documents(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  action: ALLOW
  rules:
    - from: [{ source: { serviceAccounts: [shop/client] } }]
      to: [{ operation: { ports: ["8080"], methods: [GET], paths: [/api, /api/*] } }]
`),
    )
  })

  test('sources are principals of the trust domain for an Istio before 1.25', () => {
    const older = istioProvider.create({
      clusterDomain: 'example.org',
      apiVersions: { 'security.istio.io': 'v1beta1' },
    })
    expect(older.access?.translate(access, workloads)).toMatchObject([
      {
        apiVersion: 'security.istio.io/v1beta1',
        spec: { rules: [{ from: [{ source: { principals: ['example.org/ns/shop/sa/client'] } }] }] },
      },
    ])
  })

  test('nobody is let in by a policy without rules', () => {
    expect(istio.access?.translate({ ...access, grants: [] }, workloads)).toMatchObject([
      { spec: { selector: { matchLabels: { app: 'web' } }, action: 'ALLOW' } },
    ])
  })

  test('a ServiceAccount whose pods are not known is refused, with what to do about it', () => {
    expect(checkAccess(access, istio, nobodyKnown)).toMatchObject([
      { code: 'AP2170', remedy: expect.stringContaining('-f') },
    ])
  })

  test('labels that select the pods of another ServiceAccount too are refused', () => {
    const other = structuredClone(deployment)
    Object.assign(other, parse('metadata: { name: api, namespace: shop }'))
    Object.assign(other, {
      spec: parse(`
selector: { matchLabels: { app: web, part: api } }
template: { metadata: { labels: { app: web, part: api } }, spec: { serviceAccountName: api, containers: [] } }
`),
    })
    expect(checkAccess(access, istio, workloadsAmong([deployment, other]))).toMatchObject([
      {
        code: 'AP2171',
        message:
          'istio names pods by their labels, and those of the ServiceAccount shop/web select shop/api too, which runs as api',
      },
    ])
  })

  test.each([
    ['a path expression', { path: { regex: '/[a-z]+' } }, 'access by a path expression'],
    ['a header expression', { headers: [{ name: 'x', regex: 'a|b' }] }, 'access by a header expression'],
    ['a cookie', { cookies: [{ name: 'u', exact: '1' }] }, 'access by cookies'],
    ['a query parameter', { queryParams: [{ name: 'q', exact: '1' }] }, 'access by query parameters'],
    ['a star that means itself', { path: { exact: '/a*' } }, 'access by a path or value with a * in it'],
  ])('%s is refused', (_what, match, feature) => {
    const own = { ...access, grants: access.grants.map((grant) => ({ ...grant, matches: [match] })) }
    expect(checkAccess(own, istio, workloads)).toMatchObject([
      { code: 'AP2101', message: expect.stringContaining(`istio cannot carry ${feature} asked of ServiceAccount`) },
    ])
  })

  test.each([
    ['action: DENY', 'the action DENY', ['spec', 'action']],
    [
      'rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8] } }] }]',
      'from.source.ipBlocks',
      ['spec', 'rules', 0, 'from', 0, 'source', 'ipBlocks'],
    ],
    ['rules: [{ to: [{ operation: { methods: [GET] } }] }]', 'a rule for everybody', ['spec', 'rules', 0]],
    [
      'rules: [{ from: [{ source: { serviceAccounts: [a/b] } }], to: [{ operation: { notPaths: [/x] } }] }]',
      'to.operation.notPaths',
      ['spec', 'rules', 0, 'to', 0, 'operation', 'notPaths'],
    ],
    [
      'rules: [{ from: [{ source: { principals: ["*"] } }] }]',
      'the source *',
      ['spec', 'rules', 0, 'from', 0, 'source', 'principals', 0],
    ],
    [
      'rules: [{ from: [{ source: { serviceAccounts: [a/b] } }], when: [{ key: source.ip, values: [1.2.3.4] }] }]',
      'the condition source.ip',
      ['spec', 'rules', 0, 'when', 0, 'key'],
    ],
  ])('%s is beyond the neutral model, and said to be so at its place', (spec, what, path) => {
    const [policy] = documents(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: web, namespace: shop }
spec: { ${spec} }
`)
    const observed = istio.access?.observe(policy ? [policy] : [], nobodyKnown)
    expect(observed?.accesses).toEqual([])
    expect(observed?.problems).toMatchObject([{ message: expect.stringContaining(what), place: { path } }])
  })
})

describe('on SMI', () => {
  test('access is a TrafficTarget with an HTTPRouteGroup and a TCPRoute', () => {
    expect(smi.access?.translate(access, nobodyKnown)).toEqual(
      documents(`
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: web.api, namespace: shop }
spec: { matches: [{ name: match-1, pathRegex: "/api(/.*)?$", methods: [GET] }] }
---
apiVersion: specs.smi-spec.io/v1alpha4
kind: TCPRoute
metadata: { name: web.api, namespace: shop }
spec: { matches: { ports: [8080] } }
---
apiVersion: access.smi-spec.io/v1alpha3
kind: TrafficTarget
metadata: { name: web.api, namespace: shop }
spec:
  destination: { kind: ServiceAccount, name: web, namespace: shop }
  rules: [{ kind: TCPRoute, name: web.api }, { kind: HTTPRouteGroup, name: web.api }]
  sources: [{ kind: ServiceAccount, name: client, namespace: shop }]
`),
    )
  })

  test('v1alpha1 has its fields beside metadata and the port in the destination', () => {
    const objects = documents(`
kind: TrafficTarget
apiVersion: access.smi-spec.io/v1alpha1
metadata: { name: path-specific, namespace: default }
destination: { kind: ServiceAccount, name: service-a, namespace: default, port: 8080 }
specs: [{ kind: HTTPRouteGroup, name: the-routes, matches: [metrics] }]
sources: [{ kind: ServiceAccount, name: prometheus, namespace: default }]
---
apiVersion: specs.smi-spec.io/v1alpha1
kind: HTTPRouteGroup
metadata: { name: the-routes, namespace: default }
matches: [{ name: metrics, pathRegex: /metrics, methods: [GET] }, { name: everything, pathRegex: ".*", methods: ["*"] }]
`)
    expect(smi.access?.observe(objects, nobodyKnown)).toEqual({
      accesses: [
        {
          destination: { namespace: 'default', serviceAccount: 'service-a' },
          grants: [
            {
              name: 'grant-1',
              sources: [{ namespace: 'default', name: 'prometheus' }],
              ports: [8080],
              matches: [{ path: { prefixString: '/metrics' }, methods: ['GET'] }],
            },
          ],
        },
      ],
      problems: [],
    })
  })

  test('a reference to a group that is not there is a problem, and lets nobody in', () => {
    const objects = smi.access?.translate(access, nobodyKnown).filter(({ kind }) => kind === 'TrafficTarget') ?? []
    const observed = smi.access?.observe(objects, nobodyKnown)
    expect(observed?.accesses).toEqual([])
    expect(observed?.problems.map(({ place }) => place?.path)).toEqual([
      ['spec', 'rules', 0, 'name'],
      ['spec', 'rules', 1, 'name'],
    ])
  })
})
