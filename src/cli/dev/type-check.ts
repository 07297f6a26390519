import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The lines of the project's own TypeScript compiler on what is wrong; none when nothing is, or when it is not set up. */
export function typeErrors(folder: string, signal: AbortSignal): Promise<string[]> {
  const compiler = compilerOf(folder)
  if (compiler === undefined || !existsSync(join(folder, 'tsconfig.json'))) return Promise.resolve([])
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [compiler, '--noEmit', '--pretty', 'false', '-p', folder], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
      signal,
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.on('error', () => resolve([]))
    child.on('close', () => resolve(text.split('\n').filter((line) => line !== '')))
  })
}

function compilerOf(folder: string): string | undefined {
  try {
    const manifest = createRequire(join(folder, 'package.json')).resolve('typescript/package.json')
    return join(dirname(manifest), 'bin', 'tsc')
  } catch {
    // Not installed.
    return undefined
  }
}
