import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { MetricsSource } from '../../metrics/metrics.ts'
import type { FromOperator, OperatorTask, ToOperator } from './messages.ts'

const entry = fileURLToPath(new URL(`./child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))

export interface OperatorListener {
  installed(): void
  log(line: string): void
  error(line: string): void
  /** It ended by itself, with this exit code. */
  ended(code: number | null): void
}

/** The operator in a process of its own, which can be started anew. */
export class OperatorProcess {
  readonly #task: OperatorTask
  readonly #listener: OperatorListener
  readonly #metrics: MetricsSource | undefined
  #child: ChildProcess | undefined
  /** Starts and stops one after another. */
  #turn: Promise<void> = Promise.resolve()

  constructor(task: OperatorTask, listener: OperatorListener, metrics: MetricsSource | undefined) {
    this.#task = task
    this.#listener = listener
    this.#metrics = metrics
  }

  /** Starts it; the one that runs is stopped before. */
  restart(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#stop()).then(() => this.#start())
    return this.#turn
  }

  stop(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#stop())
    return this.#turn
  }

  #start(): void {
    const child = fork(entry, [JSON.stringify(this.#task)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => this.#listener.log(line))
    if (child.stderr !== null) createInterface(child.stderr).on('line', (line) => this.#listener.error(line))
    child.on('message', (message: FromOperator) => void this.#answer(child, message))
    child.on('close', (code) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#listener.ended(code)
    })
  }

  async #answer(child: ChildProcess, message: FromOperator): Promise<void> {
    if ('installed' in message) return this.#listener.installed()
    const result = (await this.#metrics?.measure(message.query)) ?? { state: 'error', text: 'nothing is measured here' }
    const answer: ToOperator = { question: message.question, result }
    if (child.connected) child.send(answer)
  }

  async #stop(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const closed = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await closed
  }
}
