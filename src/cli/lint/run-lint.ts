import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { requireNamespace } from '../translate/files-option.ts'
import { allAdapters, requireMesh } from '../translate/mesh-option.ts'
import { inOrder } from './finding.ts'
import { lintFiles } from './lint-files.ts'
import { type LintedProject, lintProject } from './lint-project.ts'
import { lintFormats, printFindings } from './print-findings.ts'

/** `ap lint`: 1 when there is an error among the findings. Throws a UsageError when the options make no sense. */
export async function runLint(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], lintFormats)
  const namespace = requireNamespace('--namespace', options['namespace'])
  const adapters = allAdapters(providers)
  const targets = targetsOf(options['mesh'], adapters, providers)
  const files = Array.isArray(options['filename']) ? options['filename'].map(String) : undefined
  if (files !== undefined && folder !== '.') throw new UsageError('name a folder or files with -f, not both')
  if (files !== undefined && files.filter((name) => name === '-').length > 1)
    throw new UsageError('standard input can be read only once')
  const isSurvey = options['mesh'] === 'all'
  const { found, runsOn }: LintedProject =
    files === undefined
      ? await lintProject({ folder, providers, adapters, targets, isSurvey }, io)
      : { found: await lintFiles({ files, namespace, providers, adapters, targets: targets ?? [] }, io), runsOn: [] }
  const ordered = inOrder(found)
  printFindings(ordered, runsOn, format, io)
  return ordered.some(({ level }) => level === 'error') ? exitCode.failed : exitCode.ok
}

function targetsOf(
  mesh: unknown,
  adapters: readonly MeshAdapter[],
  providers: readonly MeshProvider[],
): readonly MeshAdapter[] | undefined {
  if (mesh === undefined) return undefined
  return mesh === 'all' ? adapters : [requireMesh('--mesh', mesh, providers)]
}
