import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { MeshContext } from './adapter.ts'

/**
 * The version in which an adapter writes a group: the one the context asks for, or the adapter's default, which is the first
 * of `known`. Throws a DiagnosticError for any other.
 */
export function chooseVersion<Version extends string>(
  mesh: string,
  group: string,
  known: readonly [Version, ...Version[]],
  context: MeshContext,
): Version {
  const wanted = context.apiVersions[group]
  if (wanted === undefined) return known[0]
  const version = known.find((candidate) => candidate === wanted)
  if (version !== undefined) return version
  throw new DiagnosticError([diagnostic('AP2120', { mesh, group, version: wanted, known: known.join(', ') })])
}
