import { type CommandIo, exitCode, Interruption } from './io.ts'

/** This process's streams, folder and environment; the signal aborts on Ctrl-C and SIGTERM. */
export function processIo(): CommandIo {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupt.abort(new Interruption(signal)))
  // A reader that goes away (`ap … | head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.ok)
    throw error
  })
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    env: process.env,
    signal: interrupt.signal,
  }
}
