import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { stringify } from 'yaml'
import { comparable } from '../../src/adapter-kit/comparable-decision.ts'
import { apex, apexPorts, callPort, generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { meshRequest } from '../../src/adapter-kit/request-arbitraries.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import { translateManifests } from '../../src/cli/translate/translate-manifests.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { parseManifests } from '../../src/manifests/parse-manifests.ts'
import { validateManifest } from '../../src/manifests/validate-manifests.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { gatewayApi, istio, linkerd, smi } from '../adapters/adapters.ts'

const meshes: readonly MeshAdapter[] = [istio, linkerd, smi, gatewayApi]
const pairs = meshes.flatMap((a) => meshes.filter((b) => b !== a).map((b) => [a.name, b.name, a, b] as const))
const apexService: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: apex.name, namespace: apex.namespace },
  spec: {
    ports: [...apexPorts.map((port) => ({ name: `http-${port}`, port })), { name: 'grpc', port: callPort }],
  },
}

/**
 * Traffic that each of some meshes carries. HTTPRoutes are read with the Gateway API's meaning, so what is written for Linkerd has
 * to have that meaning too.
 */
function carriedBy(first: MeshAdapter, ...others: readonly MeshAdapter[]) {
  const involved = [first, ...others]
  const readers = involved.includes(linkerd) ? [...involved, gatewayApi] : involved
  const missing = readers.flatMap(({ capabilities }) =>
    Object.entries(capabilities).filter(([, { support }]) => support === 'unsupported'),
  )
  const common = { ...first.capabilities, ...Object.fromEntries(missing) }
  return serviceTraffic(common).filter((traffic) =>
    readers.every((mesh) => checkTraffic(traffic, mesh, generatedServices).length === 0),
  )
}

/** What `ap translate` does, by way of the text of the objects. */
function translate(objects: readonly KubeObject[], target: MeshAdapter) {
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
  const both = carriedBy(a, b)

  test.prop([both, fc.array(meshRequest(), { minLength: 10, maxLength: 10 })], { numRuns: 30 })(
    'sends every request where it went before, on either mesh',
    (traffic, requests) => {
      const original = a.translate(traffic)
      const there = translate(original, b)
      // What reading proves of an order is no more than what was known before writing.
      fc.pre(there.problems.every(({ code }) => code !== 'AP7108'))
      expect(there.problems).toEqual([])
      const back = translate(there.objects, a)
      fc.pre(back.problems.every(({ code }) => code !== 'AP7108'))
      expect(back.problems).toEqual([])
      for (const request of requests) {
        const before = comparable(a.route(request, original, generatedServices))
        expect(comparable(b.route(request, there.objects, generatedServices)), JSON.stringify(request)).toEqual(before)
        expect(comparable(a.route(request, back.objects, generatedServices)), JSON.stringify(request)).toEqual(before)
      }
    },
  )
})

describe.each(meshes.map((mesh) => [mesh.name, mesh] as const))('%s to itself', (_name, mesh) => {
  test.prop([carriedBy(mesh)], { numRuns: 20 })('a second translation changes nothing', (traffic) => {
    const once = translate(mesh.translate(traffic), mesh)
    fc.pre(once.problems.every(({ code }) => code !== 'AP7108'))
    expect(once.problems).toEqual([])
    // Notes have lines, which move as soon as the first translation drops a match that says nothing.
    const { objects, problems } = translate(once.objects, mesh)
    expect({ objects, problems }).toEqual({ objects: once.objects, problems: [] })
  })
})
