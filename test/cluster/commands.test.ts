import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCluster } from '../support/cluster/cluster.ts'
import { writeKubeconfig } from '../support/cluster/kubeconfig.ts'
import { freePort } from '../support/cluster/ports.ts'
import { CanaryStory } from '../support/live/canary-story.ts'
import { TelemetryEndpoint } from '../support/live/telemetry.ts'
import { runAp } from '../support/run-ap.ts'

const annotation = 'autopilot.examples.io/command'

/** One canary's life: each test goes on where the one before it ended. */
describeCluster('what people tell a canary on a real API server', (cluster) => {
  let endpoint: TelemetryEndpoint
  let story: CanaryStory
  let kubeconfig: string

  beforeAll(async () => {
    endpoint = await TelemetryEndpoint.start()
    // Without measurements a canary stays at its first step until somebody says what to do.
    const telemetry = { endpoint, prometheusUrl: `http://127.0.0.1:${await freePort()}` }
    story = await CanaryStory.begin(cluster, 'istio', telemetry)
    kubeconfig = join(cluster.facts.folder, 'commands.kubeconfig')
    await writeKubeconfig(kubeconfig, cluster.admin, story.namespace)
    await story.applyCanary({ steps: [20, 50], analysisPeriod: '2s', measurementInterval: '5s' })
    await story.untilWaiting(2)
    await story.setImage('6.9.1')
    await story.until('the first step is taken', () => story.share() === 20)
  })
  afterAll(async () => {
    await story?.end()
    endpoint?.stop()
  })

  const ap = (...args: string[]) =>
    runAp([...args, '--project', 'operators/canary', '--kubeconfig', kubeconfig, '-n', story.namespace])
  const phase = () => story.canary()?.status?.phase

  test('a canary is aborted, and the status says by whom', async () => {
    const { code, stdout } = await ap('abort', 'podinfo', '--reason', 'errors in the log')
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is told to abort, in Evaluating'),
    })
    await story.untilWaiting(5)
    expect(story.canary()?.status?.lastCommand).toEqual({
      verb: 'abort',
      at: expect.stringMatching(/Z$/),
      // As the API server knows the user, who is called `test` in the kubeconfig.
      by: 'admin',
      reason: 'errors in the log',
      phase: 'Evaluating',
    })
    expect(story.condition('CommandAccepted')).toBe(
      'True: Taken: abort by admin (errors in the log) was taken in Evaluating',
    )
    expect(story.canary()?.status?.failed?.reason).toBe('aborted by admin: errors in the log')
    expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.0')
  })

  test('what is not possible is refused by ap with what is, and by the operator where ap was not asked', async () => {
    expect(await ap('promote', 'podinfo')).toEqual({
      code: 1,
      stdout: '',
      stderr: `AP4026 CanaryDeployment ${story.namespace}/podinfo is in Waiting, where promote is not possible. Possible now: retry, pause.\n`,
    })
    const value = `promote at ${new Date().toISOString()}`
    await cluster.kubectl([
      '-n',
      story.namespace,
      'annotate',
      '--overwrite',
      'canarydeployment',
      'podinfo',
      `${annotation}=${value}`,
    ])
    await story.until('it is refused', () =>
      /^False: Refused: promote is not followed in Waiting: AP4026/.test(story.condition('CommandAccepted') ?? ''),
    )
    expect(phase()).toBe('Waiting')
    const events = await cluster.kubectl(['-n', story.namespace, 'get', 'events', '-o', 'jsonpath={.items[*].reason}'])
    expect(events).toContain('CommandTaken')
    expect(events).toContain('CommandRefused')
  })

  test('the version that was rolled back is tried again and promoted ahead of time', async () => {
    expect((await ap('retry', 'podinfo')).code).toBe(0)
    await story.until('the first step is taken again', () => story.share() === 20)
    expect((await ap('get', 'podinfo')).stdout).toMatch(/can be told to\n +promote .*\n +abort .*\n +pause /)
    expect((await ap('promote', 'podinfo')).code).toBe(0)
    await story.untilWaiting(8)
    expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.1')
    expect(story.telemetry.lost).toBe(0)
  })

  test('an old command that a tool puts back is not followed again', async () => {
    const [value = ''] = Object.values(story.canary()?.metadata.annotations ?? {}).filter((text) =>
      /^promote at/.test(text),
    )
    await story.setImage('6.9.2')
    await story.until('the first step is taken', () => story.share() === 20)
    expect((await ap('abort', 'podinfo')).code).toBe(0)
    await story.untilWaiting(11)
    await story.setImage('6.9.3')
    await story.until('the first step is taken', () => story.share() === 20)
    await cluster.kubectl([
      '-n',
      story.namespace,
      'annotate',
      '--overwrite',
      'canarydeployment',
      'podinfo',
      `${annotation}=${value}`,
    ])
    await story.until('it is found to be old', () =>
      /^False: Outdated: AP4028/.test(story.condition('CommandAccepted') ?? ''),
    )
    expect(phase()).toBe('Evaluating')
    expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.1')
  })
})
