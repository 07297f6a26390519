import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { type CommandIo, exitCode } from './io.ts'

/**
 * `ap test`: runs the vitest of the project in this folder on its tests.
 *
 * @throws DiagnosticError when it is not installed
 */
export async function runTests(args: readonly string[], io: CommandIo): Promise<number> {
  const vitest = vitestOf(io.cwd)
  if (vitest === undefined) throw new DiagnosticError([diagnostic('AP6008', { folder: io.cwd })])
  const mode = args.includes('--watch') ? 'watch' : 'run'
  const given = args.filter((arg) => arg !== '--watch')
  const child = spawn(process.execPath, [vitest, mode, ...patience(io.cwd, given), ...given], {
    cwd: io.cwd,
    // Vitest colors what goes into a pipe.
    env: { ...io.env, ...(io.stdout.isTTY !== true && io.env['FORCE_COLOR'] === undefined && { NO_COLOR: '1' }) },
    stdio: 'inherit',
  })
  const stop = () => child.kill('SIGTERM')
  io.signal.addEventListener('abort', stop, { once: true })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  io.signal.removeEventListener('abort', stop)
  if (io.signal.aborted) return exitCode.interrupted
  return code === 0 ? exitCode.ok : exitCode.failed
}

/**
 * Vitest's own five seconds are short for a simulation on a busy machine. Whoever has something to say about it, in a configuration or in
 * the call, is left alone.
 */
function patience(folder: string, given: readonly string[]): string[] {
  const isConfigured = readdirSync(folder).some((name) => /^vite(st)?\.config\.[cm]?[jt]s$/.test(name))
  const isAsked = given.some((arg) => /^(--testTimeout|--test-timeout|--config|-c)(=|$)/.test(arg))
  return isConfigured || isAsked ? [] : ['--testTimeout=30000']
}

/** The program of the project's own vitest. */
function vitestOf(folder: string): string | undefined {
  try {
    const manifest = createRequire(join(folder, 'package.json')).resolve('vitest/package.json')
    const program = join(dirname(manifest), 'vitest.mjs')
    return existsSync(program) ? program : undefined
  } catch {
    // Not installed.
    return undefined
  }
}
