import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Running } from './processes.ts'

/** The programs of one test run and the folder they live in. Whatever way the run ends, nothing of either is left. */
export interface Run {
  readonly folder: string
  /** The folder in it for logs. */
  readonly logs: string
  /** The programs so far, in the order in which they were started. */
  readonly running: readonly Running[]
  /** Tells of a program that was started, so that `stop` ends it. */
  started(running: Running): void
  /** Tells of something else to undo, when the programs are gone. */
  undo(step: () => Promise<void>): void
  stop(): Promise<void>
}

/** Makes the folder. An interrupt of this process stops the run and then the process. */
export async function openRun(prefix: string): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  const running: Running[] = []
  const steps: (() => Promise<void>)[] = []
  // For an end that does not wait for `stop`, as when the test runner itself is interrupted; the programs are ended likewise.
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  process.once('exit', removeFolder)
  const stop = async () => {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
    // Those who use the others first: a program may rely on all that were started before it.
    for (const one of running.toReversed()) await one.stop()
    for (const step of steps.splice(0).toReversed()) await step()
    await rm(folder, { recursive: true, force: true })
    process.off('exit', removeFolder)
  }
  const interrupted = (signal: NodeJS.Signals) => {
    void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  return {
    folder,
    logs,
    running,
    started: (one) => void running.push(one),
    undo: (step) => void steps.push(step),
    stop,
  }
}
