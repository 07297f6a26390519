import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { canaryProject } from '../support/canary-project.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { goOn } from '../support/example-calls.ts'
import { Background } from '../support/new-project/terminal.ts'
import { type PodLogs, startPodLogs } from '../support/pod-logs.ts'

const root = join(import.meta.dirname, '..', '..')
const canaryKind: Kind = { group: 'examples.io', version: 'v1', kind: 'Canary', plural: 'canaries', namespaced: true }

/** Commands that take a while, in the midst of their work. */
const takeAWhile: Readonly<Record<string, RegExp>> = {
  'ap init fresh --yes': /Packing/,
  'ap demo': /istio/,
  'ap test': /RUN/,
  'ap build acme/canary:1 --to image': /Bundling/,
  'ap deploy registry.example/canary:1 -n bank --wait': /waiting/,
}

/** Ctrl-C reaches every process of a terminal, as here the whole group. */
describe('a command that is interrupted ends with 130 and leaves neither processes nor files behind', () => {
  let project: string
  let scratch: string
  let cluster: EmbeddedCluster
  let logs: PodLogs

  beforeAll(async () => {
    project = await canaryProject(join(root, 'test', 'cli'))
    await writeFile(
      join(project, 'autopilot-operator.yaml'),
      'meshProvider: istio\nmetricsAddr: ""\nenableLeaderElection: false\n',
    )
    scratch = await mkdtemp(join(tmpdir(), 'ap-interrupted-'))
    await symlink(join(root, 'bin', 'ap.js'), join(scratch, 'ap'))
    // Nothing is ever ready in it.
    cluster = await embeddedCluster({ workloads: { readyAfter: 3_600_000 } })
    for (const mesh of ['istio', 'linkerd']) await cluster.install(mesh)
    for (const name of ['one', 'other', 'bank', 'shop'])
      await cluster.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    // What `ap deploy` brings along for `ap run` and `ap get` is the kind.
    const kinds = [
      ['deploy', 'registry.example/canary:0.9', project, '-n', 'one'],
      ['deploy', 'registry.example/canary:0.9', join(root, 'operators', 'canary'), '-n', 'other', '--mesh', 'linkerd'],
    ]
    for (const args of kinds) expect(await cluster.ap(...args)).toMatchObject({ code: 0 })
    await cluster.client.create(canaryKind, {
      apiVersion: 'examples.io/v1',
      kind: 'Canary',
      metadata: { name: 'web', namespace: 'default' },
      spec: { service: 'web', from: 'web-v1', to: 'web-v2' },
    })
    await writeFile(
      join(project, 'test', 'canary.test.ts'),
      "import { test } from 'vitest'\ntest('nothing', () => {})\n",
    )
    logs = await startPodLogs({ a: '2026-01-01T00:00:00Z {"level":30,"msg":"operator started"}\n' })
  })
  afterAll(async () => {
    await cluster?.close()
    await logs?.close()
    for (const folder of [project, scratch]) await rm(folder, { recursive: true, force: true })
  })

  const cases = Object.entries({ ...goOn, ...takeAWhile })

  test.each(cases)('%s', async (call, atWork) => {
    const own = await mkdtemp(join(scratch, 'run-'))
    const temporary = join(own, 'tmp')
    await mkdir(temporary)
    const before = await filesOf(project)
    const env = {
      PATH: `${scratch}:${process.env['PATH']}`,
      HOME: own,
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: join(scratch, 'compiled'),
      XDG_CACHE_HOME: join(scratch, 'cache'),
      KUBECONFIG: call.startsWith('ap logs') ? logs.kubeconfig : cluster.kubeconfig,
    }
    const cwd = call.includes('operators/') ? root : project
    const running = new Background(`exec ${call}`, cwd, env)
    await running.until((printed) => atWork.test(printed))
    const code = await running.interrupt()
    expect({ code, printed: running.printed }).toEqual({ code: 130, printed: running.printed })
    await waitFor('no process is left', async () => running.isGone(), { timeout: 5_000 })
    expect(running.printed).not.toContain('\u001b')
    expect(await readdir(temporary)).toEqual([])
    expect(await filesOf(project)).toEqual(before)
  })
})

async function filesOf(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true })
  return paths.filter((path) => !path.startsWith('node_modules')).sort()
}
