import type { ParsedManifests } from '../../manifests/parse-manifests.ts'
import { readManifests } from '../../manifests/read-manifests.ts'
import { type CommandIo, UsageError } from '../io.ts'
import { standardInput } from '../standard-input.ts'

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** The objects of the files named with `-f`; throws a UsageError when the option makes no sense. */
export async function readFiles(files: unknown, namespace: string, io: CommandIo): Promise<ParsedManifests> {
  if (!Array.isArray(files) || files.length === 0) throw new UsageError('name a file with -f, or - for standard input')
  const names = files.map(String)
  if (names.filter((name) => name === '-').length > 1) throw new UsageError('standard input can be read only once')
  const read = await readManifests({ files: names, cwd: io.cwd, stdin: standardInput(io), namespace })
  io.signal.throwIfAborted()
  return read
}

/** A namespace given on the command line; throws a UsageError when it is no name of one. */
export function requireNamespace(option: string, value: unknown): string {
  const name = String(value)
  if (label.test(name)) return name
  throw new UsageError(`${option} ${name} is no name of a namespace: lower-case letters, digits and - only`)
}
