import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Access } from '../support/cluster/client.ts'
import { describeCluster } from '../support/cluster/cluster.ts'
import { writeKubeconfig } from '../support/cluster/kubeconfig.ts'
import { freePort } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { findPrometheus, startPrometheus } from '../support/cluster/prometheus.ts'
import { CanaryStory, type StoryTelemetry } from '../support/live/canary-story.ts'
import { Installation, type LiveOperator } from '../support/live/installation.ts'
import { TelemetryEndpoint } from '../support/live/telemetry.ts'
import { runAp } from '../support/run-ap.ts'

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

describeCluster('an operator that cannot work', (cluster) => {
  const operators: LiveOperator[] = []
  afterAll(async () => {
    for (const operator of operators) await operator.stop()
  })

  const start = async (label: string, prepare: (installed: Installation) => Promise<void>) => {
    const installed = await Installation.apply(cluster, 'istio', `${label}-${process.pid}`)
    await prepare(installed)
    const operator = await installed.start({}, { ready: false })
    operators.push(operator)
    return { installed, operator }
  }

  /** Waits until `/readyz` says this, and expects the log to have said it too, without a stack. */
  const untilSaid = async (operator: LiveOperator, problem: RegExp) => {
    await waitFor(
      `it says ${problem}`,
      async () => {
        const { status, text } = await operator.readiness()
        return status === 503 && problem.test(text)
      },
      { processes: [operator.process] },
    )
    const log = await operator.log()
    expect(log.filter((line) => problem.test(JSON.stringify(line)))).not.toEqual([])
    expect(JSON.stringify(log)).not.toMatch(/\\n\s+at /)
  }

  const untilReady = (operator: LiveOperator) =>
    waitFor('it is ready', () => operator.isReady(), { processes: [operator.process] })

  test('where the kinds of its mesh are not installed it says so, and works when they are', async () => {
    const crd = 'virtualservices.networking.istio.io'
    const manifest = await cluster.kubectl(['get', 'crd', crd, '-o', 'json'])
    const { operator } = await start('unmeshed', async () => {
      await cluster.kubectl(['delete', 'crd', crd, '--timeout=60s'])
    })
    try {
      await untilSaid(operator, /AP2225 the cluster does not serve v1 of virtualservices.networking.istio.io/)
    } finally {
      const { metadata, spec } = JSON.parse(manifest)
      const stdin = JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: metadata.name, annotations: metadata.annotations },
        spec,
      })
      await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin })
      await cluster.kubectl(['wait', '--for=condition=Established', `crd/${crd}`, '--timeout=30s'])
    }
    await untilReady(operator)
  })

  test('without rights it says which it lacks, and works when it has them', async () => {
    const { installed, operator } = await start('rightless', async ({ namespace }) => {
      const label = namespace.replace('operator-', '')
      await cluster.kubectl(['delete', 'clusterrolebinding', `canary-operator-istio-${label}`])
    })
    // It names the first kind that it was refused; which one that is, is a race.
    await untilSaid(operator, /AP3011 .* may not list (virtualservices|destinationrules|\w+routes)\./)
    await installed.apply()
    await untilReady(operator)
  })

  test('when its token is refused it stays up and says so, and goes on with a new one', async () => {
    const { installed, operator } = await start('expired', async (installation) => installation.useTokenFile())
    await untilReady(operator)
    await cluster.kubectl(['-n', installed.namespace, 'delete', 'serviceaccount', installed.accountName])
    await untilLogged(operator, /AP3010 .* does not accept the credentials/)
    await installed.apply()
    await installed.useTokenFile()
    const renewed = await renewal(installed.namespace)
    await waitFor('the Lease is renewed', async () => (await renewal(installed.namespace)) !== renewed, {
      timeout: 90_000,
    })
  })

  const renewal = (namespace: string) =>
    cluster.kubectl(['-n', namespace, 'get', 'lease', 'canary-operator', '-o', 'jsonpath={.spec.renewTime}'])

  const untilLogged = (operator: LiveOperator, line: RegExp) =>
    waitFor(`it logs ${line}`, async () => line.test(JSON.stringify(await operator.log())), {
      processes: [operator.process],
    })

  test('a kubeconfig that leads nowhere, or with a token that is refused, ends it with one line that says so', async () => {
    const kubeconfig = join(cluster.facts.folder, 'wrong.kubeconfig')
    const run = async (access: Access) => {
      await writeKubeconfig(kubeconfig, access)
      const { code, stdout, stderr } = await runAp(['run', 'operators/canary', '--kubeconfig', kubeconfig])
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      return stderr
    }
    const { ca, url } = cluster.admin
    const nowhere = await run({ url: `https://127.0.0.1:${await freePort()}`, ca })
    expect(nowhere).toMatch(/^AP3001 the API server at https:\S+ cannot be reached: connection refused\. [^\n]*\n$/)
    const refused = await run({ url, ca, token: 'invented' })
    expect(refused).toMatch(/^AP3010 \S+ does not accept the credentials of \S+: [^\n]*\n$/)
  })
})
