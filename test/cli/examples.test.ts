import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../../src/cli/program.ts'
import { callAp } from '../support/call-ap.ts'
import type { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { type ExampleCall, exampleCalls, goOn } from '../support/example-calls.ts'
import {
  canaryKind,
  clusterWith,
  emptyCluster,
  exampleFiles,
  exampleNamespaces,
  exampleProject,
} from '../support/example-world.ts'
import { startSteadyPrometheus } from '../support/new-project/steady-prometheus.ts'
import { startPodLogs } from '../support/pod-logs.ts'
import { runAp } from '../support/run-ap.ts'
import { writeProject } from '../support/write-project.ts'

/** Examples of which only the words are tried here, and why. */
const parsedOnly: Readonly<Record<string, string>> = {
  'ap demo': 'takes seconds; test/e2e/demo.test.ts runs every mesh and scenario',
  'ap demo -o json': 'the same',
  'ap init my-operator': 'packs this checkout, which takes a build; the suites of new projects do it',
  'ap init my-operator --kind Example --mesh linkerd --yes': 'the same',
  'ap init rollouts --kind Rollout --group acme.io --template canary': 'the same',
  'ap build ghcr.io/acme/rollouts:1.0.0': 'takes seconds; test/cli/build.test.ts builds and starts an image',
  'ap build localhost:5000/rollouts --platform linux/amd64,linux/arm64': 'the same',
  'ap build ghcr.io/acme/rollouts:1.0.0 --push': 'needs that registry; the suites of images push to one of their own',
  'ap build rollouts:dev --engine docker': 'needs Docker',
  'ap promote web --wait -o json': 'needs an operator that follows; test/cli/commands.test.ts plays one',
  'ap test': 'runs Vitest, of which a thread of Vitest cannot be part; the suites of new projects do it',
  'ap run /app --config /etc/autopilot/autopilot-operator.yaml': 'these files are in an image',
}

const calls = await exampleCalls()
const tried = calls.filter(({ text }) => !(text in goOn) && !(text in parsedOnly))
describe('examples of the help', () => {
  let project: string
  let cluster: EmbeddedCluster
  let prometheus: Awaited<ReturnType<typeof startSteadyPrometheus>>
  const own: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    project = await exampleProject(import.meta.dirname)
    cluster = await clusterWith(project)
    prometheus = await startSteadyPrometheus(1)
  }, 60_000)
  afterAll(async () => {
    for (const close of own) await close()
    await cluster.close()
    await prometheus.stop()
    await rm(project, { recursive: true })
  })

  /** Where a command finds what it is about; those that change it get one of their own. */
  async function worldOf({ command: { name }, text }: ExampleCall): Promise<{ cwd: string; kubeconfig: string }> {
    if (name === 'logs') {
      const logs = await startPodLogs({ a: '2026-01-01T00:00:00Z {"level":30,"msg":"operator started"}\n' })
      own.push(() => logs.close())
      return { cwd: project, kubeconfig: logs.kubeconfig }
    }
    if (name === 'generate' || name === 'switch') {
      const cwd = await mkdtemp(join(tmpdir(), 'ap-example-'))
      own.push(() => rm(cwd, { recursive: true }))
      await writeProject(cwd)
      if (text.includes('--check')) await callAp(['generate'], '', cwd)
      return { cwd, kubeconfig: cluster.kubeconfig }
    }
    if (name === 'deploy' || name === 'undeploy') {
      const another = await (name === 'deploy' ? emptyCluster() : clusterWith(project))
      own.push(() => another.close())
      if (name === 'undeploy' && !text.includes('--cascade'))
        for (const namespace of exampleNamespaces) await another.client.delete(canaryKind, { name: 'web', namespace })
      return { cwd: project, kubeconfig: another.kubeconfig }
    }
    if (name === 'retry') {
      const another = await clusterWith(project, 'RolledBack')
      own.push(() => another.close())
      return { cwd: project, kubeconfig: another.kubeconfig }
    }
    if (text === 'ap explain Evaluating') return { cwd: 'operators/canary', kubeconfig: cluster.kubeconfig }
    return { cwd: project, kubeconfig: cluster.kubeconfig }
  }

  test.each(tried.map((call) => [call.text, call] as const))('%s', async (_text, call) => {
    const { cwd, kubeconfig } = await worldOf(call)
    const args = call.args.map((arg) => arg.replace('http://localhost:9090', prometheus.url))
    // What completes writes to the process itself.
    const { code, stdout, stderr } =
      call.command.name === 'completion'
        ? await runAp(args, { cwd })
        : await callAp(args, exampleFiles['web.yaml'], cwd, undefined, { KUBECONFIG: kubeconfig })
    expect({ code, stderr, args }).toEqual({ code: 0, stderr: '', args })
    expect(stdout).not.toBe('')
    expect(stdout).not.toContain('\u001b')
  })

  test.each(calls.filter(({ text }) => text in parsedOnly).map((call) => [call.text, call] as const))(
    '%s is understood',
    async (_text, call) => {
      const outcome = { code: 0 }
      const definition = { ...call.definition, run: async () => 7 }
      const { stdout, stderr, env, cwd } = process
      const io = { stdout, stderr, env, cwd: cwd(), signal: new AbortController().signal }
      await program(io, outcome, [{ ...call.command, definition }]).parseAsync(call.args, { from: 'user' })
      expect(outcome.code).toBe(7)
    },
  )

  test('those that are treated apart are still there', () => {
    const texts = calls.map(({ text }) => text)
    expect(texts).toEqual(expect.arrayContaining([...Object.keys(goOn), ...Object.keys(parsedOnly)]))
  })
})
