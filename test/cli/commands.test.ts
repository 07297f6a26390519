import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { crd } from '../../generators/crd.ts'
import canary from '../../operators/canary/src/generated/operator.ts'
import type { Kind } from '../../src/kube/object.ts'
import { loadProject } from '../../src/project/load.ts'
import { callAp } from '../support/call-ap.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { jsonProblems } from '../support/json-output.ts'

const folder = 'operators/canary'
const annotation = 'autopilot.examples.io/command'
const canaries: Kind = {
  group: 'autopilot.examples.io',
  version: 'v1',
  kind: 'CanaryDeployment',
  plural: 'canarydeployments',
  namespaced: true,
}
const definitions: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
const web = { namespace: 'default', name: 'web' }
const merge = { type: 'merge', fieldManager: 'test' } as const
let cluster: EmbeddedCluster

beforeAll(async () => {
  cluster = await embeddedCluster()
  const { project } = await loadProject(folder)
  await cluster.client.create(definitions, crd(project, canary))
})
afterAll(() => cluster.close())

beforeEach(async () => {
  await cluster.client.create(canaries, {
    apiVersion: 'autopilot.examples.io/v1',
    kind: 'CanaryDeployment',
    metadata: web,
    spec: { deployment: 'web' },
  })
  await phaseIs('Evaluating')
})
afterEach(() => cluster.client.delete(canaries, web))

async function phaseIs(phase: string, status: object = {}): Promise<void> {
  await cluster.client.patch(canaries, web, { status: { phase, ...status } }, { ...merge, subresource: 'status' })
}

const ap = (...args: readonly string[]) => cluster.ap(...args, '--project', folder)
const annotations = async () => (await cluster.client.get(canaries, web)).metadata.annotations

test('a verb is an annotation with who, when and why', async () => {
  const { code, stdout, stderr } = await ap('promote', 'web', '--reason', 'tried by hand')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(
    'CanaryDeployment default/web is told to promote, in Evaluating\nSee what comes of it with: ap get web -n default -w\n',
  )
  expect(await annotations()).toEqual({
    [annotation]: expect.stringMatching(/^promote at \d{4}-[-:.T\d]+Z by admin: tried by hand$/),
  })
})

test('for programs it is JSON', async () => {
  const { stdout } = await ap('abort', 'web', '-n', 'default', '-o', 'json')
  expect(JSON.parse(stdout)).toEqual({
    kind: 'CanaryDeployment',
    namespace: 'default',
    name: 'web',
    phase: 'Evaluating',
    verb: 'abort',
    at: expect.stringMatching(/Z$/),
    by: 'admin',
    resumed: false,
  })
  const paused = await ap('pause', 'web', '-o', 'json', '--reason', 'lunch')
  expect(JSON.parse(paused.stdout)).toMatchObject({ verb: 'pause', by: 'admin', reason: 'lunch', changed: true })
})

test('a verb that the phase does not know is refused with those that are possible', async () => {
  expect(await ap('retry', 'web')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'AP4026 CanaryDeployment default/web is in Evaluating, where retry is not possible. Possible now: promote, abort, pause.\n',
  })
  expect(await annotations()).toBeUndefined()
  await phaseIs('RollBack')
  expect((await ap('abort', 'web')).stderr).toContain('Possible now: pause.')
})

test('a verb that the workflow does not have is refused with the nearest', async () => {
  expect(await ap('command', 'promot', 'web')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'AP4030 the workflow of CanaryDeployment has no verb promot (did you mean "promote"?). It has promote, abort, retry, pause, resume; others are declared under `verbs:` in autopilot.yaml.\n',
  })
  expect((await callAp(['promot', 'web'])).stderr).toContain('(Did you mean promote?)')
})

test('what was said before and not handled yet is replaced, by a later time whatever the clocks say', async () => {
  const first = '2100-01-01T00:00:00.000Z'
  await cluster.client.patch(
    canaries,
    web,
    { metadata: { annotations: { [annotation]: `promote at ${first} by bob` } } },
    merge,
  )
  const { stdout } = await ap('abort', 'web')
  expect(stdout).toContain('promote by bob is replaced; it was not handled yet\n')
  expect(await annotations()).toEqual({ [annotation]: 'abort at 2100-01-01T00:00:00.001Z by admin' })
})

describe('with --wait', () => {
  /** What an operator does when it sees the command. */
  async function handle(outcome: object): Promise<void> {
    const said = await vi.waitFor(async () => {
      const [, verb = '', at = ''] = /^(\S+) at (\S+)/.exec((await annotations())?.[annotation] ?? '') ?? []
      expect(verb).not.toBe('')
      return { verb, at }
    }, 5_000)
    await phaseIs('Evaluating', { lastCommand: { ...said, phase: 'Evaluating', ...outcome } })
  }

  test('it tells that the operator has followed', async () => {
    const [{ code, stdout }] = await Promise.all([ap('promote', 'web', '--wait', '-o', 'json'), handle({})])
    expect(jsonProblems('promote', stdout)).toEqual([])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ verb: 'promote', followedIn: 'Evaluating' })
    expect(jsonProblems('promote', stdout)).toEqual([])
  })

  test('it fails with the reason why the operator does not', async () => {
    const refused = 'podinfo-canary lost all of its available replicas'
    const [{ code, stderr }] = await Promise.all([ap('promote', 'web', '--wait'), handle({ refused })])
    expect(code).toBe(1)
    expect(stderr).toBe(
      `AP4031 CanaryDeployment default/web does not follow promote by admin: ${refused}. Mend what is named, then say it again.\n`,
    )
  })

  test('it fails when a tool puts the annotation back, and when nobody comes', async () => {
    const value = 'promote at 2020-01-01T00:00:00Z'
    const replace = async () => {
      await vi.waitFor(async () => expect(await annotations()).toBeDefined(), 5_000)
      await cluster.client.patch(canaries, web, { metadata: { annotations: { [annotation]: value } } }, merge)
    }
    const [{ code, stderr }] = await Promise.all([ap('abort', 'web', '--wait'), replace()])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('AP4032') })
    expect(stderr).toContain('its annotation says "promote at 2020-01-01T00:00:00Z" now')
    const late = await ap('abort', 'web', '--wait', '--timeout', '0s')
    expect({ code: late.code, stderr: late.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('AP4033 after 0s'),
    })
  })
})

test('a paused resource goes on when it is told something', async () => {
  await ap('pause', 'web')
  const { stdout } = await ap('abort', 'web')
  expect(stdout).toContain('It was paused, and goes on\n')
  expect(Object.keys((await annotations()) ?? {})).toEqual([annotation])
})

test('ap get says what a resource can be told, and what it was told', async () => {
  const before = await ap('get', 'web')
  expect(before.stdout).toContain(
    [
      '└─ can be told to',
      '     promote  The steps that are left are skipped, and the primary gets the new template now',
      '     abort    The new template is rolled back, and not tried again until it changes',
      '     pause    It is held in its phase, with its traffic as it is',
    ].join('\n'),
  )
  await ap('promote', 'web')
  expect((await ap('get', 'web')).stdout).toContain('; promote by admin is not handled yet\n')
  const [, at = ''] = / at (\S+)/.exec((await annotations())?.[annotation] ?? '') ?? []
  await phaseIs('Promoting', { lastCommand: { verb: 'promote', at, by: 'admin', phase: 'Evaluating' } })
  expect((await ap('get', 'web')).stdout).not.toContain('not handled yet')
})

test('`ap command` takes any word that a workflow declares', async () => {
  const other = await mkdtemp(join(tmpdir(), 'ap-verbs-'))
  try {
    await writeFile(
      join(other, 'autopilot.yaml'),
      `kind: CanaryDeployment
apiVersion: autopilot.examples.io/v1
phases: [{name: Evaluating, initial: true}]
verbs: [{name: approve, phases: [Evaluating]}]
`,
    )
    const { code } = await cluster.ap('command', 'approve', 'web', '--project', other)
    expect(code).toBe(0)
    expect((await annotations())?.[annotation]).toMatch(/^approve at /)
    expect((await cluster.ap('command', 'pause', 'web', '--project', other)).stdout).toContain('stays in Evaluating')
  } finally {
    await rm(other, { recursive: true })
  }
})
