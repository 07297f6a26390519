import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Why projects cannot be installed here; undefined when they can. In CI it is not asked: installing then fails. */
export async function noRegistry(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (env['CI'] === 'true' || env['CI'] === '1') return undefined
  try {
    await promisify(execFile)('npm', ['view', 'zod', 'name', '--fetch-retries=0', '--fetch-timeout=10000'])
    return undefined
  } catch {
    return 'npm cannot reach its registry, which the libraries of a project come from'
  }
}
