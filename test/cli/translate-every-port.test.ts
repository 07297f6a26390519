import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { comparable } from '../../src/adapter-kit/comparable-decision.ts'
import { translateManifests } from '../../src/cli/translate/translate-manifests.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { parseManifests } from '../../src/manifests/parse-manifests.ts'
import { everyService } from '../../src/manifests/services.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'
import { peoplesRequest, peoplesRoutes } from '../support/people-routes.ts'

const portlessSplit = `
apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web, namespace: shop }
spec: { service: web, backends: [{ service: web-v1, weight: 90 }, { service: web-v2, weight: 10 }] }
`
const virtualService = (http: string, name = 'web') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [web]
  http:${http.replaceAll('\n', '\n  ')}
`

async function translate(target: string, objects: string) {
  const { code, stdout, stderr } = await callAp(['translate', '--to', target, '-f', '-'], objects)
  return { code, stdout, stderr, specs: parseAllDocuments(stdout).map((one) => one.toJS()?.spec) }
}

/** What becomes of a request, whatever the rule is called. */
async function decide(mesh: string, objects: string, url: string, ...options: string[]) {
  const args = ['route', '--mesh', mesh, '-f', '-', '--request', `GET ${url}`, '-o', 'json', ...options]
  const { code, stdout, stderr } = await callAp([...args, '--from-namespace', 'shop'], objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { rule, ...decision } = JSON.parse(stdout)
  return decision
}

describe('what is said of every port of a Service that is not among the files', () => {
  test('a TrafficSplit is, to Istio, a VirtualService without ports', async () => {
    const { code, stderr, specs } = await translate('istio', portlessSplit)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const to = (name: string, weight: number) => ({
      destination: { host: `${name}.shop.svc.cluster.local` },
      weight,
    })
    expect(specs).toEqual([
      {
        hosts: ['web.shop.svc.cluster.local'],
        http: [{ name: 'default', route: [to('web-v1', 90), to('web-v2', 10)] }],
      },
    ])
  })

  test.each(['gateway-api', 'linkerd', 'kuma', 'istio-ambient'])(
    '%s has to know the ports of its backends',
    async (mesh) => {
      const { code, stdout, stderr } = await translate(mesh, portlessSplit)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`stdin:5:18 AP7103 TrafficSplit shop/web cannot be translated to ${mesh}`)
    },
  )

  test.each<[string, string, string]>([
    ['a TrafficSplit', 'smi', portlessSplit],
    [
      'a VirtualService with a rule for one port, copies, retries and redirects',
      'istio',
      virtualService(`
- match: [{ port: 8080, headers: { x: { exact: "1" } } }]
  route: [{ destination: { host: web-v3 } }]
- match: [{ uri: { prefix: /r } }]
  redirect: { scheme: https }
- match: [{ uri: { prefix: /own } }]
  redirect: { uri: /, derivePort: FROM_REQUEST_PORT }
- match: [{ uri: { prefix: /a } }, { queryParams: { q: { exact: a } } }]
  mirrors: [{ destination: { host: web-v2 } }]
  retries: { attempts: 2 }
  timeout: 3s
  headers: { request: { set: { x-a: b } } }
  fault: { abort: { httpStatus: 503, percentage: { value: 1 } } }
  route: [{ destination: { host: web-v1 } }]
- route:
    - { destination: { host: web-v1 }, weight: 90 }
    - { destination: { host: web-v2, port: { number: 81 } }, weight: 10 }`),
    ],
    [
      'an HTTPRoute for all ports of its parent',
      'gateway-api',
      `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /a } }]
      filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: web-v2, port: 81 } } }]
      backendRefs: [{ name: web-v1, port: 8080 }]
    - matches: [{ path: { type: PathPrefix, value: /r } }]
      filters: [{ type: RequestRedirect, requestRedirect: { hostname: example.com } }]
    - backendRefs: [{ name: web-v1, port: 8080, weight: 9 }, { name: web-v2, port: 8080, weight: 1 }]
`,
    ],
  ])('%s of %s answers the same on every port as its translation to Istio', async (_what, mesh, objects) => {
    const { stdout, stderr } = await translate('istio', objects)
    expect(stderr).toBe('')
    for (const port of [80, 443, 8080])
      for (const path of ['/', '/a', '/ra', '/own'])
        for (const header of ['x: 1', 'x: 2']) {
          const url = `http://web:${port}${path}`
          const before = await decide(mesh, objects, url, '-H', header)
          expect(await decide('istio', stdout, url, '-H', header), `${url} ${header}`).toEqual(before)
        }
  })

  test('a policy for one port stands before what is said of the others', async () => {
    const policy = `
apiVersion: mesh-autopilot.dev/v1
kind: RetryPolicy
metadata: { name: web, namespace: shop }
spec: { service: web, ports: [8080], timeout: 1000 }
`
    const { stdout, stderr } = await translate('istio', `${portlessSplit}---${policy}`)
    expect(stderr).toBe('')
    const plain = await decide('istio', stdout, 'http://web/')
    expect(plain).toMatchObject({ outcomes: [{ share: 0.9 }, { share: 0.1 }] })
    expect(plain.timeout).toBeUndefined()
    expect(await decide('istio', stdout, 'http://web:8080/')).toMatchObject({ timeout: '1s' })
  })

  test('where an older object has a port for itself, without a rule for all of it, no words are left for the others', async () => {
    const objects = `${virtualService(
      '\n- match: [{ port: 8080, uri: { prefix: /a } }]\n  route: [{ destination: { host: web-v3 } }]',
      'a',
    )}---${virtualService('\n- route: [{ destination: { host: web-v1 } }]', 'b')}`
    const { code, stderr } = await translate('istio', objects)
    expect({ code, isRefused: stderr.includes('AP7103 VirtualService shop/a') }).toEqual({ code: 1, isRefused: true })
  })

  test('a redirect that needs the number of the port is refused', async () => {
    const objects = virtualService('\n- redirect: { scheme: https, derivePort: FROM_REQUEST_PORT }')
    expect((await translate('istio', objects)).stderr).toContain('AP7103')
  })

  test('backends that are given and have the port that is asked for are no obstacle', async () => {
    const given = (name: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { ports: [{ port: 80 }] }
`
    const { code, stderr } = await translate('istio', [portlessSplit, given('web-v1'), given('web-v2')].join('---'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

const meshes = builtInMeshes.map((provider) => provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
const istio = meshes.find(({ name }) => name === 'istio')

const decideBy = (mesh: MeshAdapter, request: MeshRequest, objects: readonly KubeObject[]) =>
  mesh.route(
    request,
    objects.filter((one) => mesh.reading.follows.includes(groupKind(one))),
    everyService,
  )

/** Objects with the ports of some of their parts left out, wherever Istio may do without. */
function withoutSomePorts(objects: readonly KubeObject[], keep: readonly boolean[]): KubeObject[] {
  let index = 0
  const text = JSON.stringify(objects, (key, value) => {
    if (key === 'port' && typeof value === 'object') return keep[index++ % keep.length] ? value : undefined
    return value
  })
  return JSON.parse(text)
}

describe('objects of people without the Services', () => {
  const [virtualServices] = peoplesRoutes
    .filter(([, name]) => name === 'istio')
    .map(([, , objects]) => objects as fc.Arbitrary<KubeObject[]>)
  const port = fc.constantFrom(80, 81, 443, 8080)
  const requests = fc.array(
    fc.tuple(peoplesRequest, port).map(([request, own]): MeshRequest => ({ ...request, port: own })),
    { minLength: 8, maxLength: 8 },
  )
  let carried = 0

  test.prop([virtualServices ?? fc.constant([]), fc.array(fc.boolean(), { minLength: 4 }), requests], { numRuns: 50 })(
    'a VirtualService without ports sends requests where its translation to Istio does, or that is refused or tells what it assumes',
    (given, keep, asked) => {
      if (istio === undefined) throw new Error('there is no adapter for Istio')
      const objects = withoutSomePorts(given, keep)
      const text = objects.map((one) => stringify(one, { compat: 'yaml-1.1' })).join('---\n')
      const { manifests } = parseManifests(text, 'objects.yaml', 'default')
      const { objects: written, problems, notes } = translateManifests(manifests, { target: istio, adapters: meshes })
      if (problems.length + notes.length > 0) return
      carried++
      for (const request of asked) {
        const before = decideBy(istio, request, objects)
        if (before.unfollowed !== undefined) continue
        expect(comparable(decideBy(istio, request, written)), JSON.stringify(request)).toEqual(comparable(before))
      }
    },
  )

  test('of which enough are carried for that to mean something', () => {
    expect(carried).toBeGreaterThan(15)
  })
})
