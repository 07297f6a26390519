import { apiVersionOf, type Kind } from '../kube/object.ts'
import type { MeshAdapter } from './adapter.ts'
import type { NeutralOutputs } from './outputs.ts'

/** The outputs that are about pods and not about the requests to a Service. */
export const podOutputs = ['traffictargets', 'mtlspolicies'] as const satisfies readonly (keyof NeutralOutputs)[]

/** Whether some inputs or outputs are about pods. */
export function concernPods(names: readonly string[]): boolean {
  return podOutputs.some((name) => names.includes(name))
}

/** Those, and the one that is about pods on some meshes: `podLimits` of the adapter. */
export const protectionOutputs = [...podOutputs, 'ratelimits'] as const satisfies readonly (keyof NeutralOutputs)[]

/** Whether an adapter has to know what makes the pods, for some inputs or outputs. */
export function needsWorkloads({ podLimits }: Pick<MeshAdapter, 'podLimits'>, names: readonly string[]): boolean {
  return concernPods(names) || (podLimits !== undefined && names.includes('ratelimits'))
}

/** Kinds from which it is known which pods run as which ServiceAccount, and which ports they have. */
export const workloadKinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => {
  return { group: 'apps', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true }
})

/** Kinds that an operator reads for an adapter without writing them: by which others route, and what makes the pods. */
export function readKinds(adapter: Pick<MeshAdapter, 'rivals' | 'podLimits'>, names: readonly string[]): Kind[] {
  return [...adapter.rivals, ...(needsWorkloads(adapter, names) && !concernPods(names) ? workloadKinds : [])]
}

/** Kinds that an adapter looks at for some inputs or outputs without writing them; those of routes are not among them. */
export function consultedKinds(
  { access, podLimits }: Pick<MeshAdapter, 'access' | 'podLimits'>,
  names: readonly string[],
): Kind[] {
  const forAccess = names.includes('traffictargets') ? (access?.consults ?? []) : []
  const forLimits = names.includes('ratelimits') ? (podLimits?.consults ?? []) : []
  const alone = forLimits.filter(
    (kind) => !forAccess.some((one) => one.group === kind.group && one.plural === kind.plural),
  )
  return [...forAccess, ...alone]
}

/** Kinds of users' objects on which an adapter sets annotations for some outputs. */
export function annotatedKinds({ annotates }: Pick<MeshAdapter, 'annotates'>, names: readonly string[]): Kind[] {
  const isAsked = annotates?.outputs.some((output) => names.includes(output)) === true
  return isAsked ? [{ group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true }] : []
}

const core = { group: '', version: 'v1', namespaced: true }

/** What a fault backend is made of, in the order in which it must exist. */
export const faultBackendKinds = {
  configMap: { ...core, kind: 'ConfigMap', plural: 'configmaps' },
  deployment: { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  service: { ...core, kind: 'Service', plural: 'services' },
} as const satisfies Record<string, Kind>

/** The kinds that an operator with these outputs writes besides the adapter's: those of fault backends, where faults are asked for on a mesh without. */
export function faultKindsFor({ capabilities }: Pick<MeshAdapter, 'capabilities'>, outputs: readonly string[]): Kind[] {
  if (!outputs.includes('faultinjections') || capabilities.faultAbort.support !== 'emulated') return []
  return Object.values(faultBackendKinds)
}

/**
 * The kinds that an adapter writes or reads for some inputs or outputs, each once and in the order in which they must exist: those of traffic
 * always, those of access, mutual TLS and rate limits only where they are asked for, as a cluster may do without them.
 */
export function kindsFor({ kinds, access, mtls, podLimits }: MeshAdapter, names: readonly string[]): Kind[] {
  const all = [
    ...kinds,
    ...(names.includes('traffictargets') ? (access?.kinds ?? []) : []),
    ...(names.includes('mtlspolicies') ? (mtls?.kinds ?? []) : []),
    ...(names.includes('ratelimits') ? (podLimits?.kinds ?? []) : []),
  ]
  const byName = new Map<string, Kind>()
  for (const kind of all) {
    const name = `${apiVersionOf(kind)}/${kind.plural}`
    if (!byName.has(name)) byName.set(name, kind)
  }
  return [...byName.values()]
}

/** Every kind that an adapter may write or consult: what a cluster with the mesh has. */
export function installedKinds(adapter: MeshAdapter): Kind[] {
  return [...kindsFor(adapter, protectionOutputs), ...consultedKinds(adapter, protectionOutputs)]
}

/** The kinds that an operator with these phases needs rights to on a mesh: what it writes or reads there, and what fault backends are made of. */
export function grantedKinds(
  adapter: MeshAdapter,
  phases: readonly { readonly inputs: readonly string[]; readonly outputs: readonly string[] }[],
): Kind[] {
  const outputs = phases.flatMap((phase) => phase.outputs)
  const names = [...phases.flatMap(({ inputs }) => inputs), ...outputs]
  return [...kindsFor(adapter, names), ...faultKindsFor(adapter, outputs)]
}

/** What an operator reads on a mesh that is in no namespace, and what it consults there. */
export function clusterNeeds(adapter: MeshAdapter, names: readonly string[]) {
  const { annotatedCrds = [], enrollment } = adapter
  return { annotatedCrds, readsNamespaces: enrollment !== undefined, consulted: consultedKinds(adapter, names) }
}
