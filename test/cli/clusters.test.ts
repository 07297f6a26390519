import { PassThrough } from 'node:stream'
import { createColors } from 'picocolors'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { age } from '../../src/cli/cluster/age.ts'
import { tree } from '../../src/cli/get/tree.ts'
import { prettyLine } from '../../src/cli/logs/pretty-line.ts'
import { main } from '../../src/cli/main.ts'
import type { Kind } from '../../src/kube/object.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { callAp } from '../support/call-ap.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { type PodLogs, startPodLogs } from '../support/pod-logs.ts'

const folder = 'operators/canary'
const plain = createColors(false)
const canaryKind: Kind = {
  group: 'autopilot.examples.io',
  version: 'v1',
  kind: 'CanaryDeployment',
  plural: 'canarydeployments',
  namespaced: true,
}
const virtualServiceKind: Kind = {
  group: 'networking.istio.io',
  version: 'v1',
  kind: 'VirtualService',
  plural: 'virtualservices',
  namespaced: true,
}
const serviceKind: Kind = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true }
let cluster: EmbeddedCluster

beforeAll(async () => {
  cluster = await embeddedCluster()
  await cluster.install('istio')
})

afterAll(() => cluster.close())

/** A canary half-way, with what the mesh has of it. */
async function halfway(): Promise<void> {
  const { client } = cluster
  const canary = await client.create(canaryKind, {
    apiVersion: 'autopilot.examples.io/v1',
    kind: 'CanaryDeployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { deployment: 'web' },
  })
  const backends = [
    { service: 'web-primary', weight: 90 },
    { service: 'web-canary', weight: 10 },
  ]
  const status = {
    phase: 'Evaluating',
    weight: 10,
    phaseHistory: [
      { phase: 'Waiting', entered: '2026-01-01T00:00:00Z', left: '2026-01-01T00:01:00Z', reason: 'a new template' },
      { phase: 'Evaluating', entered: '2026-01-01T00:01:00Z' },
    ],
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Synced',
        message: 'success rate 99.8 %',
        lastTransitionTime: '2026-01-01T00:01:00Z',
        observedGeneration: 1,
      },
    ],
    outputs: { trafficsplits: [{ name: 'web', service: 'web', backends }] },
  }
  await client.patch(
    canaryKind,
    canary.metadata,
    { status },
    { type: 'merge', fieldManager: 'test', subresource: 'status' },
  )
  await client.create(serviceKind, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ name: 'http', port: 80 }] },
  })
  await client.create(virtualServiceKind, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      hosts: ['web.default.svc.cluster.local'],
      http: [
        {
          match: [{ port: 80 }],
          route: [
            { destination: { host: 'web-primary.default.svc.cluster.local', port: { number: 80 } }, weight: 95 },
            { destination: { host: 'web-canary.default.svc.cluster.local', port: { number: 80 } }, weight: 5 },
          ],
        },
      ],
    },
  })
}

describe('before anything is deployed', () => {
  test('ap status says so', async () => {
    const { code, stderr } = await cluster.ap('status', folder)
    expect(code).toBe(1)
    expect(stderr).toContain('AP6042 canary-operator is not deployed in the namespace canary-operator')
  })

  test('ap get says that the kind is not installed', async () => {
    const { code, stderr } = await cluster.ap('get', '--project', folder)
    expect(code).toBe(1)
    expect(stderr).toContain('AP6043 the cluster does not serve CanaryDeployment of autopilot.examples.io')
  })
})

describe('with an operator and a canary half-way', () => {
  beforeAll(async () => {
    const { code, stderr } = await cluster.ap(
      'deploy',
      'registry.example/canary:1',
      folder,
      '--cluster-scoped',
      '--wait',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await halfway()
  })

  test('ap status shows the operator, and the resources by phase', async () => {
    const { code, stdout } = await cluster.ap('status', folder)
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      'operator           canary-operator/canary-operator',
      'image              registry.example/canary:1',
      'mesh               istio',
      'watches            all namespaces',
      'state              available, 1 of 1 replica available',
      'leader             none',
      'CanaryDeployments  1',
      '  Evaluating       1',
      '',
    ])
    const json = await cluster.ap('status', folder, '-o', 'json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      available: true,
      resources: { total: 1, byPhase: { Evaluating: 1 } },
    })
  })

  test('ap get lists', async () => {
    const { stdout } = await cluster.ap('get', '--project', folder, '-A', '-o', 'wide')
    const [head, row] = stdout.split('\n')
    expect(head).toMatch(/^NAME +PHASE +WEIGHT +READY +AGE +ASKED FOR +REASON$/)
    expect(row).toMatch(/^default\/web +Evaluating +10 +True +\d+s +web: 90 % web-primary/)
  })

  test('ap get NAME tells what was asked of the mesh, what it has, and what comes next', async () => {
    const { code, stdout } = await cluster.ap('get', 'web', '--project', folder)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^CanaryDeployment default\/web {2}Evaluating for \d+d\n/)
    expect(stdout).toContain('00:00:00  Waiting     60s  a new template\n')
    expect(stdout).toContain('default/web  asked for 90 % web-primary, 10 % web-canary\n')
    expect(stdout).toContain('port 80: the mesh has 95 % web-primary, 5 % web-canary\n')
    expect(stdout).toContain('Promoting, RollBack, as its worker decides\n')
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100)
  })

  test.each([
    ['json', (text: string) => JSON.parse(text) as unknown],
    ['yaml', (text: string) => text.includes('kind: CanaryDeployment\n') && { metadata: { name: 'web' } }],
  ])('ap get NAME -o %s gives the object', async (format, read) => {
    const { stdout } = await cluster.ap('get', 'web', '--project', folder, '-o', format)
    expect(read(stdout)).toMatchObject({ metadata: { name: 'web' } })
  })

  test('ap get -w prints each new state, and ends with 130', async () => {
    const interrupt = new AbortController()
    const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough()]
    const args = ['get', 'web', '-w', '--project', folder, '--kubeconfig', cluster.kubeconfig]
    const ended = main(args, { stdout, stderr, cwd: process.cwd(), env: {}, signal: interrupt.signal })
    const states: string[] = []
    for await (const text of stdout) {
      states.push(String(text))
      const message = states.length === 1 ? 'success rate 99.9 %' : 'success rate 99.8 %'
      if (states.length === 3) break
      await halfwayWith(message)
    }
    interrupt.abort()
    expect(await ended).toBe(130)
    expect(states.map((text) => /success rate \S+ %/.exec(text)?.[0])).toEqual([
      'success rate 99.8 %',
      'success rate 99.9 %',
      'success rate 99.8 %',
    ])
  })

  async function halfwayWith(message: string): Promise<void> {
    const ref = { namespace: 'default', name: 'web' }
    const { status } = await cluster.client.get(canaryKind, ref)
    const [ready] = listOf(fieldsOf(status)['conditions'])
    await cluster.client.patch(
      canaryKind,
      ref,
      { status: { conditions: [{ ...fieldsOf(ready), message }] } },
      { type: 'merge', fieldManager: 'test', subresource: 'status' },
    )
  }

  test('ap pause says on the resource who holds it since when, ap resume takes it away', async () => {
    const paused = await cluster.ap('pause', 'web', '--project', folder)
    expect(paused).toEqual({ code: 0, stdout: 'CanaryDeployment default/web stays in Evaluating\n', stderr: '' })
    const held = await cluster.client.get(canaryKind, { namespace: 'default', name: 'web' })
    expect(held.metadata.annotations).toMatchObject({
      'autopilot.examples.io/paused': 'true',
      'autopilot.examples.io/paused-by': expect.stringMatching(/^admin at \d{4}-.*Z$/),
    })
    expect((await cluster.ap('pause', 'web', '--project', folder)).stdout).toContain('is paused already')
    expect((await cluster.ap('resume', 'web', '--project', folder)).stdout).toContain('goes on in Evaluating')
    const free = await cluster.client.get(canaryKind, { namespace: 'default', name: 'web' })
    expect(free.metadata.annotations).toEqual({
      'autopilot.examples.io/resumed-by': expect.stringMatching(/^admin at \d{4}-.*Z$/),
    })
    expect((await cluster.ap('resume', 'web', '--project', folder)).stdout).toContain('is not paused')
    expect(await cluster.ap('pause', 'wep', '--project', folder)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AP6044'),
    })
  })

  test('a name that is none of them has a nearest one', async () => {
    const { code, stderr } = await cluster.ap('get', 'wep', '--project', folder)
    expect(code).toBe(1)
    expect(stderr).toContain('AP6044 there is no CanaryDeployment default/wep (did you mean "web"?)')
  })

  test('ap doctor finds the operator', async () => {
    const { stdout } = await cluster.ap('doctor', folder)
    expect(stdout).toContain('ok    canary-operator is deployed in canary-operator\n')
  })

  test.each([
    [['get', '-A', '-n', 'x', '--project', folder], '-A and -n exclude each other'],
    [['get', 'web', '-A', '--project', folder], '-A lists all namespaces'],
    [['get', '-w', '-o', 'json', '--project', folder], '-w goes with text'],
    [['get', '-o', 'xml', '--project', folder], '-o xml is not a format'],
    [['status', folder, '-o', 'xml'], '-o xml is not a format'],
    [['logs', folder, '--tail', 'x'], '--tail x is no number of lines'],
    [['logs', folder, '--since', 'x'], '--since x is no duration'],
    [['doctor', folder, '--prometheus', 'here'], '--prometheus here is no address'],
  ])('%j is a wrong call', async (args, text) => {
    const { code, stderr } = await cluster.ap(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(text)
  })
})

describe('ap logs', () => {
  let server: PodLogs
  afterEach(() => server.close())

  /** The call for the pods of an API server, each with its log. */
  async function pods(...logs: Parameters<typeof startPodLogs>): Promise<string[]> {
    server = await startPodLogs(...logs)
    return ['logs', folder, '--kubeconfig', server.kubeconfig]
  }

  test('prints lines as they are where nobody looks', async () => {
    const line = '{"level":30,"time":0,"msg":"operator started"}'
    const args = await pods({ a: `2026-01-01T00:00:00.000000001Z ${line}\n` })
    expect(await callAp(args)).toEqual({ code: 0, stdout: `${line}\n`, stderr: '' })
  })

  test('names the pods where there are several', async () => {
    const args = await pods({ a: '2026-01-01T00:00:00Z one\n', b: '2026-01-01T00:00:00Z two\n' })
    expect((await callAp(args)).stdout).toBe('a one\nb two\n')
  })

  test('-f takes a broken stream up again where it was, until it is interrupted', async () => {
    const interrupt = new AbortController()
    const lines = ['2026-01-01T00:00:01Z one', '2026-01-01T00:00:02Z two', '2026-01-01T00:00:03Z three']
    const args = await pods({ a: '' }, (_pod, query) => {
      const after = query.get('sinceTime')
      if (after === '2026-01-01T00:00:03Z') interrupt.abort()
      // The kubelet gives what is as old as asked for once more.
      const from = lines.findIndex((line) => after === null || line.startsWith(after))
      return `${lines.slice(from, from + 2).join('\n')}\n`
    })
    const { code, stdout } = await callAp([...args, '-f', '--tail', '2'], '', process.cwd(), interrupt.signal)
    expect(stdout).toBe('one\ntwo\nthree\n')
    expect(code).toBe(130)
  })

  test('a pod whose node is out of reach is told as that, and waited for with -f', async () => {
    const message =
      'Get "https://10.0.0.7:10250/containerLogs/canary-operator/a/operator": dial tcp 10.0.0.7:10250: connect: connection refused'
    let asked = 0
    const args = await pods({ a: '' }, () => (++asked < 3 ? { code: 500, message } : '2026-01-01T00:00:01Z one\n'))
    const problem = 'dial tcp 10.0.0.7:10250: connect: connection refused'
    expect(await callAp(args)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        `AP6062 the API server cannot fetch the log of a from its node at 10.0.0.7:10250: ${problem}`,
      ),
    })
    const interrupt = new AbortController()
    const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })]
    const ended = main([...args, '-f'], { stdout, stderr, cwd: process.cwd(), env: {}, signal: interrupt.signal })
    for await (const text of stdout) {
      expect(text).toBe('one\n')
      break
    }
    interrupt.abort()
    expect(await ended).toBe(130)
    expect(stderr.read()).toBe(`waiting for a: its node at 10.0.0.7:10250 is out of reach: ${problem}\n`)
  })

  test('a log that there is none of yet is told in words, and waited for with -f', async () => {
    const waiting = 'container "operator" in pod "a" is waiting to start: ContainerCreating'
    let asked = 0
    const refuses = () => (++asked < 3 ? { code: 400, message: waiting } : '2026-01-01T00:00:01Z one\n')
    const args = await pods({ a: '' }, refuses)
    expect(await callAp(args)).toEqual({
      code: 1,
      stdout: '',
      stderr: `AP6061 the log of a cannot be read: ${waiting}. See with \`ap status\` whether its container has started; \`ap logs -f\` waits for it.\n`,
    })
    const interrupt = new AbortController()
    const reading = callAp([...args, '-f'], '', process.cwd(), interrupt.signal)
    await vi.waitUntil(() => asked > 3, { timeout: 10_000 })
    interrupt.abort()
    expect(await reading).toEqual({
      code: 130,
      stdout: expect.stringMatching(/^one\n/),
      stderr: `waiting for a: ${waiting}\n`,
    })
  })

  test('says when there is no pod', async () => {
    const { code, stderr } = await callAp(await pods({}))
    expect(code).toBe(1)
    expect(stderr).toContain('AP6041 canary-operator has no pod in the namespace canary-operator')
  })
})

test('a log line of the operator is a sentence and facts for people', () => {
  const line = '{"level":40,"time":1767225600000,"operator":"x","resource":"shop/web","msg":"sync failed","why":"a b"}'
  expect(prettyLine(line, plain)).toBe('00:00:00.000 WARN  sync failed resource=shop/web why="a b"')
  expect(prettyLine('panic: no JSON', plain)).toBe('panic: no JSON')
  expect(prettyLine('{"half', plain)).toBe('{"half')
  const failed = '{"level":50,"time":0,"msg":"worker failed","err":{"message":"no","stack":"Error: no\\n  at x"}}'
  expect(prettyLine(failed, plain)).toBe('00:00:00.000 ERROR worker failed\n  Error: no\n    at x')
})

test('a tree fits into 60 columns', () => {
  const view = {
    name: 'shop/a-resource-with-a-long-name',
    created: undefined,
    phase: 'Evaluating',
    isFinal: false,
    isDeleted: false,
    history: [
      { phase: 'Evaluating', entered: '2026-01-01T00:00:00Z', reason: 'a reason of many words '.repeat(9).trim() },
    ],
    conditions: [],
    traffic: [{ service: 'shop/web', requested: { 'web-primary': 1, 'web-canary': 2 }, observed: [] }],
    waits: 'the success rate cannot be measured since there is no traffic at all on this Service',
    next: ['Promoting'],
    orders: {},
    verbs: [{ name: 'promote', description: 'The steps that are left are skipped, and it gets all traffic now' }],
  }
  const lines = tree('CanaryDeployment', view, { width: 60, now: Date.parse('2026-01-01T00:03:00Z'), colors: plain })
  expect(lines.slice(1).filter((line) => line.length > 60)).toEqual([])
  expect(lines.join('\n')).toContain('the mesh has no object for it')
})

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [7_200_000, '2h'],
  [172_800_000, '2d'],
])('an age of %d ms is %s', (ms, text) => {
  const since = '2026-01-01T00:00:00Z'
  expect(age(since, Date.parse(since) + ms)).toBe(text)
})
