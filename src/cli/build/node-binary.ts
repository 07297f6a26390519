import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { isFields, textOf } from '../../mesh/fields.ts'
import type { CommandIo } from '../io.ts'
import { makeFolder } from '../make-folder.ts'
import { packageFolder, versionOf } from '../package.ts'
import type { Platform } from './platform.ts'
import { during } from './progress.ts'

/** A Node for a platform, and where it is from. */
export interface NodeBinary {
  readonly content: Buffer
  /** Name and version of the package. */
  readonly name: string
  readonly version: string
}

/** Where things that can be had again are kept between builds. */
export function cacheFolder({ env }: Pick<CommandIo, 'env'>): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mesh-autopilot', 'images')
}

/**
 * The Node that goes into an image. npm has installed that of the building machine with this package; another architecture's is fetched
 * with `npm pack`, which checks it against what the registry says, and kept.
 *
 * @throws DiagnosticError when it is neither there nor to be had
 */
export async function nodeBinary({ node, name: platform }: Platform, io: CommandIo): Promise<NodeBinary> {
  const name = `node-linux-${node}`
  const version = versionOf(name)
  const installed = await findInstalled(name, version)
  if (installed !== undefined) return { content: await readFile(installed), name, version }
  const kept = join(cacheFolder(io), `${name}-${version}`)
  if (!existsSync(kept)) {
    await during(io, `Fetching ${name} ${version}`, fetchNode({ name, version, platform, kept }))
  }
  return { content: await readFile(kept), name, version }
}

/** Beside this package, or in its own folder for packages; only the very version that this package was tested with. */
async function findInstalled(name: string, version: string): Promise<string | undefined> {
  for (const folder of [join(packageFolder(), 'node_modules', name), join(packageFolder(), '..', name)]) {
    const manifest: unknown = existsSync(join(folder, 'package.json'))
      ? JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
      : undefined
    if (isFields(manifest) && textOf(manifest['version']) === version) return join(folder, 'bin', 'node')
  }
  return undefined
}

async function fetchNode({ name, version, platform, kept }: Record<'name' | 'version' | 'platform' | 'kept', string>) {
  const cache = join(kept, '..')
  await makeFolder(cache)
  const folder = await mkdtemp(join(cache, 'fetching-'))
  try {
    await promisify(execFile)('npm', ['pack', '--silent', `${name}@${version}`], { cwd: folder })
    const [packed = ''] = await readdir(folder)
    const content = await fileOf(await promisify(gunzip)(await readFile(join(folder, packed))), 'package/bin/node')
    await writeFile(join(folder, 'node'), content, { mode: 0o755 })
    await rename(join(folder, 'node'), kept)
  } catch (cause) {
    throw new DiagnosticError([diagnostic('AP6021', { name, version, platform })], { cause })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fileOf(tar: Buffer, path: string): Promise<Buffer> {
  const archive = extract()
  archive.end(tar)
  for await (const entry of archive) {
    if (entry.header.name === path) return buffer(entry)
    entry.resume()
  }
  throw new Error(`the package has no ${path}`)
}
