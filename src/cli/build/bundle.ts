import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { OutputChunk, RolldownLog } from 'rolldown'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { packageFolder } from '../package.ts'
import type { Entry } from './tar.ts'

/** Folders of the image: of the project, as the Deployment names it, and of the library. */
export const projectRoot = 'app'
export const libraryRoot = 'autopilot'

export interface Bundle {
  readonly files: readonly Entry[]
  /** Every file that something of is in the bundle; absolute. */
  readonly modules: readonly string[]
}

/**
 * Bundles the code of a project and the library as few minified files for Node. Both share what they both use, so that an object of the
 * one is an object of the other. The same sources give the same bytes, wherever they lie.
 *
 * @throws DiagnosticError for code that does not bundle and for imports that nothing answers, each with its place
 */
export async function bundle(folder: string, entry: string): Promise<Bundle> {
  // Loaded here: it brings a native program along that no other command needs.
  const { rolldown } = await import('rolldown')
  const problems: Diagnostic[] = []
  try {
    const build = await rolldown({
      input: { [`${projectRoot}/operator`]: entry, [`${libraryRoot}/ap`]: libraryEntry(folder) },
      cwd: folder,
      platform: 'node',
      onLog(level, log) {
        // A library may do without what it asks for; the project's own code would fail in the cluster.
        const own = log.id?.includes('/node_modules/') === false
        if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT' && own) problems.push(problemOf(log))
      },
    })
    try {
      const { output } = await build.generate({
        format: 'esm',
        minify: true,
        // Names of functions and classes are read in the logs of an operator.
        keepNames: true,
        entryFileNames: '[name].js',
        chunkFileNames: `${libraryRoot}/chunks/[hash].js`,
      })
      if (problems.length > 0) throw new DiagnosticError(problems)
      const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk')
      return {
        files: chunks.map(({ fileName, code }) => ({ path: fileName, content: Buffer.from(code), mode: 0o644 })),
        modules: [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds))].sort(),
      }
    } finally {
      await build.close()
    }
  } catch (error) {
    if (error instanceof DiagnosticError) throw error
    throw new DiagnosticError(logsOf(error).map(problemOf), { cause: error })
  }
}

/** The program of the library that the project was written for: its own where it has one, else the one that runs. */
function libraryEntry(folder: string): string {
  const root = libraryFolder(folder)
  const source = join(root, 'src', 'cli', 'image-main.ts')
  return existsSync(source) ? source : join(root, 'dist', 'src', 'cli', 'image-main.js')
}

/** The folder of the library that a project uses. */
export function libraryFolder(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const installed = join(at, 'node_modules', 'mesh-autopilot')
    if (existsSync(join(installed, 'dist', 'src', 'cli', 'image-main.js'))) return installed
    if (dirname(at) === at) return packageFolder()
  }
}

function logsOf(error: unknown): RolldownLog[] {
  if (!(error instanceof Error)) return [{ message: String(error) }]
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return error.errors
  return [error]
}

/** The bundler draws the line in question, in colors; the first sentence is what fits in a line of ours. */
function problemOf({ message, loc }: RolldownLog): Diagnostic {
  const [first = message] = stripVTControlCharacters(message)
    .replace(/^\[[A-Z_]+\]\s*/, '')
    .split('\n')
  const position = loc?.file === undefined ? undefined : { file: loc.file, line: loc.line, column: loc.column + 1 }
  return diagnostic('AP6020', { problem: first.replace(/\.$/, '') }, position)
}
