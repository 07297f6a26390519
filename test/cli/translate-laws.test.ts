import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { stringify } from 'yaml'
import { comparable } from '../../src/adapter-kit/comparable-decision.ts'
import { mixedServices, mixedTraffic, requestOrConnection } from '../../src/adapter-kit/connection-arbitraries.ts'
import { apex, apexPorts, callPort, generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { meshRequest } from '../../src/adapter-kit/request-arbitraries.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import { translateManifests } from '../../src/cli/translate/translate-manifests.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { parseManifests } from '../../src/manifests/parse-manifests.ts'
import { validateManifest } from '../../src/manifests/validate-manifests.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Capabilities } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio, linkerd, smi } from '../adapters/adapters.ts'

const meshes: readonly MeshAdapter[] = [istio, linkerd, smi, gatewayApi]
const pairs = meshes.flatMap((a) => meshes.filter((b) => b !== a).map((b) => [a.name, b.name, a, b] as const))
/** What is generated, and the Service that it is about. */
interface Generated {
  readonly services: ServiceDirectory
  readonly ports: readonly { readonly name: string; readonly port: number }[]
  readonly traffic: (capabilities: Capabilities) => fc.Arbitrary<ServiceTraffic>
  readonly request: fc.Arbitrary<MeshRequest>
}

const spoken: Generated = {
  services: generatedServices,
  ports: [...apexPorts.map((port) => ({ name: `http-${port}`, port })), { name: 'grpc', port: callPort }],
  traffic: serviceTraffic,
  request: meshRequest(),
}
const mixed: Generated = {
  services: mixedServices,
  ports: [...spoken.ports, { name: 'tcp', port: 5432 }, { name: 'tls', port: 8443 }],
  traffic: mixedTraffic,
  request: requestOrConnection(),
}

/**
 * Traffic that each of some meshes carries. HTTPRoutes are read with the Gateway API's meaning, so what is written for Linkerd has
 * to have that meaning too.
 */
function carriedBy({ services, traffic: generate }: Generated, first: MeshAdapter, ...others: readonly MeshAdapter[]) {
  const involved = [first, ...others]
  const readers = involved.includes(linkerd) ? [...involved, gatewayApi] : involved
  const missing = readers.flatMap(({ capabilities }) =>
    Object.entries(capabilities).filter(([, { support }]) => support === 'unsupported'),
  )
  const common = { ...first.capabilities, ...Object.fromEntries(missing) }
  return generate(common).filter((traffic) =>
    readers.every((mesh) => checkTraffic(traffic, mesh, services).length === 0),
  )
}

/** What `ap translate` does, by way of the text of the objects. */
function translate(objects: readonly KubeObject[], target: MeshAdapter, { ports }: Generated) {
  const { name, namespace } = apex
  const apexService: KubeObject = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports } }
  const text = [apexService, ...objects].map((object) => stringify(object, { compat: 'yaml-1.1' })).join('---\n')
  const { manifests, problems } = parseManifests(text, 'objects.yaml', 'default')
  const refused = manifests.flatMap((one) =>
    validateManifest(
      one,
      meshes.map(({ reading }) => reading),
    ),
  )
  expect([...problems, ...refused]).toEqual([])
  return translateManifests(manifests, { target, adapters: meshes })
}

describe.each(pairs)('%s to %s and back', (_a, _b, a, b) => {
  const goesOn = (generated: Generated) => (traffic: ServiceTraffic, requests: readonly MeshRequest[]) => {
    const { services } = generated
    const original = a.translate(traffic)
    const there = translate(original, b, generated)
    // What reading proves of an order is no more than what was known before writing.
    fc.pre(there.problems.every(({ code }) => code !== 'AP7108'))
    expect(there.problems).toEqual([])
    const back = translate(there.objects, a, generated)
    fc.pre(back.problems.every(({ code }) => code !== 'AP7108'))
    expect(back.problems).toEqual([])
    for (const request of requests) {
      const before = comparable(a.route(request, original, services))
      expect(comparable(b.route(request, there.objects, services)), JSON.stringify(request)).toEqual(before)
      expect(comparable(a.route(request, back.objects, services)), JSON.stringify(request)).toEqual(before)
    }
  }
  const tenOf = (request: fc.Arbitrary<MeshRequest>) => fc.array(request, { minLength: 10, maxLength: 10 })

  test.prop([carriedBy(spoken, a, b), tenOf(spoken.request)], { numRuns: 30 })(
    'sends every request where it went before, on either mesh',
    goesOn(spoken),
  )

  test.prop([carriedBy(mixed, a, b), tenOf(mixed.request)], { numRuns: 5 })(
    'and every connection, of a Service that has ports of TCP and TLS too',
    goesOn(mixed),
  )
})

describe.each(meshes.map((mesh) => [mesh.name, mesh] as const))('%s to itself', (_name, mesh) => {
  test.prop([carriedBy(spoken, mesh)], { numRuns: 20 })('a second translation changes nothing', (traffic) => {
    const once = translate(mesh.translate(traffic), mesh, spoken)
    fc.pre(once.problems.every(({ code }) => code !== 'AP7108'))
    expect(once.problems).toEqual([])
    // Notes have lines, which move as soon as the first translation drops a match that says nothing.
    const { objects, problems } = translate(once.objects, mesh, spoken)
    expect({ objects, problems }).toEqual({ objects: once.objects, problems: [] })
  })
})
