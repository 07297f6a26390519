import { resolve } from 'node:path'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { formatFrom } from '../report.ts'
import { requireMesh } from '../translate/mesh-option.ts'
import { fetchCrds } from './fetch-crds.ts'
import { type GeneratedProject, generateProject } from './generate-project.ts'

/**
 * `ap generate`: 1 when something could not be written, or, with `--check`, is not as it would be written. Throws a UsageError when the
 * options make no sense, a DiagnosticError for a project that cannot be read.
 */
export async function runGenerate(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const check = options['check'] === true
  const mesh = options['mesh']
  const meshes = mesh === undefined ? providers.map(({ name }) => name) : [requireMesh('--mesh', mesh, providers).name]
  const fromCluster = options['crdsFromCluster'] === true
  if (fromCluster && check)
    throw new UsageError('--check writes nothing, so --crds-from-cluster makes no sense with it')
  const result = await generateProject({
    folder: resolve(io.cwd, folder),
    deployFolder: String(options['deploy']),
    providers,
    meshes,
    overwrite: options['overwrite'] === true,
    check,
    ...(fromCluster && { fetchCrds: (kinds) => fetchCrds(kinds, io.env) }),
  })
  io.stdout.write(format === 'json' ? `${JSON.stringify(asJson(result), null, 2)}\n` : describe(result, check))
  for (const problem of result.problems) io.stderr.write(`${formatFrom(io.cwd, problem)}\n`)
  return isDone(result, check) ? exitCode.ok : exitCode.failed
}

function isDone({ files, problems }: GeneratedProject, check: boolean): boolean {
  if (problems.length > 0) return false
  return files.every(({ state }) => state === 'unchanged' || (!check && state !== 'edited' && state !== 'taken'))
}

function asJson({ files, unused, problems }: GeneratedProject): object {
  return { files: files.map(({ path, state }) => ({ path, state })), unused, problems }
}

const words = {
  created: { done: 'created', check: 'missing' },
  changed: { done: 'renewed', check: 'stale' },
  obsolete: { done: 'removed', check: 'no longer generated' },
  edited: { done: 'kept: it was changed by hand (remove it to have it made anew)', check: 'changed by hand' },
  taken: { done: 'kept: it is not generated (remove it to have it made anew)', check: 'not generated' },
} as const

/** A line per file that is not as it was, then what else there is to know. */
function describe({ files, unused }: GeneratedProject, check: boolean): string {
  const lines = files.flatMap(({ path, state, replaces }) => {
    const kept = replaces === 'user' && !check ? `; what was there is in ${path}.orig` : ''
    return state === 'unchanged' ? [] : [`${path}  ${words[state][check ? 'check' : 'done']}${kept}`]
  })
  const unusedLines = unused.map((path) => `${path}  unused: no phase has this worker`)
  const summary = lines.length === 0 ? [`All ${files.length} files are up to date`] : []
  return [...lines, ...unusedLines, ...summary, ''].join('\n')
}
