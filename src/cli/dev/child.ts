import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { crd } from '../../../generators/crd.ts'
import { connect } from '../../kube/connect.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ClosableSource } from '../../metrics/current-source.ts'
import type { MetricResult } from '../../metrics/metrics.ts'
import { loadProject } from '../../project/load.ts'
import { User } from '../../simulator/user.ts'
import { readObjects } from '../../testing/read-objects.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { loadDefinition } from '../load-definition.ts'
import { told } from '../report.ts'
import { runOperator } from '../run.ts'
import type { FromOperator, OperatorTask, ToOperator } from './messages.ts'

/** How often, and how far apart in milliseconds, a kind is looked for that was defined just now. */
const looks = { times: 20, every: 500 }

/** The process of the operator under `ap dev`: a new one for each change, since a module is loaded only once. */
async function main(task: OperatorTask): Promise<number> {
  const stop = new AbortController()
  for (const end of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(end, () => stop.abort())
  const io: CommandIo = {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: task.folder,
    env: process.env,
    signal: stop.signal,
  }
  const { folder, simulated, ...place } = task
  try {
    await install(task)
    send({ installed: true })
    return await runOperator('.', { ...place, metricsAddr: '' }, io, simulated ? new AskedSource() : undefined)
  } catch (error) {
    const known = told(error, folder)
    process.stderr.write(`${known ?? (error instanceof Error ? error.stack : String(error))}\n`)
    return exitCode.failed
  } finally {
    if (process.connected) process.disconnect()
  }
}

/** Applies the kind of the project, then what is in `examples/`, resources of that kind last. */
async function install({ folder, kubeconfig, context }: OperatorTask): Promise<void> {
  const { project } = await loadProject(folder)
  const definition = await loadDefinition(folder)
  const { client, namespace = 'default' } = await connect({ env: process.env, kubeconfig, context })
  try {
    const examples = await examplesOf(folder, namespace)
    const [own, others] = [true, false].map((isOwn) => examples.filter(({ kind }) => (kind === project.kind) === isOwn))
    const user = new User(client)
    await user.apply([crd(project, definition), ...(others ?? [])])
    for (let look = 1; ; look += 1) {
      try {
        await user.apply(own ?? [])
        return
      } catch (error) {
        // A kind is served a moment after it was defined.
        if (look === looks.times || !/serves no|404|429/.test(String(error))) throw error
        await delay(looks.every)
      }
    }
  } finally {
    await client.close()
  }
}

async function examplesOf(folder: string, namespace: string): Promise<KubeObject[]> {
  const names = await readdir(join(folder, 'examples')).catch(() => [])
  const files = names.filter((name) => /\.(ya?ml|json)$/.test(name)).sort()
  const read = files.map((name) => readObjects(pathToFileURL(join(folder, 'examples', name)), namespace))
  return (await Promise.all(read)).flat()
}

/** Asks the process that started this one. */
class AskedSource implements ClosableSource {
  readonly #waiting = new Map<number, (result: MetricResult) => void>()
  #questions = 0

  constructor() {
    process.on('message', ({ question, result }: ToOperator) => {
      this.#waiting.get(question)?.(result)
      this.#waiting.delete(question)
    })
  }

  measure(query: Parameters<ClosableSource['measure']>[0]): Promise<MetricResult> {
    this.#questions += 1
    const question = this.#questions
    return new Promise((resolve) => {
      this.#waiting.set(question, resolve)
      send({ question, query })
    })
  }

  async close(): Promise<void> {}
}

function send(message: FromOperator): void {
  if (process.connected) process.send?.(message)
}

process.exitCode = await main(JSON.parse(process.argv[2] ?? '{}'))
