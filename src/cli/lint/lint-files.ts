import { readManifests } from '../../manifests/read-manifests.ts'
import { validateManifest } from '../../manifests/validate-manifests.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import type { CommandIo } from '../io.ts'
import { standardInput } from '../standard-input.ts'
import { forInstalled } from '../translate/installed-in-files.ts'
import { servicesOf } from '../translate/known-services.ts'
import { mergeSplits } from '../translate/merge-splits.ts'
import { besides, translateManifests } from '../translate/translate-manifests.ts'
import { type Finding, findings } from './finding.ts'

/** What the objects are looked at for. */
export interface FileLint {
  readonly files: readonly string[]
  readonly namespace: string
  readonly providers: readonly MeshProvider[]
  /** Every mesh: each knows its own kinds. */
  readonly adapters: readonly MeshAdapter[]
  /** The meshes that should be able to carry what the objects ask for. */
  readonly targets: readonly MeshAdapter[]
}

/**
 * What an API server, a webhook or a mesh's own validation would refuse about objects in files, and what of them each target
 * cannot carry.
 */
export async function lintFiles(
  { files, namespace, providers, adapters, targets }: FileLint,
  io: CommandIo,
): Promise<Finding[]> {
  const read = await readManifests({ files, cwd: io.cwd, stdin: standardInput(io), namespace })
  io.signal.throwIfAborted()
  const readings = adapters.map(({ reading }) => reading)
  const invalid = new Map(read.manifests.map((one) => [one, validateManifest(one, readings)]))
  const valid = read.manifests.filter((one) => invalid.get(one)?.length === 0)
  const translated = targets
    .map((target) => forInstalled(target, providers, read.manifests))
    .map((target) => translateManifests(valid, { target, adapters }))
  // Without a mesh that is to carry it, what is wrong with splits and neutral documents on every mesh, ports or no ports.
  const anywhere = adapters.find(({ capabilities }) => capabilities.portSplit.support === 'unsupported')
  const ofNone =
    targets.length > 0 || anywhere === undefined
      ? []
      : mergeSplits(valid, servicesOf(valid, anywhere), anywhere).problems
  const refused = [...read.problems, ...[...invalid.values()].flat()]
  return [
    ...findings('error', [...refused, ...ofNone]),
    ...translated.flatMap(({ problems, notes }) => [
      ...findings('error', besides(refused, problems)),
      ...findings('note', notes),
    ]),
  ]
}
