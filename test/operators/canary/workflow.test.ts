import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'
import { podinfoService } from '../../support/podinfo.ts'
import { percentage } from '../../support/worker-inputs.ts'

const quiet = { state: 'no-data', text: 'no traffic' } as const
const down = { state: 'error', text: 'Prometheus cannot be reached' } as const

/** What can happen to a canary from outside, at any time. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('image' as const), version: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    kind: fc.constant('measured' as const),
    rate: fc.constantFrom(percentage(100), percentage(60), quiet, down),
  }),
  fc.record({ kind: fc.constant('lose' as const), name: fc.constantFrom('podinfo-canary') }),
  fc.record({ kind: fc.constant('replicas' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('break' as const), version: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('mesh' as const), follows: fc.boolean(), late: fc.boolean() }),
  fc.record({ kind: fc.constant('dies' as const) }),
  fc.record({ kind: fc.constant('said' as const), verb: fc.constantFrom('promote', 'abort', 'retry') }),
  fc.record({ kind: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 900 }) }),
)

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

async function happen(world: CanaryWorld, event: Event): Promise<void> {
  switch (event.kind) {
    case 'image':
      return world.setImage(`podinfo:6.${event.version}.0`)
    case 'measured':
      world.measurements = { ...world.measurements, successRate: event.rate }
      return
    case 'lose':
      // The operator learns of it at once, so that what it does next is judged and not what it could not know.
      world.lose(event.name)
      await world.sync()
      return
    case 'replicas':
      return world.edit('deployments', 'podinfo', { spec: { replicas: event.count } })
    case 'break':
      world.broken.add(`podinfo:6.${event.version}.0`)
      return
    case 'mesh':
      world.meshFollows = event.follows
      world.meshAnswersLate = event.late
      return
    case 'said':
      world.command = { verb: event.verb, by: 'alice' }
      return
    case 'dies':
      await world.sync({ dies: true })
      return
    case 'time':
      world.now += event.seconds * 1_000
  }
}

test.prop([fc.array(event, { maxLength: 60 })], { numRuns: 300 })(
  'whatever happens, no weight is put on what has no pods, the Service always has pods, and only what did well, or somebody wants, is promoted',
  async (events) => {
    const world = new CanaryWorld({ steps: [30, 60] })
    await world.run('Waiting')
    for (const next of events) {
      await happen(world, next)
      const { next: phase, reason } = await world.sync()
      if (phase === 'Promoting' && !reason?.endsWith('by alice'))
        expect(world.measurements.successRate).toEqual(percentage(100))
      world.progress()
      world.now += 5_000
    }
    expect(world.violations).toEqual([])

    // When all is well again it comes to rest: primary serving, nothing left of a canary.
    world.meshFollows = true
    world.broken.clear()
    world.measurements = { ...world.measurements, successRate: percentage(100) }
    world.setImage('podinfo:7.0.0')
    world.progress()
    await world.run('Waiting', 400)
    expect(world.resource.status?.promoted?.images).toEqual(['podinfo:7.0.0'])
    expect(world.deployment('podinfo-primary')?.spec?.template.spec?.containers[0]?.image).toBe('podinfo:7.0.0')
    expect(world.deployment('podinfo-canary')).toBeUndefined()
    expect(world.deployment()?.spec?.replicas).toBe(0)
    expect([world.weight, world.service()?.spec?.selector]).toEqual([0, { app: 'podinfo-primary' }])
    expect(world.violations).toEqual([])

    while (!(await world.finalize()).done) {
      world.progress()
      world.now += 5_000
    }
    expect(world.service()?.spec?.selector).toEqual(podinfoService().spec?.selector)
    expect(world.violations).toEqual([])
  },
)

test.prop([fc.array(event, { maxLength: 60 })], { numRuns: 200 })(
  'deleting the resource at any time gives the target its replicas and its traffic back',
  async (events) => {
    const world = new CanaryWorld({ steps: [30, 60] })
    for (const next of events) {
      if (next.kind === 'break') continue
      await happen(world, next)
      await world.sync()
      world.progress()
      world.now += 5_000
    }
    world.meshFollows = true
    const takenOver = world.resource.status?.promoted
    for (let calls = 0; !(await world.finalize()).done; calls++) {
      expect(calls).toBeLessThan(20)
      world.progress()
      world.now += 5_000
    }
    expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo' })
    expect(world.splits.flatMap(({ backends }) => backends)).toEqual([])
    expect(world.deployment()?.status?.availableReplicas).toBeGreaterThan(0)
    if (takenOver)
      expect(world.deployment()?.spec?.template.spec?.containers.map(({ image }) => image)).toEqual(takenOver.images)
    expect(world.violations).toEqual([])
  },
)
