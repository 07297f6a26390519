import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A program that runs beside the tests until it is stopped. */
export interface Running {
  readonly name: string
  readonly pid: number
  /** File with everything it wrote. */
  readonly log: string
  /** Asks it to end, and ends it after five seconds. Resolves when the process is gone; calling it again does nothing. */
  stop(): Promise<void>
  /** Sends any signal to it, for tests of sudden death. Resolves when the process is gone if the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Throws with the end of its log when the process is gone. */
  assertAlive(): Promise<void>
}

interface StartOptions {
  readonly variables?: Record<string, string>
  readonly folder?: string
}

const alive = new Set<ChildProcess>()

// The last resort: whatever way this process ends in order, nothing that it started outlives it.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** Starts a program whose output goes to `<logs>/<name>.log`. Throws if there is no such program. */
export async function start(
  name: string,
  program: string,
  args: readonly string[],
  logs: string,
  options: StartOptions = {},
): Promise<Running> {
  const log = join(logs, `${name}.log`)
  const file = openSync(log, 'a')
  const child = spawn(program, args, {
    stdio: ['ignore', file, file],
    env: { ...process.env, ...options.variables },
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  })
  closeSync(file)
  await once(child, 'spawn')
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} did not start`)
  alive.add(child)
  const gone = once(child, 'exit').then(() => void alive.delete(child))
  const over = () => child.exitCode !== null || child.signalCode !== null
  return {
    name,
    pid,
    log,
    async stop() {
      if (over()) return
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await gone
      clearTimeout(hard)
    },
    async kill(signal) {
      child.kill(signal)
      if (signal === 'SIGKILL') await gone
    },
    async assertAlive() {
      if (!over()) return
      const end = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-20).join('\n')
      throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}:\n${end}`)
    },
  }
}

/**
 * Waits until `ready` gives true. Throws when `processes` has one that is gone, or when it takes longer than `timeout` milliseconds;
 * the error then names `what`.
 */
export async function waitFor(
  what: string,
  ready: () => Promise<boolean>,
  options: { readonly timeout?: number; readonly every?: number; readonly processes?: readonly Running[] } = {},
): Promise<void> {
  const { timeout = 60_000, every = 50, processes = [] } = options
  const deadline = performance.now() + timeout
  while (!(await ready())) {
    for (const running of processes) await running.assertAlive()
    if (performance.now() > deadline) throw new Error(`${what}: not so after ${timeout / 1000} s`)
    await delay(every)
  }
}
