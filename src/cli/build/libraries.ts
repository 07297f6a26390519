import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { readElfNeeds } from './elf.ts'
import type { Platform } from './platform.ts'

/** A library of the building machine, and its path in the image. */
export interface SharedLibrary {
  readonly path: string
  readonly content: Buffer
  /** Where it was found, without links. */
  readonly source: string
}

/** Looked up by name while a program runs: how hosts and users are found, in a glibc before 2.34 (release notes of 2.34). */
const loadedLater = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2']

/**
 * The loader and the libraries that a program needs, taken from the building machine: its own, or those that Debian and Ubuntu have for
 * another architecture (`libc6-arm64-cross` and the like, in `/usr/<triple>/lib`).
 *
 * @throws DiagnosticError when one is missing, or when the program is not for glibc
 */
export async function sharedLibraries(program: Buffer, platform: Platform, root = '/'): Promise<SharedLibrary[]> {
  const needs = readElfNeeds(program)
  const interpreter = needs?.interpreter
  if (needs === undefined || interpreter === undefined) throw missing(['a loader'], platform)
  const folders = foldersFor(platform)
  const found = new Map<string, SharedLibrary>()
  const absent = new Set<string>()
  const loader = interpreter.slice(interpreter.lastIndexOf('/') + 1)
  const wanted = [loader, ...needs.libraries, ...loadedLater]
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (found.has(name)) continue
    const library = await find(name, folders, {
      root,
      machine: machineOf(program),
      cross: `usr/${platform.triple}/lib`,
    })
    if (library === undefined) {
      if (!loadedLater.includes(name)) absent.add(name)
      continue
    }
    const path = name === loader ? interpreter.slice(1) : `${library.folder}/${name}`
    found.set(name, { content: library.content, source: library.source, path })
    wanted.push(...(readElfNeeds(library.content)?.libraries ?? []))
  }
  if (absent.size > 0) throw missing([...absent], platform)
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** On a machine of the same architecture its own come first. */
function foldersFor({ triple }: Platform): string[] {
  return [`lib/${triple}`, `usr/lib/${triple}`, `usr/${triple}/lib`, 'lib64', 'usr/lib64', 'lib', 'usr/lib']
}

/**
 * A library keeps its folder, since that is where the loader of the same system looks; one of a cross compiler goes where Debian has it on
 * a machine of that architecture.
 */
async function find(
  name: string,
  folders: readonly string[],
  { root, machine, cross }: { root: string; machine: number; cross: string },
): Promise<(Omit<SharedLibrary, 'path'> & { folder: string }) | undefined> {
  for (const folder of folders) {
    const path = join(root, folder, name)
    if (!existsSync(path)) continue
    const content = await readFile(path)
    if (readElfNeeds(content) === undefined || machineOf(content) !== machine) continue
    const target = folder === cross ? cross.replace(/^usr\/(.*)\/lib$/, 'lib/$1') : folder
    return { content, source: await realpath(path), folder: target }
  }
  return undefined
}

/** `e_machine`: of which architecture a file is. */
function machineOf(file: Buffer): number {
  return file.readUInt16LE(18)
}

function missing(names: readonly string[], { name, architecture }: Platform): DiagnosticError {
  return new DiagnosticError([diagnostic('AP6022', { platform: name, architecture, names: names.join(', ') })])
}
