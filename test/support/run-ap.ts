import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('../../bin/ap.js', import.meta.url))

export interface ApResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `ap` as a user does, without a terminal, in `cwd`. */
export function runAp(
  args: readonly string[],
  { cwd, env = {}, node = process.execPath }: { cwd?: string; env?: Record<string, string>; node?: string } = {},
): Promise<ApResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [entry, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
