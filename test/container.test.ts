import { describe, expect, test } from 'vitest'
import { createContainer, meshProviders } from '../src/container.ts'
import type { MeshProvider } from '../src/mesh/adapter.ts'
import { adapterModule } from '../src/mesh/adapter-module.ts'

const context = { clusterDomain: 'cluster.local', apiVersions: {} }

describe('the container', () => {
  test('knows the meshes by the words of autopilot-operator.yaml', () => {
    const names = meshProviders(createContainer()).map(({ name }) => name)
    expect(names).toEqual(['istio', 'linkerd', 'smi', 'gateway-api', 'kuma', 'istio-ambient'])
  })

  test('makes adapters that bear the names of their providers', () => {
    for (const provider of meshProviders(createContainer())) expect(provider.create(context).name).toBe(provider.name)
  })

  test("finds a third party's mesh after its module was loaded", async () => {
    const [istio] = meshProviders(createContainer())
    if (istio === undefined) throw new Error('no mesh is registered')
    const other: MeshProvider = { ...istio, name: 'house-mesh' }
    const container = createContainer()
    await container.load(adapterModule(other))
    expect(meshProviders(container)).toContain(other)
  })
})
