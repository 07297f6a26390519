import { CommanderError } from 'commander'
import { type CommandIo, exitCode, UsageError } from './io.ts'

/** The exit code of a command's work; what it throws is printed and turned into one. */
export async function reported(io: CommandIo, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    if (error instanceof UsageError) {
      io.stderr.write(`ap: ${error.message}\n`)
      return exitCode.usage
    }
    const { told } = await import('./report.ts')
    const known = told(error, io.cwd)
    // What was under way when the user ended it has failed for that reason alone.
    if (io.signal.aborted && (known !== undefined || isAbort(error))) return exitCode.interrupted
    io.stderr.write(known === undefined ? `ap: ${describe(error)}\n` : `${known}\n`)
    return exitCode.failed
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** An unexpected error is a defect of ours: its stack is worth more than a short message. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
