import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../diagnostics/diagnostic.ts'
import { describeObject, type Manifest } from './manifest.ts'
import { duplicateProblems, type ParsedManifests, parseManifests } from './parse-manifests.ts'

/** Far above what people write by hand, and a dump of a middle-sized cluster still fits. */
export const largestManifestFile = 16 * 1024 * 1024

export interface ManifestSources {
  /** Paths as given; `-` is standard input. */
  readonly files: readonly string[]
  readonly cwd: string
  readonly stdin: AsyncIterable<Uint8Array | string>
  /** Of objects that name none. */
  readonly namespace: string
}

/**
 * The objects of all files in the order in which the files are named. Everything wrong in any of them is among the problems,
 * with its place. Never throws.
 */
export async function readManifests({ files, cwd, stdin, namespace }: ManifestSources): Promise<ParsedManifests> {
  const parts = await Promise.all(
    files.map(async (file): Promise<ParsedManifests> => {
      try {
        const source = file === '-' ? stdin : createReadStream(resolve(cwd, file))
        return parseManifests(await readText(source, nameOf(file)), nameOf(file), namespace)
      } catch (error) {
        return { manifests: [], problems: diagnosticsOf(error, file) }
      }
    }),
  )
  const manifests: Manifest[] = parts.flatMap((part) => part.manifests)
  const problems = [...parts.flatMap((part) => part.problems), ...duplicateProblems(manifests, describeObject)]
  return { manifests, problems }
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : file
}

async function readText(source: AsyncIterable<Uint8Array | string>, file: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.length
    if (size > largestManifestFile) {
      const facts = { size: `more than ${largestManifestFile}`, limit: String(largestManifestFile) }
      throw new DiagnosticError([diagnostic('AP1007', facts, { file, line: 1, column: 1 })])
    }
    chunks.push(bytes)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    const problem = 'a byte belongs to no character'
    throw new DiagnosticError([diagnostic('AP1006', { problem }, { file, line: 1, column: 1 })], { cause })
  }
}

function diagnosticsOf(error: unknown, file: string): readonly Diagnostic[] {
  if (error instanceof DiagnosticError) return error.diagnostics
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'a part of the path is no folder',
    EISDIR: 'it is a folder; name its files',
    EACCES: 'this user may not read it',
  }
  const problem = known[code] ?? (error instanceof Error ? error.message : String(error))
  const name = nameOf(file)
  return [diagnostic('AP1008', { file: name, problem }, { file: name, line: 1, column: 1 })]
}
