import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { isNamespace } from '../../manifests/services.ts'
import { describeDestination, type WorkloadAccess } from '../../mesh/access.ts'
import { checkAccess, checkMtls, checkMtlsTogether, checkSharedPods } from '../../mesh/access-check.ts'
import { normalAccess } from '../../mesh/access-normal-form.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { describePods, type MtlsPolicy, normalMtls } from '../../mesh/mtls.ts'
import { groupKind, type ObjectProblem } from '../../mesh/object-reading.ts'
import { destinationKey, type WorkloadDirectory, workloadKinds, workloadsAmong } from '../../mesh/workloads.ts'
import { located } from './located.ts'
import { isNeutralPolicy, readNeutralPolicies } from './neutral-policies.ts'
import type { Translation } from './translation.ts'

/** What came of one policy: its objects, with the objects it was read from. */
interface WrittenPolicy {
  readonly sources: readonly Manifest[]
  readonly objects: readonly KubeObject[]
}

export interface TranslatedPolicies {
  readonly written: readonly WrittenPolicy[]
  readonly problems: readonly Diagnostic[]
}

/** Whether an object is about who may call whom, or about mutual TLS, on any mesh or in neutral words. */
export function isPolicy(object: KubeObject, adapters: readonly MeshAdapter[]): boolean {
  return isNeutralPolicy(object) || adapters.some(({ reading }) => reading.isPolicy?.(object) === true)
}

/** Whether an object tells which labels and ports the pods of a ServiceAccount have. */
export function isWorkload(object: KubeObject): boolean {
  return workloadKinds.includes(groupKind(object))
}

/**
 * The target's objects for who may call whom. Where a part of a namespace's policies cannot be read, none of that namespace is
 * translated: without a rule that refuses, the others would let in more than they did.
 */
export function translatePolicies(
  manifests: readonly Manifest[],
  { target, adapters }: Translation,
): TranslatedPolicies {
  const workloads = workloadsAmong(manifests.map(({ object }) => object))
  const readers: readonly ReadWords[] = [
    neutralWords(manifests, target),
    ...adapters.map((adapter) => new Reader(adapter, manifests, workloads, target)),
  ]
  const problems = readers.flatMap((reader) => reader.problems)
  const accesses = together(readers.flatMap((reader) => reader.accesses))
  const policies = readers.flatMap((reader) => reader.policies)
  const place = (what: WorkloadAccess | MtlsPolicy) =>
    readers.flatMap((reader) => ('destination' in what ? reader.sourcesOf(what) : reader.mtlsSourcesOf(what)))
  const at = (said: readonly Diagnostic[], what: WorkloadAccess | MtlsPolicy) => {
    const position = said.length === 0 ? undefined : place(what)[0]?.at(['metadata', 'name'])
    problems.push(...said.map((one) => ({ ...one, ...(position && { position }) })))
    return said.length === 0
  }
  const carried = accesses.filter((access) => at(checkAccess(access, target, workloads), access))
  const apart = carried.filter((access, index) => {
    const pair = carried.slice(0, index).map((earlier) => checkSharedPods([earlier, access], target, workloads))
    return at(pair.flat().slice(0, 1), access)
  })
  const secured = policies.filter((policy, index) => {
    const rivals = policies
      .slice(0, index)
      .flatMap((earlier) => checkMtlsTogether([earlier, policy], target, describePods))
    return at([...checkMtls(policy, accesses, target, workloads), ...rivals.slice(0, 1)], policy)
  })
  return {
    problems,
    written: [
      ...apart.map((access) => ({
        sources: place(access),
        objects: target.access?.translate(access, workloads) ?? [],
      })),
      ...secured.map((policy) => ({
        sources: place(policy),
        objects: target.mtls?.translate(policy, workloads) ?? [],
      })),
    ],
  }
}

/** What several meshes' objects say about the same pods adds up, as it does on each of them. */
function together(accesses: readonly WorkloadAccess[]): WorkloadAccess[] {
  const byKey = new Map<string, WorkloadAccess>()
  for (const access of accesses) {
    const key = destinationKey(access.destination)
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, access)
    else {
      const ports = known.ports && access.ports ? [...new Set([...known.ports, ...access.ports])] : undefined
      const { destination } = access
      byKey.set(
        key,
        normalAccess({ destination, ...(ports && { ports }), grants: [...known.grants, ...access.grants] }),
      )
    }
  }
  return [...byKey.values()]
}

/** What the objects of one mesh say, or the neutral ones. */
interface ReadWords {
  readonly problems: readonly Diagnostic[]
  readonly accesses: readonly WorkloadAccess[]
  readonly policies: readonly MtlsPolicy[]
  /** The objects without which this would not be said. */
  sourcesOf(access: WorkloadAccess): Manifest[]
  mtlsSourcesOf(policy: MtlsPolicy): Manifest[]
}

/** What neutral documents say. */
function neutralWords(manifests: readonly Manifest[], target: MeshAdapter): ReadWords {
  const { accesses, mtls, problems, troubled, originOf } = readNeutralPolicies(manifests)
  const wide: Diagnostic[] = []
  const isWhole = (namespace: string, what: string) => {
    const trouble = troubled.get(namespace)
    if (trouble !== undefined) wide.push(leftOut(what, trouble.object, [trouble], target))
    return trouble === undefined
  }
  const whole = accesses.filter(({ what: { destination } }) => {
    return isWhole(destination.namespace, `what is said about ${describeDestination(destination)}`)
  })
  const secured = mtls.filter(({ what }) => isWhole(what.namespace, `the mutual TLS of ${describePods(what)}`))
  const origins = (asked: readonly { readonly sources: readonly string[] }[]) =>
    asked.flatMap(({ sources }) => sources.flatMap((source) => originOf(source) ?? []))
  return {
    problems: [...problems, ...wide],
    accesses: whole.map(({ what }) => normalAccess(what)),
    policies: secured.map(({ what }) => normalMtls(what)),
    sourcesOf({ destination }) {
      const key = destinationKey(destination)
      return origins(whole.filter(({ what }) => destinationKey(what.destination) === key))
    },
    mtlsSourcesOf: (policy) => origins(secured.filter(({ what }) => describePods(what) === describePods(policy))),
  }
}

/** What one mesh's own objects say. */
class Reader implements ReadWords {
  readonly problems: Diagnostic[] = []
  readonly accesses: readonly WorkloadAccess[]
  readonly policies: readonly MtlsPolicy[]
  readonly #adapter: MeshAdapter
  readonly #own: readonly Manifest[]
  readonly #workloads: WorkloadDirectory

  constructor(adapter: MeshAdapter, manifests: readonly Manifest[], workloads: WorkloadDirectory, target: MeshAdapter) {
    const { reading } = adapter
    this.#adapter = adapter
    this.#workloads = workloads
    // Labels of Namespaces by which the target is told what to look after say nothing of what is read.
    const isTold = target.enrollment !== undefined
    const among = manifests.map(({ object }) => object).filter((object) => !isTold || !isNamespace(object))
    const isRead = reading.readsPolicy ?? reading.isPolicy
    this.#own = manifests.filter(({ object }) => {
      return isRead?.(object, among) === true || reading.accompanies.includes(groupKind(object))
    })
    const access = adapter.access?.observe(this.#objects(), workloads) ?? { accesses: [], problems: [] }
    const mtls = adapter.mtls?.observe(this.#objects(), workloads) ?? { policies: [], problems: [] }
    const all = [...access.problems, ...mtls.problems]
    this.problems.push(...all.flatMap((problem) => located(problem, this.#own, target)))
    const troubled = new Map(all.map((problem) => [problem.place?.object.metadata.namespace ?? 'default', problem]))
    const isWhole = (namespace: string, what: string) => {
      const trouble = troubled.get(namespace)
      if (trouble !== undefined) this.#leaveOut(what, trouble, target)
      return trouble === undefined
    }
    this.accesses = access.accesses.filter(({ destination }) => {
      return isWhole(destination.namespace, `what is said about ${describeDestination(destination)}`)
    })
    this.policies = mtls.policies.filter((policy) => {
      return isWhole(policy.namespace, `the mutual TLS of ${describePods(policy)}`)
    })
  }

  sourcesOf({ destination }: WorkloadAccess): Manifest[] {
    const key = destinationKey(destination)
    return this.#decisive((objects) => {
      const observed = this.#adapter.access?.observe(objects, this.#workloads).accesses ?? []
      return observed.filter((one) => destinationKey(one.destination) === key)
    })
  }

  mtlsSourcesOf(policy: MtlsPolicy): Manifest[] {
    const pods = describePods(policy)
    return this.#decisive((objects) => {
      const observed = this.#adapter.mtls?.observe(objects, this.#workloads).policies ?? []
      return observed.filter((one) => describePods(one) === pods)
    })
  }

  #decisive(read: (objects: readonly KubeObject[]) => unknown): Manifest[] {
    const all = JSON.stringify(read(this.#objects()))
    return this.#own.filter((one) => {
      return JSON.stringify(read(this.#objects().filter((object) => object !== one.object))) !== all
    })
  }

  #objects(): KubeObject[] {
    return this.#own.map(({ object }) => object)
  }

  #leaveOut(what: string, { place }: ObjectProblem, target: MeshAdapter): void {
    this.problems.push(leftOut(what, place?.object, this.#own, target))
  }
}

function leftOut(what: string, trouble: KubeObject | undefined, own: readonly Manifest[], { name: mesh }: MeshAdapter) {
  const manifest = own.find(({ object }) => object === trouble)
  const object = manifest === undefined ? '' : describeObject(manifest.object)
  return diagnostic('AP2178', { mesh, what, object }, manifest?.at(['metadata', 'name']))
}
