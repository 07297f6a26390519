import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { ProjectFile } from '../../../generators/project/project-file.ts'
import { skeleton } from '../../../generators/templates/skeleton.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { planFiles } from '../generate/plan-files.ts'
import { writeFiles } from '../generate/write-files.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { isCheckout, packageVersion, versionOf } from '../package.ts'
import { ask } from './ask.ts'
import { type Answers, identityOf } from './identity.ts'
import { packLibrary } from './pack-library.ts'

/**
 * `ap init`: writes a new project and says what to do next. Never writes over a file. Throws a UsageError for answers that cannot be,
 * a DiagnosticError when something is in the way; nothing has been written then.
 */
export async function runInit(
  [directory = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const given = answersOf(options)
  const asks = io.stdout.isTTY === true && options['yes'] !== true
  const answers = asks ? await ask(given, providers) : given
  if (answers === undefined) return exitCode.interrupted
  const { template, ...identity } = identityOf(
    answers,
    providers.map(({ name }) => name),
  )
  const folder = resolve(io.cwd, directory)
  const filesWith = (library: string): ProjectFile[] => [
    ...template.files(identity),
    ...skeleton(identity, {
      library,
      zod: versionOf('zod'),
      typescript: versionOf('typescript'),
      vitest: versionOf('vitest'),
      nodeTypes: versionOf('@types/node'),
    }),
  ]
  const inTheWay = filesWith('').filter(({ path }) => existsSync(join(folder, path)))
  if (inTheWay.length > 0) {
    const files = inTheWay.map(({ path }) => path).join(', ')
    throw new DiagnosticError([diagnostic('AP6007', { folder: directory, files })])
  }
  if (isCheckout()) io.stderr.write('Packing this checkout, as no registry has it …\n')
  const library = isCheckout() ? await packLibrary(folder, io.signal) : packageVersion()
  const planned = await planFiles(folder, filesWith(library), [], false)
  await writeFiles(folder, planned)
  const place = relative(io.cwd, folder)
  const enter = place === '' ? '' : `cd ${place} && `
  const written = planned.map(({ path }) => `  ${path}`).join('\n')
  io.stdout.write(
    `Wrote ${identity.operatorName} for ${identity.mesh} to ${place === '' ? 'this folder' : place}:\n${written}\n\n` +
      `Next:\n  ${enter}npm install\n  npx ap generate\n`,
  )
  return exitCode.ok
}

function answersOf(options: Readonly<Record<string, unknown>>): Answers {
  const names = ['kind', 'group', 'version', 'mesh', 'template'] as const
  const given = names.flatMap((name) => (options[name] === undefined ? [] : [[name, String(options[name])]]))
  return Object.fromEntries(given)
}
