import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCluster } from '../support/cluster/cluster.ts'
import { freePort } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { findPrometheus, startPrometheus } from '../support/cluster/prometheus.ts'
import { CanaryStory, type StoryTelemetry } from '../support/live/canary-story.ts'
import { Installation, type LiveOperator } from '../support/live/installation.ts'
import { TelemetryEndpoint } from '../support/live/telemetry.ts'

const programs = await findPrometheus()

const spec = { steps: [20, 50], analysisPeriod: '2s', measurementInterval: '5s' }

describeCluster('one operator for all namespaces, in adversity', (cluster) => {
  let endpoint: TelemetryEndpoint
  let telemetry: StoryTelemetry
  let installed: Installation
  let operator: LiveOperator
  const stories: CanaryStory[] = []
  /** A canary in the middle of its analysis that cannot be measured. */
  let held: CanaryStory | undefined

  const begin = async (options: { podinfo?: boolean } = {}) => {
    const story = await CanaryStory.begin(cluster, 'istio', telemetry, { ...options, installed })
    stories.push(story)
    return story
  }

  beforeAll(async () => {
    endpoint = await TelemetryEndpoint.start()
    // Nobody listens there.
    telemetry = { endpoint, prometheusUrl: `http://127.0.0.1:${await freePort()}` }
    installed = await Installation.apply(cluster, 'istio', `all-${process.pid}`)
    operator = await installed.start({ prometheus: { url: telemetry.prometheusUrl } })
  })
  afterAll(async () => {
    for (const story of stories) await story.end()
    await operator?.stop()
    endpoint?.stop()
  })

  test('a missing Deployment is said on the resource, and taken over when it comes', { concurrent: true }, async () => {
    const story = await begin({ podinfo: false })
    await story.applyCanary(spec)
    const missing = /Deployment podinfo does not exist; Service podinfo does not exist/
    await story.until('it is said', () => missing.test(story.condition('Ready') ?? ''))
    await story.applyPodinfo()
    await story.untilWaiting(2)
  })

  test('a target without ports is said on the resource', { concurrent: true }, async () => {
    const story = await begin()
    const path = `/apis/apps/v1/namespaces/${story.namespace}/deployments/podinfo`
    const portless = [{ op: 'remove', path: '/spec/template/spec/containers/0/ports' }]
    for (const probe of ['livenessProbe', 'readinessProbe']) {
      portless.push({ op: 'remove', path: `/spec/template/spec/containers/0/${probe}` })
    }
    await cluster.client.ask('PATCH', path, portless, 'application/json-patch+json')
    await story.applyCanary({ ...spec, ports: [1234] })
    await story.until('it is said', () => story.condition('Ready') !== undefined)
    expect(story.condition('Ready')).toMatch(/no container of Deployment podinfo declares a port/)
    expect(story.condition('Ready')).toMatch(/spec\.ports names 1234, but Service podinfo has 9898, 9797/)
  })

  test('of two canaries on one target the younger waits until the older is gone', { concurrent: true }, async () => {
    const story = await begin()
    await story.applyCanary(spec)
    await story.untilWaiting(2)
    await story.applyCanary(spec, 'rival')
    await story.until('the rival is told', () =>
      /CanaryDeployment podinfo/.test(story.condition('Ready', 'rival') ?? ''),
    )
    expect(story.canary('rival')?.status?.phase).toBe('Initializing')
    await cluster.kubectl(['-n', story.namespace, 'delete', 'canarydeployment', 'podinfo', '--timeout=60s'])
    await story.until('the rival takes over', () => story.canary('rival')?.status?.phase === 'Waiting')
    expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.0')
  })

  test('while a namespace vanishes in the middle of an analysis, the operator works on', {
    concurrent: true,
  }, async () => {
    const [doomed, other] = [await begin(), await begin()]
    for (const story of [doomed, other]) await story.applyCanary(spec)
    for (const story of [doomed, other]) await story.untilWaiting(2)
    for (const story of [doomed, other]) await story.setImage('6.9.1')
    await doomed.until('the analysis runs', () => doomed.share() === 20)
    await cluster.client.ask('DELETE', `/api/v1/namespaces/${doomed.namespace}`)
    const path = `/api/v1/namespaces/${doomed.namespace}`
    await waitFor('the namespace is gone', async () => (await cluster.client.call('GET', path)).status === 404)
    await operator.process.assertAlive()
    await other.until('the other canary is held for want of measurements', () => {
      return /no measurement/.test(other.condition('Ready') ?? '')
    })
    held = other
  })

  const measurable = test.skipIf(programs === undefined)
  measurable(
    'without Prometheus a canary stays where it is, and goes on with the one of an edited configuration',
    async () => {
      const story = held
      if (story === undefined || programs === undefined) throw new Error('no canary is held')
      await delay(6_000)
      expect(story.share()).toBe(20)
      expect(story.condition('Ready')).toMatch(/no measurement of the success rate: Prometheus at .* cannot be reached/)
      const prometheus = await startPrometheus(programs, [{ job: 'proxies', address: endpoint.address }])
      try {
        await installed.configure({ prometheus: { url: prometheus.url } })
        await story.untilWaiting(5)
        expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.1')
      } finally {
        await prometheus.stop()
      }
    },
  )
})

describeCluster('a mesh that does not answer', (cluster) => {
  test('does not hold a canary up for ever, and the resource says so', async () => {
    const endpoint = await TelemetryEndpoint.start()
    const telemetry = { endpoint, prometheusUrl: `http://127.0.0.1:${await freePort()}` }
    const story = await CanaryStory.begin(cluster, 'gateway-api', telemetry, { answers: false })
    try {
      const began = performance.now()
      await story.applyCanary(spec)
      await story.until(
        'the answer is waited for',
        () => story.condition('TrafficAccepted')?.startsWith('Unknown: Pending') === true,
      )
      expect(story.canary()?.status?.phase).toBe('Initializing')
      await story.untilWaiting(2)
      expect(performance.now() - began).toBeGreaterThan(10_000)
      expect(story.condition('TrafficAccepted')).toMatch(
        /^Unknown: NoAnswer: the mesh has not answered about HTTPRoute/,
      )
    } finally {
      await story.end()
      endpoint.stop()
    }
  })
})
