import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { type ConfigSurroundings, parseOperatorConfig } from './parse-operator-config.ts'
import { type LoadedProject, parseProject } from './parse-project.ts'
import type { OperatorConfig } from './project.ts'
import { largestFile } from './yaml-source.ts'

/**
 * Reads a project: its autopilot.yaml, or the folder that holds one, relative to `cwd`. Diagnostics name the file as given.
 * Throws a DiagnosticError for a file that is missing, unreadable or wrong.
 */
export async function loadProject(folderOrFile: string, cwd = '.'): Promise<LoadedProject> {
  const isFolder = await stat(resolve(cwd, folderOrFile)).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
  const file = isFolder ? join(folderOrFile, 'autopilot.yaml') : folderOrFile
  return parseProject(await readText(file, cwd), file)
}

/** Reads an autopilot-operator.yaml, relative to `cwd`. Throws a DiagnosticError for a file that is missing, unreadable or wrong. */
export async function loadOperatorConfig(
  file: string,
  surroundings: ConfigSurroundings,
  cwd = '.',
): Promise<OperatorConfig> {
  return parseOperatorConfig(await readText(file, cwd), file, surroundings)
}

async function readText(file: string, cwd: string): Promise<string> {
  const bytes = await readBytes(file, cwd)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const utf16 =
      bytes.subarray(0, 2).equals(Buffer.from([0xff, 0xfe])) || bytes.subarray(0, 2).equals(Buffer.from([0xfe, 0xff]))
    const problem = utf16 ? 'it looks like UTF-16' : 'this byte belongs to no character'
    throw new DiagnosticError([diagnostic('AP1006', { problem }, { file, ...firstBadByte(bytes) })], { cause })
  }
}

/** At most one byte more than is read anyway: a huge file must not be loaded to be refused. */
async function readBytes(file: string, cwd: string): Promise<Buffer> {
  const path = resolve(cwd, file)
  try {
    const { size } = await stat(path)
    if (size <= largestFile) return await readFile(path)
    const facts = { size: String(size), limit: String(largestFile) }
    throw new DiagnosticError([diagnostic('AP1007', facts, { file, line: 1, column: 1 })])
  } catch (cause) {
    if (cause instanceof DiagnosticError) throw cause
    throw new DiagnosticError([diagnostic('AP1008', { file, problem: describeFailure(cause) })], { cause })
  }
}

function describeFailure(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const known: Record<string, string> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'a part of the path is no folder',
    EISDIR: 'it is a folder',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
    ELOOP: 'its symbolic links go round in a circle',
  }
  return known[code] ?? (cause instanceof Error ? cause.message : String(cause))
}

/** A replacement character where decoding and encoding again does not give the same bytes. */
function firstBadByte(bytes: Buffer): { line: number; column: number } {
  const again = Buffer.from(bytes.toString('utf8'))
  const offset = bytes.findIndex((byte, index) => byte !== again[index])
  const before = bytes.subarray(0, Math.max(offset, 0)).toString('utf8').split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
