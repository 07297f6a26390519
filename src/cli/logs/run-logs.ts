import { resolve } from 'node:path'
import { operatorLabels } from '../../../generators/deployment.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { systemClock } from '../../kube/clock.ts'
import type { Connection } from '../../kube/connect.ts'
import { ApiError, ConnectionError, describeCall } from '../../kube/errors.ts'
import { textOf } from '../../mesh/fields.ts'
import { loadProject } from '../../project/load.ts'
import { atCluster } from '../cluster/at-cluster.ts'
import { requireDuration } from '../cluster/duration-option.ts'
import { selectorOf } from '../cluster/installation.ts'
import { podKind } from '../cluster/kinds.ts'
import { colorsFor } from '../demo/paint.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { podLog } from './pod-log.ts'
import { prettyLine } from './pretty-line.ts'

const pause = 1_000

/** `ap logs`: what the operator's pods say; with `-f` until it is interrupted, over restarts and lost connections. */
export async function runLogs(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  const tail = readTail(options['tail'])
  const since = options['since'] === undefined ? undefined : requireDuration('--since', options['since'])
  const { project } = await loadProject(resolve(io.cwd, folder))
  const namespace = textOf(options['namespace']) ?? project.operatorName
  const follow = options['follow'] === true
  return atCluster(options, io, async (connection) => {
    const reader = new LogReader(connection, io, namespace, {
      tail,
      sinceSeconds: since === undefined ? undefined : Math.max(1, Math.ceil(since / 1000)),
    })
    let running = await reader.pods(project.operatorName)
    if (running.length === 0 && !follow) throw noPods(project.operatorName, namespace)
    if (!follow) {
      for (const pod of running) await reader.read(pod, false, running.length > 1)
      return exitCode.ok
    }
    if (running.length === 0)
      io.stderr.write(`waiting for a pod of ${project.operatorName} in the namespace ${namespace}\n`)
    const open = new Set<string>()
    const failures: unknown[] = []
    while (!io.signal.aborted) {
      for (const pod of running.filter((name) => !open.has(name))) {
        open.add(pod)
        const reading = reader.read(pod, true, running.length > 1).catch((error: unknown) => failures.push(error))
        void reading.finally(() => open.delete(pod))
      }
      await systemClock.sleep(pause, io.signal)
      if (failures.length > 0) throw failures[0]
      if (!io.signal.aborted)
        running = await reader.pods(project.operatorName).catch((error: unknown) => {
          if (error instanceof ConnectionError) return running
          throw error
        })
    }
    return exitCode.interrupted
  })
}

/** Where the log of a pod begins that has not been read before. */
interface LogStart {
  readonly tail: number | undefined
  readonly sinceSeconds: number | undefined
}

class LogReader {
  readonly #connection: Connection
  readonly #io: CommandIo
  readonly #namespace: string
  readonly #start: LogStart
  /** By pod, the time of the last line that was printed. */
  readonly #last = new Map<string, string>()
  /** By pod, why it was last said to have no log. */
  readonly #told = new Map<string, string>()

  constructor(connection: Connection, io: CommandIo, namespace: string, start: LogStart) {
    this.#connection = connection
    this.#io = io
    this.#namespace = namespace
    this.#start = start
  }

  async pods(operatorName: string): Promise<string[]> {
    const labelSelector = selectorOf(operatorLabels(operatorName))
    const { signal } = this.#io
    const { items } = await this.#connection.client.list(podKind, { namespace: this.#namespace, labelSelector, signal })
    return items.map(({ metadata }) => metadata.name).sort()
  }

  /** Prints what there is to print of a pod; while following, a stream that breaks is taken up again by the caller. */
  async read(pod: string, follow: boolean, named: boolean): Promise<void> {
    const { stdout, env, signal } = this.#io
    const isTerminal = stdout.isTTY === true
    const colors = colorsFor(isTerminal, env)
    const after = this.#last.get(pod)
    const start = after === undefined ? this.#start : { after }
    try {
      const request = { namespace: this.#namespace, pod, follow, ...start }
      for await (const { time, text } of podLog(this.#connection.transport, request, signal)) {
        this.#last.set(pod, time)
        stdout.write(`${named ? `${pod} ` : ''}${isTerminal ? prettyLine(text, colors) : text}\n`)
      }
    } catch (error) {
      if (signal.aborted || (follow && error instanceof ConnectionError)) return
      // A container that is not there yet answers 400, a pod that is gone 404; the API server 500 where it does not reach the node.
      if (!(error instanceof ApiError)) throw error
      const said = error.message.replace(`${describeCall(error.call)}: ${error.code} `, '')
      const unreached = error.code === 500 ? unreachedNode(said) : undefined
      if (unreached === undefined && ![400, 404, 503].includes(error.code)) throw error
      if (!follow) {
        const told =
          unreached === undefined
            ? diagnostic('AP6061', { pod, problem: said })
            : diagnostic('AP6062', { pod, ...unreached })
        throw new DiagnosticError([told], { cause: error })
      }
      const problem =
        unreached === undefined ? said : `its node at ${unreached.node} is out of reach: ${unreached.problem}`
      if (this.#told.get(pod) !== problem) this.#io.stderr.write(`waiting for ${pod}: ${problem}\n`)
      this.#told.set(pod, problem)
    }
  }
}

/** What Go's HTTP client says in the name of the API server: `Get "https://10.0.0.1:10250/containerLogs/…": dial tcp …`. */
function unreachedNode(message: string): { node: string; problem: string } | undefined {
  const [, node, problem] = /^Get "https?:\/\/([^/"]+)\/containerLogs[^"]*": (.+)$/s.exec(message) ?? []
  return node === undefined || problem === undefined ? undefined : { node, problem }
}

function readTail(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(String(value))) return Number(value)
  throw new UsageError(`--tail ${String(value)} is no number of lines`)
}

function noPods(operator: string, namespace: string): DiagnosticError {
  return new DiagnosticError([diagnostic('AP6041', { operator, namespace })])
}
