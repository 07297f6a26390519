import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuditMark, countCalls } from '../support/cluster/audit.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import { type MeshName, meshNames } from '../support/cluster/crds.ts'
import { findPrometheus } from '../support/cluster/prometheus.ts'
import { directWay, isAvailable, waysOf } from '../support/live/apex.ts'
import { CanaryStory, replay } from '../support/live/canary-story.ts'
import { canaryKind, deploymentKind, serviceKind } from '../support/live/kinds.ts'
import { proxyTelemetry } from '../support/live/proxy-telemetry.ts'
import { changesByObject, writesByObject } from '../support/live/write-counts.ts'
import { proves } from '../support/proof.ts'

const spec = {
  steps: [20, 50],
  analysisPeriod: '2s',
  measurementInterval: '5s',
  successThreshold: 99,
  maxLatency: '500ms',
  progressDeadline: '1m',
}

const programs = await findPrometheus()

describe.skipIf(programs === undefined)('the canary operator on a real API server', () => {
  const telemetry = proxyTelemetry(programs)
  for (const mesh of meshNames) oneMesh(mesh, telemetry)
})

/** One canary's life under one mesh: each test goes on where the one before it ended. The meshes live side by side. */
function oneMesh(mesh: MeshName, telemetry: () => Parameters<typeof CanaryStory.begin>[2]): void {
  describeMesh(
    mesh,
    (cluster) => {
      let story: CanaryStory
      let visits = 0
      let killedAt = 0
      const promotion: { from?: AuditMark; to?: AuditMark; lateness: string[] } = { lateness: [] }

      /** Names of the phases that were entered since this was called last. */
      const newPhases = () => {
        const all = story.canary()?.status?.phaseHistory ?? []
        const phases = all.slice(visits).map(({ phase }) => phase)
        visits = all.length
        return phases
      }

      beforeAll(async () => {
        story = await CanaryStory.begin(cluster, mesh, telemetry())
      })
      afterAll(() => story?.end())

      test('a target is taken over', { concurrent: false }, async () => {
        await story.applyCanary(spec)
        await story.untilWaiting(2)
        expect(newPhases()).toEqual(['Initializing', 'Waiting'])
        await story.until('the target rests', () => story.deployment('podinfo')?.spec?.replicas === 0)
        expect(story.deployment('podinfo-primary')?.status?.availableReplicas).toBe(2)
        expect(story.recorder.now.get(serviceKind, 'podinfo')?.spec?.selector).toEqual({ app: 'podinfo-primary' })
      })

      test('a good version is promoted step by step', { concurrent: false }, async () => {
        proves(mesh, 'cluster', ['weightedSplit'])
        const from = story.revision()
        promotion.from = await cluster.audit.mark()
        await story.setImage('6.9.1')
        await story.untilWaiting(5)
        promotion.to = await cluster.audit.mark()
        expect(newPhases()).toEqual(['Evaluating', 'Promoting', 'Waiting'])
        expect(story.shares(from)).toEqual([0, 20, 50, 0])
        promotion.lateness = story.latenessAt(20, from)
        expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.1')
        await story.until('the canary is gone', () => story.deployment('podinfo-canary') === undefined)
        expect(story.canary()?.status).toMatchObject({
          weight: 0,
          promoted: { images: ['stefanprodan/podinfo:6.9.1'] },
        })
      })

      test('a bad version is rolled back', { concurrent: false }, async () => {
        const from = story.revision()
        await story.setImage('6.9.2-bad')
        await story.untilWaiting(8)
        expect(newPhases()).toEqual(['Evaluating', 'RollBack', 'Waiting'])
        expect(story.shares(from)).toEqual([0, 20, 0])
        await story.until('the canary is gone', () => story.deployment('podinfo-canary') === undefined)
        expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.1')
        const { failed } = story.canary()?.status ?? {}
        expect(failed).toMatchObject({ images: ['stefanprodan/podinfo:6.9.2-bad'] })
        expect(failed?.reason).toMatch(/success rate .* is below 99 %/)
      })

      test('an operator at rest asks nothing', { concurrent: false, timeout: 60_000 }, async () => {
        await delay(5_000)
        const from = await cluster.audit.mark()
        await delay(20_000)
        const to = await cluster.audit.mark()
        const { 'update leases.coordination.k8s.io': renewals, ...others } = countCalls(
          await story.calls(from, to),
          ({ verb, resource }) => `${verb} ${resource}`,
        )
        expect(others).toEqual({})
        expect(renewals).toBeGreaterThan(4)
        expect(renewals).toBeLessThan(12)
      })

      test('killed in the middle of the analysis, it leaves the weight as it is', { concurrent: false }, async () => {
        killedAt = story.revision()
        const { process } = story.operator
        story.recorder.listen(() => {
          if (story.operator.process === process && story.share() === 20) void process.kill('SIGKILL')
        })
        await story.setImage('6.9.3')
        await story.until('the first step is written', () => story.share() === 20)
        await process.kill('SIGKILL')
        await story.startOperator()
        expect(story.share()).toBe(20)
      })

      test('the next process carries on at that weight when the Lease has expired', { concurrent: false }, async () => {
        await story.untilWaiting(11)
        expect(newPhases()).toEqual(['Evaluating', 'Promoting', 'Waiting'])
        expect(story.shares(killedAt)).toEqual([0, 20, 50, 0])
      })

      test('deleting the resource gives everything back', { concurrent: false }, async () => {
        await cluster.kubectl(['-n', story.namespace, 'delete', 'canarydeployment', 'podinfo', '--timeout=60s'])
        // When the resource is gone, all else is: nothing is waited for.
        const [target, ...copies] = await story.objects(deploymentKind)
        expect(copies).toEqual([])
        expect(target).toMatchObject({
          metadata: { name: 'podinfo' },
          spec: { replicas: 2, template: { spec: { containers: [{ image: 'stefanprodan/podinfo:6.9.3' }] } } },
          status: { availableReplicas: 2 },
        })
        expect(await story.objects(serviceKind)).toMatchObject([
          { metadata: { name: 'podinfo' }, spec: { selector: { app: 'podinfo' } } },
        ])
        for (const kind of [...story.adapter.kinds, canaryKind]) expect(await story.objects(kind)).toEqual([])
        await story.untilSeen()
      })

      test('at every moment the apex had weight, on available backends only', { concurrent: false }, () => {
        const { adapter, apex } = story
        let watching = false
        const gaps: unknown[] = []
        for (const { change, snapshot } of replay(story.recorder.changes())) {
          watching ||= change.kind === canaryKind
          if (!watching) continue
          const ways = [...waysOf(adapter, apex, snapshot).filter(({ share }) => share > 0), directWay(apex, snapshot)]
          const unavailable = ways.filter((way) => !isAvailable(way)).map(({ service }) => service)
          if (ways.length === 1 || unavailable.length > 0) {
            gaps.push({ at: `${change.type} ${change.kind.plural} ${change.object.metadata.name}`, unavailable })
          }
        }
        expect(watching).toBe(true)
        expect(gaps).toEqual([])
        expect(story.telemetry.lost).toBe(0)
      })

      test('nothing was written that did not change', { concurrent: false }, async () => {
        const all = await cluster.audit.calls(story.began, await cluster.audit.mark())
        const { user } = story.installation.account
        const calls = all.filter(
          (call) => call.namespace === story.namespace && (call.user === user || call.userAgent.startsWith('kubectl')),
        )
        const changes = story.recorder.changes()
        const writes = writesByObject(calls, changes)
        expect(Object.keys(writes)).toContain('deployments podinfo-primary')
        expect(writes).toEqual(changesByObject(changes))
      })

      test('a weight step costs no GET and at most three writes', { concurrent: false }, async () => {
        if (promotion.from === undefined || promotion.to === undefined) throw new Error('nothing was promoted')
        const calls = (await story.calls(promotion.from, promotion.to)).filter(
          ({ resource }) => !resource.startsWith('leases'),
        )
        const plurals = story.adapter.kinds.map(({ plural }) => plural)
        const isTraffic = (index: number) => plurals.some((plural) => calls[index]?.resource.startsWith(`${plural}.`))
        const starts = calls.flatMap((_, index) => (isTraffic(index) && !isTraffic(index - 1) ? [index] : []))
        expect(starts).toHaveLength(3)
        // From the first write for one weight to the first for the next.
        const step = calls.slice(starts[0], starts[1]).map(({ verb, resource }) => `${verb} ${resource}`)
        expect(step.filter((call) => !call.startsWith('patch '))).toEqual([])
        // How soon a mesh answers and metrics are there is not the operator's doing: each is told once, and is no part of the step.
        const { lateness } = promotion
        expect(lateness.length, lateness.join('; ')).toBeLessThanOrEqual(2)
        expect(step.length - lateness.length, [...step, ...lateness].join(', ')).toBeLessThanOrEqual(3)
      })
    },
    { concurrent: true },
  )
}
