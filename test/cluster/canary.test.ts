import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countCalls } from '../support/cluster/audit.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import { meshNames } from '../support/cluster/crds.ts'
import { findPrometheus, type RunningPrometheus, startPrometheus } from '../support/cluster/prometheus.ts'
import { directWay, isAvailable, waysOf } from '../support/live/apex.ts'
import { CanaryStory, replay } from '../support/live/canary-story.ts'
import { TelemetryEndpoint } from '../support/live/telemetry.ts'

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
  let prometheus: RunningPrometheus
  let endpoint: TelemetryEndpoint

  beforeAll(async () => {
    if (programs === undefined) return
    endpoint = await TelemetryEndpoint.start()
    prometheus = await startPrometheus(programs, [{ job: 'proxies', address: endpoint.address }])
  })
  afterAll(async () => {
    endpoint?.stop()
    await prometheus?.stop()
  })

  for (const mesh of meshNames) {
    describeMesh(mesh, (cluster) => {
      let story: CanaryStory
      beforeAll(async () => {
        story = await CanaryStory.begin(cluster, mesh, { endpoint, prometheusUrl: prometheus.url })
      })
      afterAll(() => story?.end())

      test('a target is taken over', async () => {
        await story.applyCanary(spec)
        await story.untilWaiting(2)
        console.log(JSON.stringify(story.canary()?.status, undefined, 1))
        console.log(story.shares())
      })
    })
  }
})
