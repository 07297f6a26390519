import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { MeshContext } from './adapter.ts'

/**
 * The version in which an adapter writes a group, or one kind of it (`gateway.networking.k8s.io/TCPRoute`): the one the context asks
 * for, else the first of `known` that the cluster serves, else the adapter's default, which is the first of `known`. `decisive`
 * is the kind that tells what is served, where that is not the whole group. Throws a DiagnosticError for a version that is not known.
 */
export function chooseVersion<Version extends string>(
  mesh: string,
  group: string,
  known: readonly [Version, ...Version[]],
  { apiVersions, installed }: MeshContext,
  decisive = group,
): Version {
  const wanted = apiVersions[group]
  if (wanted === undefined) {
    const served = installed?.versions[decisive] ?? []
    return known.find((version) => served.includes(version)) ?? known[0]
  }
  const version = known.find((candidate) => candidate === wanted)
  if (version !== undefined) return version
  throw new DiagnosticError([diagnostic('AP2120', { mesh, group, version: wanted, known: known.join(', ') })])
}
