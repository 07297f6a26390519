import { PassThrough, Readable } from 'node:stream'
import { main } from '../../src/cli/main.ts'
import type { ApResult } from './run-ap.ts'

/** Calls `ap` in this process, which is quicker than starting one: without a terminal, `input` on standard input; Ctrl-C when the signal aborts. */
export async function callAp(
  args: readonly string[],
  input = '',
  cwd = process.cwd(),
  signal: AbortSignal = new AbortController().signal,
  env: Readonly<Record<string, string>> = {},
): Promise<ApResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([textOf(stdout), textOf(stderr)])
  const code = await main(args, {
    stdout,
    stderr,
    stdin: Readable.from([input]),
    cwd,
    env,
    signal,
  })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, stdout: out, stderr: err }
}

async function textOf(stream: PassThrough): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
