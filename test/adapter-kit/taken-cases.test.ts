import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mixedServices, mixedTraffic } from '../../src/adapter-kit/connection-arbitraries.ts'
import { generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { inMeshOrder } from '../../src/adapter-kit/mesh-order.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { builtInMeshes } from '../../src/meshes.ts'

const adapters = builtInMeshes.map((mesh) => mesh.create({ clusterDomain: 'cluster.local', apiVersions: {} }))

/** What is refused costs as much as what is taken, and the laws learn nothing of it. */
describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('cases for the laws of %s', (_, adapter) => {
  test.each([
    ['requests', serviceTraffic(adapter.capabilities), generatedServices],
    ['connections', mixedTraffic(adapter.capabilities), mixedServices],
  ] as const)('three of four about %s are taken', (_what, traffic, services) => {
    const sample = fc.sample(traffic, { numRuns: 200, seed: 1 }).map((one) => inMeshOrder(one, adapter))
    expect(sample.filter((one) => checkTraffic(one, adapter, services).length === 0).length).toBeGreaterThan(150)
  })
})

test('some of what is taken has rules that compete', () => {
  const compete = adapters.map((adapter) => {
    const sample = fc.sample(serviceTraffic(adapter.capabilities), { numRuns: 200, seed: 1 })
    const taken = sample
      .map((one) => inMeshOrder(one, adapter))
      .filter((one) => checkTraffic(one, adapter, generatedServices).length === 0)
    return taken.filter(({ ports }) => ports.some(({ rules }) => rules.length > 2)).length
  })
  for (const count of compete) expect(count).toBeGreaterThan(40)
})
