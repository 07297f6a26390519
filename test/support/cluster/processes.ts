import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findProgram } from './command.ts'

/** A program that runs beside the tests until it is stopped. */
export interface Running {
  readonly name: string
  readonly pid: number
  /** File with everything it wrote. */
  readonly log: string
  /** Asks it to end, and ends it after five seconds. Resolves when the process is gone; calling it again does nothing. */
  stop(): Promise<void>
  /** Sends a signal to it, for tests of sudden death or of a pause. With SIGKILL it resolves when the process is gone. */
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
  const [first, rest] = await dyingWithUs(program, args)
  const child = spawn(first, rest, {
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
      throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}:\n${await logEnd(log)}`)
    },
  }
}

/**
 * On Linux the kernel itself ends the program when this process dies, however it dies (util-linux' `setpriv`, prctl PR_SET_PDEATHSIG).
 * The process id is the program's: setpriv becomes it.
 */
async function dyingWithUs(program: string, args: readonly string[]): Promise<[string, readonly string[]]> {
  const setpriv = process.platform === 'linux' ? await findProgram('setpriv') : undefined
  return setpriv === undefined ? [program, args] : [setpriv, ['--pdeathsig', 'KILL', program, ...args]]
}

/**
 * Waits until `ready` gives true. Throws when `processes` has one that is gone, or when it takes longer than `timeout` milliseconds;
 * the error names `what` and shows the end of the processes' logs.
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
    if (performance.now() > deadline) {
      const ends = await Promise.all(processes.map(async ({ name, log }) => `\n${name}:\n${await logEnd(log)}`))
      throw new Error(`${what}: not so after ${timeout / 1000} s${ends.join('')}`)
    }
    await delay(every)
  }
}

async function logEnd(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-20).join('\n')
}
