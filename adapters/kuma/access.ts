import type { KubeObject } from '../../src/kube/object.ts'
import {
  destinationName,
  type Labels,
  labelText,
  mayOverlap,
  type ServiceAccountRef,
  type WorkloadAccess,
} from '../../src/mesh/access.ts'
import type { ObservedAccess } from '../../src/mesh/access-adapter.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { fieldsOf, listOf, otherFields, textOf } from '../../src/mesh/fields.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { byAccount, selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { policyObject } from './policy-object.ts'
import { nameOf, reporter } from './reporting.ts'
import { readSelection, systemNamespace, writeSelection } from './selection.ts'

/** What a MeshIdentity gives out in a mesh and a zone that are both called `default` (`<mesh>.<zone>.mesh.local`). */
export const usualTrustDomain = 'default.default.mesh.local'
/** The path of a MeshIdentity that does not set its own. */
const account = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/
/** All identities there are, or those of one trust domain. */
const everyIdentity = /^spiffe:\/\/([^/]+\/?)?$/

/**
 * A MeshTrafficPermission for each selection of pods, named as the ServiceAccount, with the SPIFFE IDs of those who are let in. Kuma
 * lets in nobody whom no permission names; to say so of some pods, every identity is denied. Check has let through whole pods only.
 */
export function translateAccess(
  access: WorkloadAccess,
  trustDomain: string,
  workloads: WorkloadDirectory,
): KubeObject[] {
  const { destination, grants } = normalAccess(access)
  const accounts = grants.flatMap(({ sources }) => sources)
  const identity = (type: string, path: string) => ({ spiffeID: { type, value: `spiffe://${trustDomain}/${path}` } })
  const conf =
    accounts.length === 0
      ? { deny: [identity('Prefix', '')] }
      : { allow: accounts.map(({ namespace, name }) => identity('Exact', `ns/${namespace}/sa/${name}`)) }
  return selectionsOf(destination, workloads).map(({ name, labels }) => {
    const own = [destinationName(destination), name].filter((part) => part !== '').join('.')
    return policyObject(
      'MeshTrafficPermission',
      { namespace: destination.namespace, name: own },
      { targetRef: writeSelection(labels), rules: [{ default: structuredClone(conf) }] },
    )
  })
}

/** One MeshTrafficPermission, in neutral words. */
interface Permission {
  readonly object: KubeObject
  readonly namespace: string
  readonly labels: Labels
  readonly sources: readonly ServiceAccountRef[]
  /** Where every identity is denied. */
  readonly denial: FieldPath | undefined
}

/** Reads MeshTrafficPermissions, whoever wrote them. Those for the same pods add up, but that what one denies is denied. */
export function observeAccess(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedAccess {
  const problems: ObjectProblem[] = []
  const permissions = objects
    .filter((one) => groupKind(one) === 'kuma.io/MeshTrafficPermission')
    .flatMap((object) => readPermission(object, problems) ?? [])
  const whole = permissions.filter((own) => {
    const { denial, namespace, labels } = own
    const rival = permissions.find((other) => {
      const isElsewhere = other.namespace !== namespace || !mayOverlap(other.labels, labels)
      return !isElsewhere && other.sources.length > 0 && labelText(other.labels) !== labelText(labels)
    })
    // In neutral words policies only add up.
    if (denial === undefined || rival === undefined) return true
    reporter(own.object, problems)(`a denial that goes before ${nameOf(rival.object)}`, denial)
    return false
  })
  const byPods = Map.groupBy(whole, ({ namespace, labels }) => `${namespace} ${labelText(labels)}`)
  const accesses = [...byPods.values()].flatMap((all): WorkloadAccess[] => {
    const [first] = all
    if (first === undefined) return []
    const isDenied = all.some(({ denial }) => denial !== undefined)
    const sources = isDenied ? [] : all.flatMap((one) => one.sources)
    const grants = sources.length === 0 ? [] : [{ name: 'allow', sources }]
    return [{ destination: { namespace: first.namespace, labels: first.labels }, grants }]
  })
  return { accesses: byAccount(accesses, workloads), problems }
}

function readPermission(object: KubeObject, problems: ObjectProblem[]): Permission | undefined {
  const { namespace = 'default' } = object.metadata
  const before = problems.length
  const foreign = reporter(object, problems)
  const spec = fieldsOf(object.spec)
  if (namespace === systemNamespace) foreign('a policy for the whole mesh', ['metadata', 'namespace'])
  for (const field of otherFields(spec, ['targetRef', 'rules'])) foreign(field, ['spec', field])
  const labels = readSelection(spec['targetRef'], foreign)
  const sources: ServiceAccountRef[] = []
  let denial: FieldPath | undefined
  for (const [index, rule] of listOf(spec['rules']).entries()) {
    const at = ['spec', 'rules', index, 'default']
    const conf = fieldsOf(fieldsOf(rule)['default'])
    for (const field of otherFields(conf, ['allow', 'deny'])) foreign(field, [...at, field])
    for (const [place, match] of listOf(conf['deny']).entries()) {
      const { type, value } = identityOf(match)
      if (type === 'Prefix' && everyIdentity.test(value)) denial = [...at, 'deny']
      else foreign(`the denial of ${value || 'what is no SPIFFE ID'}`, [...at, 'deny', place])
    }
    for (const [place, match] of listOf(conf['allow']).entries()) {
      const { type, value } = identityOf(match)
      const [, owner, name] = (type === 'Exact' ? account.exec(value) : null) ?? []
      if (owner !== undefined && name !== undefined) sources.push({ namespace: owner, name })
      else foreign(`the source ${value || 'that is no SPIFFE ID'}`, [...at, 'allow', place])
    }
  }
  return problems.length > before ? undefined : { object, namespace, labels, sources, denial }
}

/** Empty for a match that is about something else besides. */
function identityOf(match: unknown): { readonly type: string; readonly value: string } {
  const fields = fieldsOf(match)
  const { type, value } = fieldsOf(fields['spiffeID'])
  if (otherFields(fields, ['spiffeID']).length > 0) return { type: '', value: '' }
  return { type: textOf(type) ?? '', value: textOf(value) ?? '' }
}
