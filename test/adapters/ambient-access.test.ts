import { test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { accessCall, workloadAccess, workloadsFor } from '../../src/adapter-kit/access-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { WorkloadAccess } from '../../src/mesh/access.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import { decideAccess } from '../../src/mesh/access-decision.ts'
import { fieldsOf } from '../../src/mesh/fields.ts'
import { workloadsAmong } from '../../src/mesh/workloads.ts'
import { documents } from '../support/parsed-objects.ts'
import { istioAmbient as ambient, istio } from './adapters.ts'

const namespace = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint } }
`
const deployment = (name: string, port = 8080, more = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}${more} } }
    spec:
      serviceAccountName: ${name}
      containers: [{ name: web, ports: [{ name: http, containerPort: ${port} }, { containerPort: 9090 }] }]
`
const service = (name: string, more = '', spec = 'ports: [{ port: 80, targetPort: http }]') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop${more} }
spec: { selector: { app: ${name} }, ${spec} }
`
const known = (...texts: string[]) => workloadsAmong(documents(texts.join('---\n')))
const usual = known(namespace, deployment('web'), service('web'))

/** \`client\` may GET what is under /api, on port 8080; Prometheus may do anything on port 9090. */
const access: WorkloadAccess = {
  destination: { namespace: 'shop', serviceAccount: 'web' },
  grants: [
    {
      name: 'api',
      sources: [{ namespace: 'shop', name: 'client' }],
      ports: [8080],
      matches: [{ path: { prefixString: '/api' }, methods: ['GET'] }],
    },
    { name: 'scrape', sources: [{ namespace: 'ops', name: 'prometheus' }], ports: [9090] },
  ],
}
const call = {
  source: { namespace: 'shop', name: 'client' },
  port: 8080,
  request: { method: 'GET', path: '/api/cart', headers: {}, query: {} },
}
const [pod] = usual.in('shop')
if (pod === undefined) throw new Error('there is no pod to be called')

test('the waypoint decides about requests, with the port of the Service, and ztunnel lets in the waypoint alone for them', () => {
  expect(checkAccess(access, ambient, usual)).toEqual([])
  expect(ambient.access?.translate(access, usual)).toEqual(
    documents(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: web.service.web, namespace: shop }
spec:
  targetRefs: [{ group: "", kind: Service, name: web }]
  action: ALLOW
  rules:
    - from: [{ source: { serviceAccounts: [shop/client] } }]
      to: [{ operation: { ports: ["80"], methods: [GET], paths: [/api*] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  action: ALLOW
  rules:
    - from: [{ source: { serviceAccounts: [ops/prometheus] } }]
      to: [{ operation: { ports: ["9090"] } }]
    - from: [{ source: { serviceAccounts: [shop/waypoint] } }]
`),
  )
})

test('past the waypoint nobody is let in who may send some requests only', () => {
  const objects = ambient.access?.translate(access, usual) ?? []
  const withoutServices = known(namespace, deployment('web'))
  const decide = (one: object, workloads = usual) =>
    ambient.access?.decide({ ...call, pod, ...one }, objects, workloads)
  expect(decide({})).toBe(true)
  expect(decide({ request: { ...call.request, path: '/admin' } })).toBe(false)
  expect(decide({ source: { namespace: 'ops', name: 'client' } })).toBe(false)
  expect(decide({}, withoutServices)).toBe(false)
  expect(decide({ source: { namespace: 'ops', name: 'prometheus' }, port: 9090 })).toBe(true)
  // The identity of the waypoint is nobody's but its own.
  expect(decide({ source: { namespace: 'ops', name: 'waypoint' } }, withoutServices)).toBe(false)
})

test('without waypoints ztunnel decides alone, and about requests nobody does', () => {
  const plain = { ...access, grants: access.grants.slice(1) }
  const bare = known(namespace.replace(', istio.io/use-waypoint: waypoint', ''), deployment('web'), service('web'))
  expect(checkAccess(plain, ambient, bare)).toEqual([])
  expect(ambient.access?.translate(plain, bare)).toEqual(istio.access?.translate(plain, bare))
  expect(checkAccess(access, ambient, bare)).toMatchObject([{ code: 'AP2226' }])
})

test('a canary is decided about where it is called: by the apex whose route leads to its pods', () => {
  const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web-80, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: front }]
  rules: [{ backendRefs: [{ name: web, port: 80 }] }]
`
  const front = service('front', '', 'ports: [{ port: 80 }]')
  const workloads = known(namespace, deployment('web'), service('web'), front, route)
  const objects = ambient.access?.translate(access, workloads) ?? []
  expect(objects.map(({ metadata: { name } }) => name)).toEqual(['web.service.web', 'web.service.front', 'web'])
  expect(ambient.access?.observe(objects, workloads)).toMatchObject({ accesses: [{ grants: [{}, {}] }], problems: [] })
})

test('the waypoint is the one that the Service names, under the ServiceAccount that its Gateway says', () => {
  const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra, annotations: { gateway.istio.io/service-account: edge-runner } }
`
  const labels = ', labels: { istio.io/use-waypoint: edge, istio.io/use-waypoint-namespace: infra }'
  const workloads = known(namespace, deployment('web'), service('web', labels), gateway)
  const objects = ambient.access?.translate(access, workloads) ?? []
  expect(JSON.stringify(objects)).toContain('infra/edge-runner')
  expect(ambient.access?.observe(objects, workloads).problems).toEqual([])
})

describe('what its proxies could not decide as it is asked is refused', () => {
  const other = service('front', '', 'ports: [{ port: 80 }]').replace('app: front', 'tier: any')
  test.each<[string, string[], string]>([
    ['a namespace that is not known', [deployment('web'), service('web')], 'the namespace shop is not known'],
    [
      'a namespace outside of the mesh',
      [namespace.replace('ambient', 'none'), deployment('web'), service('web')],
      'is not in ambient mode',
    ],
    [
      'pods outside of the mesh',
      [namespace, deployment('web', 8080, ', istio.io/dataplane-mode: none'), service('web')],
      'keeps the pods of web out of ambient mode',
    ],
    ['pods without a Service', [namespace, deployment('web')], 'no Service with a cluster IP is known'],
    [
      'a Service that leads to other pods too',
      [
        namespace,
        deployment('web', 8080, ', tier: any'),
        deployment('api', 8080, ', tier: any'),
        service('web'),
        other,
      ],
      'the Service shop/front leads to api as well',
    ],
    [
      'a Service kept from its waypoint',
      [namespace, deployment('web'), service('web', ', labels: { istio.io/use-waypoint: none }')],
      'its label istio.io/use-waypoint is none',
    ],
    [
      'a port that no Service has',
      [namespace, deployment('web'), service('web', '', 'ports: [{ port: 80, targetPort: 9090 }]')],
      'no Service with one leads to port 8080',
    ],
    [
      'a port by a name that the pods do not have',
      [namespace, deployment('web'), service('web', '', 'ports: [{ port: 80, targetPort: main }]')],
      'port 80 of the Service shop/web leads to ports of which only some are named',
    ],
    [
      'a waypoint for addresses of pods',
      [
        namespace,
        deployment('web'),
        service('web'),
        'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: waypoint, namespace: shop, labels: { istio.io/waypoint-for: all } }\n',
      ],
      'takes what is sent to the addresses of pods as well',
    ],
  ])('%s', (_what, texts, reason) => {
    const [problem] = checkAccess(access, ambient, known(...texts))
    expect(problem?.code).toMatch(/^AP22(26|50)$/)
    expect(problem?.message).toContain(reason)
    expect(problem?.remedy).not.toBe('')
  })
})

describe('half of an access is told, not guessed', () => {
  const [forService, forPods] = ambient.access?.translate(access, usual) ?? []
  if (forService === undefined || forPods === undefined) throw new Error('nothing was written')
  const selector = { selector: { matchLabels: { app: 'web' } } }
  const changed = (object: KubeObject, spec: object) => ({ ...object, spec: { ...(object.spec as object), ...spec } })
  test.each<[string, KubeObject[], string]>([
    ['for a Service alone', [forService], 'past which its pods can be called'],
    ['for the pods alone', [forPods], 'for which there is no policy'],
    [
      'for pods that let in no waypoint',
      [forService, changed(forPods, { rules: [] })],
      'which have to let in the waypoints before them',
    ],
    [
      'for pods that let in whom the Service does not',
      [forService, changed(forPods, { rules: [{ from: [{ source: { serviceAccounts: ['shop/admin'] } }] }] })],
      'lets in others than those for the pods',
    ],
    [
      'for pods by requests',
      [{ ...forPods, spec: { ...selector, action: 'ALLOW', rules: fieldsOf(forService.spec)['rules'] } }],
      'which the ztunnel of the pods does not look at',
    ],
    [
      'for a whole waypoint',
      [
        changed(forService, {
          targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'waypoint' }],
        }),
        forPods,
      ],
      'the target Gateway waypoint',
    ],
  ])('a policy %s', (_what, objects, reason) => {
    const { accesses, problems } = ambient.access?.observe(objects, usual) ?? { accesses: [], problems: [] }
    expect(accesses).toEqual([])
    expect(problems.map(({ message }) => message).join()).toContain(reason)
  })
})

const workloads = workloadsFor(ambient)
const carried = workloadAccess(ambient.capabilities).filter((one) => checkAccess(one, ambient, workloads).length === 0)

property.prop([carried, accessCall()], { numRuns: 300 })(
  'straight to a pod nobody is let in whom the access does not name, and all who may send anything',
  (one, called) => {
    const objects = ambient.access?.translate(one, workloads) ?? []
    const straight = ambient.access?.decide(called, objects, { in: workloads.in })
    const unconditional = { ...one, grants: one.grants.filter(({ matches }) => matches === undefined) }
    const expected = decideAccess(called, [one])
    if (expected === undefined) expect(straight).not.toBe(false)
    else if (straight === true) expect(expected).toBe(true)
    else expect(decideAccess(called, [unconditional])).not.toBe(true)
  },
)

describe('sidecars take no notice of policies that', () => {
  const objects = documents(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: web, namespace: shop }
spec: { targetRefs: [{ kind: Service, name: web }], action: ALLOW }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: tried, namespace: shop, annotations: { istio.io/dry-run: "true" } }
spec: { action: DENY, rules: [{}] }
`)
  test.each([
    ['name a Service', 0, 'targetRefs'],
    ['are only tried', 1, 'istio.io/dry-run'],
  ])('%s', (_what, index, field) => {
    const own = objects.slice(index, index + 1)
    expect(istio.access?.decide({ ...call, pod }, own, usual)).toBeUndefined()
    const { accesses, problems } = istio.access?.observe(own, usual) ?? { accesses: [], problems: [] }
    expect(accesses).toEqual([])
    expect(problems.map(({ message }) => message).join()).toContain(field)
  })
})
