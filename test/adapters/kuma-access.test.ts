import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { kumaProvider } from '../../adapters/kuma/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { WorkloadAccess } from '../../src/mesh/access.ts'
import { checkAccess, checkMtls } from '../../src/mesh/access-check.ts'
import { workloadsAmong } from '../../src/mesh/workloads.ts'

const usual = { clusterDomain: 'cluster.local', apiVersions: {} }
const kuma = kumaProvider.create(usual)
const workloads = workloadsAmong([
  parse(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, tier: front } }
    spec: { serviceAccountName: web, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
`),
])
const access: WorkloadAccess = {
  destination: { namespace: 'shop', serviceAccount: 'web' },
  grants: [
    { name: 'front', sources: [{ namespace: 'shop', name: 'client' }] },
    { name: 'watch', sources: [{ namespace: 'ops', name: 'prometheus' }] },
  ],
}

function permission(name: string, spec: string, namespace = 'shop'): KubeObject {
  const metadata = { name, namespace, labels: { 'kuma.io/mesh': 'default' } }
  return { apiVersion: 'kuma.io/v1alpha1', kind: 'MeshTrafficPermission', metadata, spec: parse(spec) }
}

const client = '{ spiffeID: { type: Exact, value: spiffe://zone/ns/shop/sa/client } }'
const allow = `{ rules: [{ default: { allow: [${client}] } }] }`

describe('access on Kuma', () => {
  test('is a MeshTrafficPermission with the SPIFFE IDs of a MeshIdentity, for the labels of the pods', () => {
    const zone = kumaProvider.create({ ...usual, trustDomain: 'default.zone-1.mesh.local' })
    expect(zone.access?.translate(access, workloads)).toEqual(
      parseAllDocuments(`
apiVersion: kuma.io/v1alpha1
kind: MeshTrafficPermission
metadata: { name: web, namespace: shop, labels: { kuma.io/mesh: default } }
spec:
  targetRef: { kind: Dataplane, labels: { app: web } }
  rules:
    - default:
        allow:
          - { spiffeID: { type: Exact, value: spiffe://default.zone-1.mesh.local/ns/ops/sa/prometheus } }
          - { spiffeID: { type: Exact, value: spiffe://default.zone-1.mesh.local/ns/shop/sa/client } }
`).map((document) => document.toJS()),
    )
    expect(JSON.stringify(kuma.access?.translate(access, workloads))).toContain('spiffe://default.default.mesh.local/')
  })

  test('for nobody denies every identity of the trust domain', () => {
    expect(kuma.access?.translate({ ...access, grants: [] }, workloads)).toMatchObject([
      {
        spec: {
          rules: [
            { default: { deny: [{ spiffeID: { type: 'Prefix', value: 'spiffe://default.default.mesh.local/' } }] } },
          ],
        },
      },
    ])
  })

  test.each([
    ['ports', { ports: [8080] }, 'access to some ports only'],
    ['requests', { matches: [{ methods: ['GET'] }] }, 'access for some requests only'],
  ])('by %s is refused', (_what, part, feature) => {
    const own = { ...access, grants: access.grants.map((grant) => ({ ...grant, ...part })) }
    expect(checkAccess(own, kuma, workloads)).toMatchObject([
      { code: 'AP2101', message: expect.stringContaining(`kuma cannot carry ${feature}`) },
    ])
  })

  test('adds up over permissions for the same pods, whatever their trust domain', () => {
    const own = allow.replace('{', '{ targetRef: { kind: Dataplane, labels: { app: web } },')
    const others = [permission('a', own), permission('b', own.replace('zone', 'other').replaceAll('client', 'admin'))]
    const sources = ['admin', 'client'].map((name) => ({ namespace: 'shop', name }))
    expect(kuma.access?.observe(others, workloads)).toEqual({
      accesses: [{ destination: { namespace: 'shop', serviceAccount: 'web' }, grants: [{ name: 'grant-1', sources }] }],
      problems: [],
    })
  })

  test('of all pods of a namespace is read by the mesh as the target, and a denial goes before what is allowed', () => {
    const everybody = '[{ spiffeID: { type: Prefix, value: "spiffe://" } }]'
    const denial = permission('none', `{ targetRef: { kind: Mesh }, rules: [{ default: { deny: ${everybody} } }] }`)
    expect(kuma.access?.observe([denial, permission('a', allow)], { in: () => [] }).accesses).toEqual([
      { destination: { namespace: 'shop', labels: {} }, grants: [] },
    ])
    const own = permission('own', allow.replace('{', '{ targetRef: { kind: Dataplane, labels: { app: web } },'))
    const observed = kuma.access?.observe([denial, own], { in: () => [] })
    expect(observed?.problems).toMatchObject([
      { message: expect.stringContaining('a denial that goes before MeshTrafficPermission shop/own') },
    ])
    const [pod] = workloads.in('shop')
    const call = { source: { namespace: 'shop', name: 'client' }, port: 8080, request: undefined }
    expect(pod && kuma.access?.decide({ ...call, pod }, [denial, own], workloads)).toBe(false)
  })

  test.each([
    ['targetRef: { kind: MeshSubset, tags: { app: web } }', 'a target of kind MeshSubset', 'kind'],
    ['targetRef: { kind: Dataplane, sectionName: http }', 'targetRef.sectionName', 'sectionName'],
    ['from: [{ targetRef: { kind: Mesh }, default: { action: Allow } }]', 'from', 'from'],
    [
      'rules: [{ default: { allow: [{ spiffeID: { type: Prefix, value: "spiffe://zone/ns/shop" } }] } }]',
      'the source spiffe://zone/ns/shop',
      0,
    ],
    [`rules: [{ default: { allowWithShadowDeny: [${client}] } }]`, 'allowWithShadowDeny', 'allowWithShadowDeny'],
    [`rules: [{ default: { deny: [${client}] } }]`, 'the denial of spiffe://zone/ns/shop/sa/client', 0],
  ])('%s is beyond the neutral model, and said to be so at its place', (spec, what, field) => {
    const own = permission('web', `{ ${spec} }`)
    expect(kuma.reading.validate(own)).toEqual([])
    const observed = kuma.access?.observe([own], workloads)
    expect(observed?.accesses).toEqual([])
    expect(observed?.problems).toMatchObject([{ message: expect.stringContaining(what) }])
    expect(observed?.problems[0]?.place?.path.at(-1)).toBe(field)
  })

  test('of the whole mesh is not taken for that of a namespace', () => {
    const own = permission('all', allow, 'kuma-system')
    expect(kuma.access?.observe([own], workloads)).toMatchObject({
      accesses: [],
      problems: [{ message: expect.stringContaining('a policy for the whole mesh') }],
    })
  })
})

describe('mutual TLS on Kuma', () => {
  const policy = { namespace: 'shop', labels: { app: 'web' }, mode: 'strict', ports: {} } as const

  test('is a MeshTLS for the labels of the pods, or for the namespace', () => {
    expect(kuma.mtls?.translate(policy, workloads)).toMatchObject([
      {
        metadata: { name: 'web', namespace: 'shop' },
        spec: { targetRef: { kind: 'Dataplane', labels: { app: 'web' } }, rules: [{ default: { mode: 'Strict' } }] },
      },
    ])
    expect(kuma.mtls?.translate({ ...policy, labels: {}, mode: 'permissive' }, workloads)).toMatchObject([
      {
        metadata: { name: 'default' },
        spec: { targetRef: { kind: 'Mesh' }, rules: [{ default: { mode: 'Permissive' } }] },
      },
    ])
  })

  test('turned off, or by port, is refused', () => {
    expect(checkMtls({ ...policy, mode: 'disable' }, [], kuma, workloads)).toMatchObject([{ code: 'AP2101' }])
    expect(checkMtls({ ...policy, ports: { '8080': 'permissive' } }, [], kuma, workloads)).toMatchObject([
      { message: expect.stringContaining('mutual TLS by port') },
    ])
  })

  test('is read from its older form as well, but for its versions and ciphers', () => {
    const own = (spec: string): KubeObject => ({ ...permission('web', spec), kind: 'MeshTLS' })
    const older = own('{ from: [{ targetRef: { kind: Mesh }, default: { mode: Strict } }] }')
    expect(kuma.mtls?.observe([older], workloads)).toEqual({
      policies: [{ namespace: 'shop', labels: {}, mode: 'strict', ports: {} }],
      problems: [],
    })
    const narrow = own('{ rules: [{ default: { mode: Strict, tlsVersion: { min: TLS13 } } }] }')
    expect(kuma.reading.validate(narrow)).toEqual([])
    expect(kuma.mtls?.observe([narrow], workloads)).toMatchObject({
      policies: [],
      problems: [{ place: { path: ['spec', 'rules', 0, 'default', 'tlsVersion'] } }],
    })
  })
})
