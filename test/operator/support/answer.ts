import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import { fieldsOf, listOf } from '../../../src/mesh/fields.ts'
import type { World } from './world.ts'

/** Answers for the mesh that it has taken up the routes as they are; meshes without such an answer have none to give. */
export async function answer(cluster: World, adapter: MeshAdapter): Promise<void> {
  await cluster.run(0)
  const httpRoutes = adapter.kinds.filter(({ kind }) => kind === 'HTTPRoute')
  for (const kind of httpRoutes) {
    for (const { metadata, spec } of await cluster.list(kind)) {
      const conditions = ['Accepted', 'ResolvedRefs'].map((type) => {
        return { type, status: 'True', reason: type, message: '', observedGeneration: metadata.generation }
      })
      const parents = listOf(fieldsOf(spec)['parentRefs']).map((parentRef) => {
        return { parentRef, controllerName: 'example.io/mesh', conditions }
      })
      const ref = { namespace: 'shop', name: metadata.name }
      const options = { type: 'merge', subresource: 'status', fieldManager: 'mesh' } as const
      await cluster.client.patch(kind, ref, { status: { parents } }, options)
    }
  }
  await cluster.run(0)
}
