import { expect, test } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { linkerd } from '../adapters/adapters.ts'
import { shifting, shiftingProject } from './support/flows.ts'
import { World } from './support/world.ts'

const crds: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

async function worldWithoutRoutesForConnections() {
  const world = await World.create({ project: shiftingProject, definition: shifting, adapter: linkerd })
  for (const plural of ['tcproutes', 'tlsroutes'])
    await world.client.delete(crds, { name: `${plural}.gateway.networking.k8s.io` })
  return world
}

test('a cluster without routes for connections keeps no operator from splitting HTTP', async () => {
  const world = await worldWithoutRoutesForConnections()
  await world.service('web')
  await world.flow('web')
  const { operator } = world.start()
  await world.run(300_000)
  expect(operator.ready()).toBe(true)
  expect(world.logs.filter(({ msg }) => msg === 'the cluster lacks optional kinds')).toMatchObject([
    { kinds: ['tcproutes.gateway.networking.k8s.io', 'tlsroutes.gateway.networking.k8s.io'] },
  ])
  expect(await world.status('web')).toMatchObject({ phase: 'Finished', weight: 50 })
})

test('until the cluster answers what it serves, the operator is not ready, and then it is', async () => {
  const world = await worldWithoutRoutesForConnections()
  let isDown = true
  const { operator } = world.start((send) => (request) => {
    return isDown && request.path === '/apis' ? Promise.reject(new Error('connection refused')) : send(request)
  })
  await world.run(5_000)
  expect(operator.ready()).toBe(false)
  isDown = false
  await world.run(60_000)
  expect(operator.ready()).toBe(true)
})
