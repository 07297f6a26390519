import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { builtInMeshes } from '../../src/meshes.ts'

const adapters = builtInMeshes.map((provider) => provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }))

/** `namespace/name:port` of what the object claims on a mesh. */
function claimed(mesh: string, object: KubeObject): string[] {
  const adapter = adapters.find(({ name }) => name === mesh)
  if (adapter === undefined) throw new Error(`no mesh ${mesh}`)
  return adapter.claims(object).map(({ service, port }) => `${service.namespace}/${service.name}:${port ?? '*'}`)
}

function virtualService(spec: Record<string, unknown>, namespace = 'shop'): KubeObject {
  const route = [{ destination: { host: 'elsewhere' } }]
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'VirtualService',
    metadata: { name: 'theirs', namespace },
    spec: { hosts: ['web.shop.svc.cluster.local'], http: [{ route }], ...spec },
  }
}

test('a VirtualService claims the Services among its hosts, from any namespace', () => {
  expect(claimed('istio', virtualService({ hosts: ['web', 'example.com', '*.local'] }))).toEqual(['shop/web:*'])
  expect(claimed('istio', virtualService({}, 'other'))).toEqual(['shop/web:*'])
})

test('a VirtualService that no sidecar sees claims nothing', () => {
  expect(claimed('istio', virtualService({ gateways: ['shop/front'] }))).toEqual([])
  expect(claimed('istio', virtualService({ exportTo: ['~'] }))).toEqual([])
  expect(claimed('istio', virtualService({ http: [{ match: [{ gateways: ['shop/front'] }] }] }))).toEqual([])
})

test('conditions on ports bound the claim, when every route has one', () => {
  const http = [{ match: [{ port: 8080 }] }]
  expect(claimed('istio', virtualService({ http }))).toEqual(['shop/web:8080'])
  expect(claimed('istio', virtualService({ http, tcp: [{ match: [{ port: 9000 }] }] }))).toEqual([
    'shop/web:8080',
    'shop/web:9000',
  ])
  expect(claimed('istio', virtualService({ http: [...http, {}] }))).toEqual(['shop/web:*'])
})

test('a VirtualService that is exported to some clients says to which', () => {
  const [istio] = adapters
  expect(istio?.claims(virtualService({ exportTo: ['.', 'team'] }, 'other'))[0]?.because).toBe(
    'of two VirtualServices for a host Istio follows the older alone, for clients in other, team',
  )
})

test.each(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'])('a %s claims the Services among its parents', (kind) => {
  const parentRefs = [
    { group: '', kind: 'Service', name: 'web', port: 80 },
    { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'front' },
    { group: '', kind: 'Service', name: 'api', namespace: 'back' },
  ]
  const metadata = { name: 'theirs', namespace: 'shop' }
  const object = { apiVersion: 'gateway.networking.k8s.io/v1', kind, metadata, spec: { parentRefs } }
  for (const mesh of ['istio', 'linkerd', 'gateway-api']) {
    expect(claimed(mesh, object)).toEqual(['shop/web:80', 'back/api:*'])
  }
})

test('what the adapter writes claims the apex', () => {
  const rule = {
    name: 'default',
    matches: [],
    backends: [{ service: { namespace: 'shop', name: 'v1' }, port: 80, weight: 1 }],
  }
  const traffic = { service: { namespace: 'shop', name: 'web' }, ports: [{ port: 80, rules: [rule] }] }
  for (const adapter of adapters) {
    const services = adapter
      .translate(traffic)
      .flatMap((object) => adapter.claims(object).map(({ service }) => service))
    expect(services).toEqual([traffic.service])
  }
})

test('a claim of nothing comes of what nobody would write', () => {
  for (const adapter of adapters) {
    for (const { group, version, kind } of [...adapter.kinds, ...adapter.rivals]) {
      for (const spec of [undefined, null, [], 'x', { hosts: 3, http: {}, parentRefs: 'web', service: {} }]) {
        const object = { apiVersion: `${group}/${version}`, kind, metadata: { name: 'odd', namespace: 'shop' }, spec }
        expect(adapter.claims(object)).toEqual([])
      }
    }
  }
})
