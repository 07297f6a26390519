import { formatDiagnostic } from '../diagnostics/diagnostic.ts'
import type { MeshAdapter, MeshProvider } from '../mesh/adapter.ts'
import type { Support } from '../mesh/capabilities.ts'
import { capabilityMarkdown, capabilityRows } from '../mesh/capability-table.ts'
import { colorsFor } from './demo/paint.ts'
import { type CommandIo, exitCode } from './io.ts'
import { requireOutputFormat } from './output-format.ts'
import { readFiles } from './translate/files-option.ts'
import { forInstalled } from './translate/installed-in-files.ts'
import { allAdapters, requireMesh } from './translate/mesh-option.ts'

/** `ap capabilities`: the tables of some meshes, or of all. Throws a UsageError for a mesh or format there is not. */
export async function runCapabilities(
  meshes: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['table', 'json', 'markdown'])
  const named =
    meshes.length === 0 ? allAdapters(providers) : [...new Set(meshes)].map((name) => requireMesh('', name, providers))
  const files = options['filename'] === undefined ? undefined : await readFiles(options['filename'], 'default', io)
  for (const problem of files?.problems ?? []) io.stderr.write(`${formatDiagnostic(problem)}\n`)
  if (files !== undefined && files.problems.length > 0) return exitCode.failed
  const adapters = named.map((one) => forInstalled(one, providers, files?.manifests ?? []))
  if (format === 'json') io.stdout.write(`${JSON.stringify(asJson(adapters), null, 2)}\n`)
  else if (format === 'markdown') io.stdout.write(`${capabilityMarkdown(adapters)}\n`)
  else io.stdout.write(drawTable(adapters, io))
  return exitCode.ok
}

function asJson(adapters: readonly MeshAdapter[]): object[] {
  return adapters.map(({ name, capabilities, limits }) => ({ mesh: name, capabilities, limits }))
}

function drawTable(adapters: readonly MeshAdapter[], io: CommandIo): string {
  const paint = colorsFor(io.stdout.isTTY === true, io.env)
  const rows = capabilityRows(adapters)
  const first = Math.max(...rows.map(({ name }) => name.length))
  const widths = adapters.map(({ name }) => Math.max(name.length, 'emulated'.length))
  const head = ['feature'.padEnd(first), ...adapters.map(({ name }, index) => name.padEnd(widths[index] ?? 0))]
  const shown = (support: Support, width: number) => {
    const text = (support.support === 'unsupported' ? 'no' : support.support).padEnd(width)
    if (support.support === 'native') return paint.green(text)
    return support.support === 'emulated' ? paint.yellow(text) : paint.red(text)
  }
  const lines = rows.map(({ name, support }) =>
    [name.padEnd(first), ...support.map((one, index) => shown(one, widths[index] ?? 0))].join('  ').trimEnd(),
  )
  const hint = paint.dim('How what is emulated, and why what is not: ap capabilities -o markdown')
  return `${[paint.bold(head.join('  ').trimEnd()), ...lines, '', hint].join('\n')}\n`
}
