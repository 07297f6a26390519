import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../kube/clock.ts'
import { type Kind, keyOf } from '../../kube/object.ts'
import { SharedInformers } from '../../kube/shared-informers.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { loadProject } from '../../project/load.ts'
import type { Project } from '../../project/project.ts'
import { Screen } from '../demo/screen.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { type Ground, localGround, realGround } from './ground.ts'
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

/**
 * `ap dev`: runs the project until it is interrupted, and starts it again at every change, on another control plane when the mesh
 * changes. What is wrong with its code is shown and does not end it.
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
  let { project } = await loadProject(folder)
  const screen = new Screen(io)
  const scratch = await mkdtemp(join(tmpdir(), 'ap-dev-'))
  try {
    while (!io.signal.aborted) {
      const ground = options.cluster
        ? await realGround(options, io)
        : await localGround(folder, scratch, options, providers, screen)
      await workOn({ folder, project, ground, options, io, screen })
      // What is wrong with it is told by the operator.
      project = await loadProject(folder).then(
        (loaded) => loaded.project,
        () => project,
      )
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
    screen.settle()
  }
  return exitCode.interrupted
}

interface Work {
  readonly folder: string
  readonly project: Project
  readonly ground: Ground
  readonly options: DevOptions
  readonly io: CommandIo
  readonly screen: Screen
}

/** Runs the project until it is interrupted, or names a mesh that the ground has not. The ground is closed then. */
async function workOn({ folder, project, ground, options, io, screen }: Work): Promise<void> {
  const over = new AbortController()
  const ends = AbortSignal.any([io.signal, over.signal])
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
        if (!ends.aborted) say(`the operator ended with ${code}; it starts again when something changes`)
      },
    },
    ground.metrics,
  )
  const check = async () => {
    for (const line of await typeErrors(folder, ends)) say(screen.colors.yellow(line))
  }
  const ownChanges = new Set<string>()
  const changed = async (files: readonly string[]) => {
    const byOthers = files.filter((file) => !ownChanges.delete(file))
    if (byOthers.length === 0) return
    say(`changed: ${byOthers.join(', ')}`)
    const other = await ground.otherMesh?.()
    if (ends.aborted) return
    if (other !== undefined) {
      say(`the mesh is ${other} now: a new control plane takes the place of this one`)
      return over.abort()
    }
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
      if (ends.aborted) done()
      ends.addEventListener('abort', () => done(), { once: true })
    })
  } finally {
    unwatch()
    clearInterval(redraw)
    await operator.stop()
    await informers.stop()
    await ground.close()
  }
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
