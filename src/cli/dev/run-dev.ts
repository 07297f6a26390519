import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { KubeClient } from '../../kube/client.ts'
import { systemClock } from '../../kube/clock.ts'
import { connect } from '../../kube/connect.ts'
import { type Kind, keyOf } from '../../kube/object.ts'
import { SharedInformers } from '../../kube/shared-informers.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import type { MetricsSource } from '../../metrics/metrics.ts'
import { meshContext } from '../../project/configured-adapter.ts'
import { loadOperatorConfig, loadProject } from '../../project/load.ts'
import type { Project } from '../../project/project.ts'
import { startLocalCluster } from '../../simulator/local-cluster.ts'
import { startLocalTraffic } from '../../simulator/local-traffic.ts'
import { Screen } from '../demo/screen.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { packageVersion } from '../package.ts'
import { logLine } from './log-line.ts'
import { OperatorProcess } from './operator-process.ts'
import { type DevOptions, devOptions } from './options.ts'
import { renewCode } from './renew-code.ts'
import { resourceLine } from './resource-line.ts'
import { typeErrors } from './type-check.ts'
import { watchProject } from './watch-files.ts'

/** The resources by their keys, each in one line. */
type States = Map<string, string>

/** Milliseconds from one look at the resources to the next, on a terminal. */
const redrawEvery = 200

/** Where the project runs. */
interface Ground {
  readonly client: KubeClient
  /** Absent where the current kubeconfig is meant. */
  readonly kubeconfig?: string
  readonly metrics?: MetricsSource
  /** What to tell when the project names another mesh now than this one was made for. */
  otherMesh?(): Promise<string | undefined>
  close(): Promise<void>
}

/**
 * `ap dev`: runs the project until it is interrupted, and starts it again at every change. What is wrong with its code is shown and does not end it.
 * Resolves with 130; throws a DiagnosticError for YAML files that cannot be read at the start, a UsageError for options that make no sense.
 */
export async function runDev(
  [given = '.']: readonly string[],
  flags: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const options = devOptions(flags)
  const folder = resolve(io.cwd, given)
  const { project } = await loadProject(folder)
  const screen = new Screen(io)
  const ground = options.cluster ? await realGround(options, io) : await localGround(folder, options, providers, screen)
  const informers = new SharedInformers({
    client: ground.client,
    namespace: options.namespace,
    clock: systemClock,
    random: Math.random,
  })
  const say = (text: string) => screen.line(`${new Date().toISOString().slice(11, 19)}  ${text}`)
  let isFollowed = false
  const states: States = new Map()
  const redraw = setInterval(
    () => screen.live(() => [...states.values()].join(' | ').slice(0, screen.width - 1)),
    redrawEvery,
  )
  const operator = new OperatorProcess(
    {
      folder,
      simulated: ground.metrics !== undefined,
      ...(ground.kubeconfig !== undefined && { kubeconfig: ground.kubeconfig }),
      ...(options.context !== undefined && { context: options.context }),
      ...(options.namespace !== undefined && { namespace: options.namespace }),
    },
    {
      installed() {
        if (!isFollowed) follow(informers, project, states, say)
        isFollowed = true
      },
      log: (line) => say(logLine(line)),
      error: (line) => say(screen.colors.red(line)),
      ended(code) {
        if (!io.signal.aborted) say(`the operator ended with ${code}; it starts again when something changes`)
      },
    },
    ground.metrics,
  )
  const check = async () => {
    for (const line of await typeErrors(folder, io.signal)) say(screen.colors.yellow(line))
  }
  const ownChanges = new Set<string>()
  const changed = async (files: readonly string[]) => {
    const byOthers = files.filter((file) => !ownChanges.delete(file))
    if (byOthers.length === 0) return
    say(`changed: ${byOthers.join(', ')}`)
    const other = await ground.otherMesh?.()
    if (other !== undefined) return say(screen.colors.yellow(other))
    if (byOthers.some(isWorkflow)) {
      const { written, lines, problem } = await renewCode(folder)
      for (const file of written.filter((path) => path.startsWith('src/'))) ownChanges.add(file)
      for (const line of lines) say(line)
      if (problem !== undefined) return say(screen.colors.red(problem))
    }
    void check()
    await operator.restart()
  }
  const unwatch = watchProject(folder, (files) => void changed(files))
  try {
    void check()
    await operator.restart()
    await new Promise<void>((done) => {
      if (io.signal.aborted) done()
      io.signal.addEventListener('abort', () => done(), { once: true })
    })
  } finally {
    unwatch()
    clearInterval(redraw)
    await operator.stop()
    await informers.stop()
    await ground.close()
    screen.settle()
  }
  return exitCode.interrupted
}

/** Whether the code follows from the file. */
function isWorkflow(file: string): boolean {
  return /^autopilot\.ya?ml$/.test(file)
}

/** Says of each resource of the project what is new about it, and keeps how it stands now. */
function follow(
  informers: SharedInformers,
  { group, version, kind, plural }: Project,
  states: States,
  say: (text: string) => void,
): void {
  const own: Kind = { group, version, kind, plural, namespaced: true }
  informers.of(own).listen(({ type, object }) => {
    const key = keyOf(object.metadata)
    const line = type === 'deleted' ? `${object.metadata.name}  deleted` : resourceLine(object)
    if (states.get(key) !== line) say(`${kind} ${line}`)
    if (type === 'deleted') states.delete(key)
    else states.set(key, line)
  })
}

async function realGround({ context }: DevOptions, { env }: CommandIo): Promise<Ground> {
  const { client } = await connect({ env, context, userAgent: `ap-dev/${packageVersion()}` })
  return { client, close: () => client.close() }
}

async function localGround(
  folder: string,
  options: DevOptions,
  providers: readonly MeshProvider[],
  screen: Screen,
): Promise<Ground> {
  const knownMeshes = providers.map(({ name }) => name)
  const config = await loadOperatorConfig('autopilot-operator.yaml', { knownMeshes }, folder)
  const provider = providers.find(({ name }) => name === config.meshProvider)
  // The reader of the configuration has refused every name that is not there.
  if (provider === undefined) throw new Error(`there is no mesh ${config.meshProvider}`)
  const adapter = provider.create(meshContext(config))
  const cluster = await startLocalCluster(adapter)
  const traffic = startLocalTraffic(adapter, cluster.view, options)
  const scratch = await mkdtemp(join(tmpdir(), 'ap-dev-'))
  const kubeconfig = join(scratch, 'kubeconfig')
  // For this user's eyes only.
  await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
  screen.line(`A control plane with ${provider.name} is running. In another terminal:`)
  screen.line(`  export KUBECONFIG=${kubeconfig}`)
  screen.line('Ctrl-C ends it.')
  return {
    client: cluster.client('ap-dev'),
    kubeconfig,
    metrics: traffic.metrics,
    async otherMesh() {
      // A file that cannot be read is told by the operator itself.
      const now = await loadOperatorConfig('autopilot-operator.yaml', { knownMeshes }, folder).catch(() => config)
      if (now.meshProvider === config.meshProvider) return undefined
      return `the mesh is ${now.meshProvider} now, and this control plane has ${config.meshProvider}: end ap dev and start it again`
    },
    async close() {
      traffic.stop()
      await cluster.stop()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}
