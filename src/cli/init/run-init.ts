import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { ProjectFile } from '../../../generators/project/project-file.ts'
import { skeleton } from '../../../generators/templates/skeleton.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { planFiles } from '../generate/plan-files.ts'
import { writeFiles } from '../generate/write-files.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { isCheckout, packageVersion, versionOf } from '../package.ts'
import { ask, askFolder } from './ask.ts'
import { type Answers, type Identity, identityOf } from './identity.ts'
import { packLibrary } from './pack-library.ts'

/**
 * `ap init`: writes a new project and says what to do next. Never writes over a file. Throws a UsageError for answers that cannot be,
 * a DiagnosticError when something is in the way, both before anything is asked; nothing has been written then.
 */
export async function runInit(
  [named]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const given = answersOf(options)
  const meshes = providers.map(({ name }) => name)
  const provisional = identityOf(given, meshes)
  const isTerminal = io.stdout.isTTY === true && io.stdin === undefined && process.stdin.isTTY
  const asks = isTerminal && options['yes'] !== true
  if (named === undefined && !asks) throw new UsageError('name the folder of the new project: ap init my-operator')
  const directory = named ?? (await askFolder(provisional.operatorName))
  if (directory === undefined) return exitCode.interrupted
  if (directory === '') throw new UsageError('the name of the folder is empty; `.` is the folder you are in')
  const folder = resolve(io.cwd, directory)
  refuseOccupied(directory, folder, filesOf(provisional, ''))
  const answers = asks ? await ask(given, providers) : given
  if (answers === undefined) return exitCode.interrupted
  const identity = identityOf(answers, meshes)
  refuseOccupied(directory, folder, filesOf(identity, ''))
  if (isCheckout()) io.stderr.write('Packing this checkout, as no registry has it …\n')
  const library = isCheckout() ? await packLibrary(folder, io.signal) : packageVersion()
  const planned = await planFiles(folder, filesOf(identity, library), [], false)
  await writeFiles(folder, planned)
  const paths = [...planned.map(({ path }) => path), ...(isCheckout() ? [library.replace(/^file:/, '')] : [])]
  const place = relative(io.cwd, folder)
  const enter = place === '' ? '' : `cd ${inShell(place)} && `
  io.stdout.write(
    `Wrote ${identity.operatorName} for ${identity.mesh} to ${place === '' ? 'this folder' : place}:\n` +
      `${paths.map((path) => `  ${path}`).join('\n')}\n\n` +
      `Next:\n  ${enter}npm install\n  npx ap generate\n`,
  )
  return exitCode.ok
}

/** What a new project is made of; `library` is what its package.json says of ours. */
function filesOf({ template, ...identity }: Identity, library: string): ProjectFile[] {
  const versions = {
    library,
    zod: versionOf('zod'),
    typescript: versionOf('typescript'),
    vitest: versionOf('vitest'),
    nodeTypes: versionOf('@types/node'),
  }
  return [...template.files(identity), ...skeleton(identity, versions)]
}

function refuseOccupied(directory: string, folder: string, files: readonly ProjectFile[]): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory()) throw new UsageError(`${directory} is a file; name a folder`)
  const inTheWay = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path)
  if (inTheWay.length > 0)
    throw new DiagnosticError([diagnostic('AP6007', { folder: directory, files: inTheWay.join(', ') })])
}

/** A path as one word of a shell. */
function inShell(path: string): string {
  const word = path.startsWith('-') ? `./${path}` : path
  return /^[\w./@:+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function answersOf(options: Readonly<Record<string, unknown>>): Answers {
  const names = ['kind', 'group', 'version', 'mesh', 'template'] as const
  const given = names.flatMap((name) => (options[name] === undefined ? [] : [[name, String(options[name])]]))
  return Object.fromEntries(given)
}
