import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { dyingAt } from './support/dying.ts'
import { definition, split, statusOf } from './support/flows.ts'
import { flowKind, flowProject, istio, phase, World } from './support/world.ts'

const project = flowProject([
  phase('Shifting', { initial: true, outputs: ['trafficsplits'] }),
  phase('Finished', { final: true }),
])

const attachTo = { kind: 'VirtualService', name: 'web', rules: [1] } as const

/** Shifts in three steps within a route of the user, then leaves it. */
const workflow = definition({
  Shifting: (context) => {
    const weight = (statusOf(context).weight ?? 0) + 30
    if (weight > 90) return { outputs: { trafficsplits: [] }, next: 'Finished' }
    return { outputs: { trafficsplits: [split(weight, 'web', { attachTo })] }, status: { weight }, after: '10s' }
  },
})

const virtualServices = istio.kinds.find(({ kind }) => kind === 'VirtualService') as Kind

const route: KubeObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'web', namespace: 'shop', labels: { team: 'storefront' } },
  spec: {
    hosts: ['web.example.com'],
    http: [
      { match: [{ uri: { prefix: '/static' } }], route: [{ destination: { host: 'assets' } }] },
      { route: [{ destination: { host: 'web-primary' } }], timeout: '3s' },
    ],
  },
}

interface Life {
  readonly deaths: readonly { readonly call: number; readonly after: boolean }[]
  /** Milliseconds after which the resource is deleted; never unless given. */
  readonly deletion?: number
}

async function live({ deaths, deletion }: Life) {
  const world = await World.create({ project, definition: workflow })
  await world.service('web')
  await world.client.create(virtualServices, route)
  const weights: unknown[] = []
  let generation = 1
  world.server.onWrite(({ object }) => {
    // The generation is that of what users write: fields of field managers come and go without it.
    if (object.kind !== 'VirtualService' || object.metadata.generation === generation) return
    generation = object.metadata.generation ?? 0
    const [, { route: destinations }] = (object.spec as { http: [object, { route: { weight?: number }[] }] }).http
    weights.push(destinations.map(({ weight }) => weight ?? 'all').join('/'))
  })
  await world.flow('web')
  for (const { call, after } of deaths) {
    const process = world.start((send) => dyingAt(call, after, () => process.kill())(send))
    await world.run(6_000)
    process.kill()
  }
  if (deletion !== undefined) {
    const process = world.start()
    await world.run(deletion)
    process.kill()
    await world.deleteFlow('web')
  }
  world.start()
  await world.run(90_000)
  const left = await world.get(virtualServices, 'web')
  const { phase: last, attachments } = await world.status('web')
  return {
    weights,
    last,
    attachments,
    spec: left?.spec,
    labels: left?.metadata.labels,
    flow: await world.get(flowKind, 'web'),
  }
}

const death = fc.record({ call: fc.integer({ min: 1, max: 24 }), after: fc.boolean() })

test.prop([fc.array(death, { maxLength: 4 })], { numRuns: 60 })(
  'killed at any call and started again, the operator edits the route as if undisturbed, and leaves it as it was',
  async (deaths) => {
    const { flow: _, ...expected } = await live({ deaths: [] })
    expect(await live({ deaths })).toMatchObject(expected)
    expect(expected).toEqual({
      weights: ['70/30', '40/60', '10/90', 'all'],
      last: 'Finished',
      attachments: undefined,
      spec: route.spec,
      labels: route.metadata.labels,
    })
  },
)

test.prop([fc.array(death, { maxLength: 3 }), fc.integer({ min: 0, max: 40_000 })], { numRuns: 30 })(
  'a resource that is deleted at any time, also while no operator is there, leaves the route as it was',
  async (deaths, deletion) => {
    expect(await live({ deaths, deletion })).toMatchObject({
      spec: route.spec,
      labels: route.metadata.labels,
      flow: undefined,
    })
  },
)
