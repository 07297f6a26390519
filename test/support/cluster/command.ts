import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** A command ended with another status than 0. The message carries the end of what it wrote to standard error. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'

  constructor(command: string, status: number | null, stderr: string) {
    super(`${command} ended with ${status ?? 'a signal'}: ${stderr.trim().slice(-2_000)}`)
  }
}

interface CommandOptions {
  readonly folder?: string
  /** Added to this process' environment. */
  readonly variables?: Record<string, string>
  readonly stdin?: string
  /** Called with every line of standard error while the command runs. */
  readonly onLine?: (line: string) => void
}

/** Runs a command to its end and gives its standard output. Throws `CommandFailed`, or an ENOENT error when there is no such program. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
      env: { ...process.env, ...options.variables },
    })
    let stdout = ''
    let stderr = ''
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine?.(line)
    })
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === 0) resolve(stdout)
      else reject(new CommandFailed([program, ...args].join(' '), status, stderr))
    })
    // A program that ends without reading its input closes the pipe under us; its exit status tells the story.
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
  })
}

/** Where a program is on the search path, or undefined. */
export async function findProgram(name: string, path: string = process.env.PATH ?? ''): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const file = join(folder, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
