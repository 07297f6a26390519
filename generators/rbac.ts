import type { Kind, KubeObject } from '../src/kube/object.ts'
import { concernPods, workloadKinds } from '../src/mesh/adapter-kinds.ts'
import { isNeutral, kindsOf, metricsInput } from '../src/project/native-kinds.ts'
import type { Project } from '../src/project/project.ts'

/** A rule of rbac.authorization.k8s.io/v1. */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const read = ['get', 'list', 'watch']
/** Server-side apply needs `create` as well as `patch` for an object that is not there yet. */
const write = [...read, 'create', 'patch', 'delete']

/** In this order, as `kubectl` documents them. */
const verbOrder = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

/**
 * What an operator needs on any mesh, and nothing more: its inputs to read, its outputs to write, its own resource with
 * status and finalizers, and Events.
 */
export function projectRules(project: Project): PolicyRule[] {
  const { group, plural } = project
  const kinds = kindsOf(project)
  const grants = new Grants()
  // The finalizer is added and removed by a patch of the resource, the rest goes through its status.
  grants.add(group, plural, [...read, 'patch'])
  grants.add(group, `${plural}/status`, ['patch'])
  // For `blockOwnerDeletion` in owner references (admission plug-in OwnerReferencesPermissionEnforcement).
  grants.add(group, `${plural}/finalizers`, ['update'])
  grants.add('', 'events', ['create', 'patch'])
  for (const phase of project.phases) {
    for (const name of phase.inputs)
      if (name !== metricsInput && !isNeutral(name)) grants.addKind(named(kinds, name), read)
    for (const name of phase.outputs) if (!isNeutral(name)) grants.addKind(named(kinds, name), write)
    // Ports of the apex come from its Service.
    if ([...phase.inputs, ...phase.outputs].some(isNeutral)) grants.add('', 'services', read)
    // Labels and ports of pods come from what makes them.
    if (concernPods([...phase.inputs, ...phase.outputs])) for (const kind of workloadKinds) grants.addKind(kind, read)
  }
  return grants.rules()
}

/**
 * What the operator needs for one mesh: its kinds to write when a phase routes traffic, to read when it only looks; and for whoever
 * routes, to see what others route, and to set annotations on what is `annotated`. What is `consulted` is there to be read by both.
 */
export function meshRules(
  project: Project,
  meshKinds: readonly Kind[],
  rivals: readonly Kind[],
  annotated: readonly Kind[],
  consulted: readonly Kind[] = [],
): PolicyRule[] {
  const grants = new Grants()
  const routes = project.phases.some(({ outputs }) => outputs.some(isNeutral))
  const looks = project.phases.some(({ inputs }) => inputs.some(isNeutral))
  if (routes || looks) for (const kind of meshKinds) grants.addKind(kind, routes ? write : read)
  for (const kind of consulted) if (kind.namespaced && (routes || looks)) grants.addKind(kind, read)
  if (routes) for (const kind of rivals) grants.addKind(kind, read)
  if (routes) for (const kind of annotated) grants.addKind(kind, ['patch'])
  return grants.rules()
}

/** What an operator reads on a mesh that is in no namespace, so that a Role cannot grant it. */
export interface ClusterNeeds {
  /** CustomResourceDefinitions whose annotations tell what the kinds of the mesh can hold. */
  readonly annotatedCrds: readonly string[]
  /** Whether labels of Namespaces tell what the mesh looks after. */
  readonly readsNamespaces: boolean
  /** What tells more of pods than what makes them does, in namespaces or not. */
  readonly consulted: readonly Kind[]
}

/** The rights to that. Who only looks needs nothing but what is consulted. */
export function clusterRules(
  project: Project,
  { annotatedCrds, readsNamespaces, consulted }: ClusterNeeds,
): PolicyRule[] {
  const routes = project.phases.some(({ outputs }) => outputs.some(isNeutral))
  const grants = new Grants()
  for (const kind of consulted) if (!kind.namespaced) grants.addKind(kind, read)
  if (routes && readsNamespaces) grants.add('', 'namespaces', read)
  const crds = { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] }
  return [
    ...grants.rules(),
    ...(routes && annotatedCrds.length > 0 ? [{ ...crds, resourceNames: annotatedCrds, verbs: ['get'] }] : []),
  ]
}

/** What leader election needs, in its own namespace. */
export const leaseRules: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
]

/** A Role in a namespace, or a ClusterRole where there is none, bound to a ServiceAccount. */
export function boundRole(
  name: string,
  rules: readonly PolicyRule[],
  account: { readonly name: string; readonly namespace: string },
  namespace?: string,
): KubeObject[] {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role'
  const metadata = { name, ...(namespace !== undefined && { namespace }) }
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ]
}

function named(kinds: ReadonlyMap<string, Kind>, name: string): Kind {
  const kind = kinds.get(name)
  if (kind === undefined) throw new Error(`the project names ${name}, which is no kind`)
  return kind
}

/** Verbs by group and resource, each once. */
class Grants {
  readonly #verbs = new Map<string, Map<string, Set<string>>>()

  addKind({ group, plural }: Kind, verbs: readonly string[]): void {
    this.add(group, plural, verbs)
  }

  add(group: string, resource: string, verbs: readonly string[]): void {
    const resources = this.#verbs.get(group) ?? new Map<string, Set<string>>()
    this.#verbs.set(group, resources)
    resources.set(resource, new Set([...(resources.get(resource) ?? []), ...verbs]))
  }

  /** Sorted; resources of one group with the same verbs share a rule. */
  rules(): PolicyRule[] {
    return [...this.#verbs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([group, resources]) => {
        const byVerbs = new Map<string, string[]>()
        for (const [resource, verbs] of [...resources].sort(([a], [b]) => (a < b ? -1 : 1))) {
          const key = verbOrder.filter((verb) => verbs.has(verb)).join()
          byVerbs.set(key, [...(byVerbs.get(key) ?? []), resource])
        }
        return [...byVerbs].map(([verbs, names]) => ({ apiGroups: [group], resources: names, verbs: verbs.split(',') }))
      })
  }
}
