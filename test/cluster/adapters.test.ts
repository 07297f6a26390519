import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { mixedServices, mixedTraffic } from '../../src/adapter-kit/connection-arbitraries.ts'
import { generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { featuresOf } from '../../src/mesh/features.ts'
import { gatewayApi, istio, istioAmbient, kuma, linkerd, smi } from '../adapters/adapters.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import { type TriedMesh, triedMeshes } from '../support/cluster/crds.ts'
import { proves } from '../support/proof.ts'

const adapters: Readonly<Record<TriedMesh, MeshAdapter>> = {
  istio,
  'istio-ambient': istioAmbient,
  'gateway-api': gatewayApi,
  linkerd,
  smi,
  kuma,
}

for (const mesh of triedMeshes) {
  describeMesh(mesh, (cluster) => {
    const adapter = adapters[mesh]

    test('what its adapter writes is taken by the real CRDs, their CEL rules included', async () => {
      const all = fc.sample(serviceTraffic(adapter.capabilities), { numRuns: 300, seed: 7 })
      const carried = all.filter((traffic) => checkTraffic(traffic, adapter, generatedServices).length === 0)
      // Annotations of a Service have no definition.
      const objects = carried.flatMap((traffic) => adapter.translate(traffic)).filter(({ kind }) => kind !== 'Service')
      expect(objects.length).toBeGreaterThan(100)
      await expectTaken(objects)
      proves(mesh, 'crds', new Set(carried.flatMap((traffic) => [...featuresOf(traffic, generatedServices)])))
    })

    test('so is what it writes for TCP and TLS ports', async () => {
      const all = fc.sample(mixedTraffic(adapter.capabilities), { numRuns: 150, seed: 7 })
      const carried = all.filter((traffic) => checkTraffic(traffic, adapter, mixedServices).length === 0)
      const objects = carried.flatMap((traffic) => adapter.translate(traffic))
      const kinds = new Set(objects.map(({ kind }) => kind))
      expect(adapter.kinds.filter(({ kind, carries }) => carries !== undefined && !kinds.has(kind))).toEqual([])
      expect(objects.length).toBeGreaterThan(50)
      await expectTaken(objects)
      proves(mesh, 'crds', new Set(carried.flatMap((traffic) => [...featuresOf(traffic, mixedServices)])))
    })

    async function expectTaken(objects: readonly KubeObject[]): Promise<void> {
      const namespace = await cluster.namespace()
      for (const object of objects) {
        const plural = adapter.kinds.find(({ kind }) => kind === object.kind)?.plural ?? ''
        const path = `/apis/${object.apiVersion}/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`
        const { status, body } = await cluster.client.call('POST', path, {
          ...object,
          metadata: { ...object.metadata, namespace },
        })
        expect({ status, body, object }).toMatchObject({ status: 201 })
      }
    }
  })
}
