import type { KubeObject, ManagedFieldsEntry } from '../../kube/object.ts'
import { type JsonObject, objectOf } from '../json.ts'
import { structDetails } from '../schema/builtin.ts'
import type { Schema } from '../schema/schema.ts'
import { ApiError } from '../status.ts'
import {
  difference,
  emptySet,
  equalSets,
  type FieldSet,
  intersection,
  isEmpty,
  pathsOf,
  recursiveDifference,
  setOf,
  union,
} from './field-set.ts'
import { decodeManagers, encodeManagers, identityOf, type Managers, type Ownership, type Writer } from './managers.ts'
import { compare, fieldSetOf, isSame, merge, removeFields, withNamedParents } from './typed.ts'

/** What tracking needs to know of a resource and of the request. */
export interface Tracking {
  readonly schema: Schema
  readonly writer: Writer
  /** RFC 3339. */
  readonly time: string
  /** Whether writes to the main resource leave `status` to the status subresource. */
  readonly statusSubresource: boolean
  /** Whether writes to status may change annotations: they may for built-in kinds. */
  readonly statusAnnotations: boolean
}

/** Fields nobody owns: the API server fills them in. Source: `managedfields/internal/stripmeta.go`. */
const unowned: FieldSet = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
)

const statusField: FieldSet = setOf(['f:status'])
const specField: FieldSet = setOf(['f:spec'])
/** What writers of the status of a built-in kind do not own. */
const notOfStatus: FieldSet = setOf(['f:spec'], ['f:metadata', 'f:labels'])
const maxUpdaters = 10

/** Keeps of a set what this writer may own at all. */
function ownable(set: FieldSet, { writer, statusSubresource, statusAnnotations }: Tracking): FieldSet {
  const kept = difference(set, unowned)
  if (writer.subresource === 'status') return recursiveDifference(kept, statusAnnotations ? notOfStatus : specField)
  return statusSubresource ? recursiveDifference(kept, statusField) : kept
}

/**
 * The object with `managedFields` that tell what this create, update or patch changed. `live` is undefined on create.
 * Managed fields given with the object replace the live ones, an empty list resets them, none keeps them.
 */
export function trackUpdate(live: KubeObject | undefined, object: KubeObject, tracking: Tracking): KubeObject {
  const start = startingManagers(live, object)
  if (live !== undefined && start.size === 0) return withManagers(object, start)
  return withManagers(object, afterUpdate(start, live ?? emptyOf(object, tracking), object, tracking))
}

function afterUpdate(start: Managers, before: KubeObject, after: KubeObject, tracking: Tracking): Managers {
  const { schema, writer, time } = tracking
  const changes = compare(schema, before, after)
  const added = ownable(changes.added, tracking)
  const modified = ownable(changes.modified, tracking)
  const removed = ownable(changes.removed, tracking)
  const taken = union(added, modified)
  const managers = takeFrom(start, taken, removed)
  if (isEmpty(taken)) return managers
  const id = identityOf(writer)
  const previous = start.get(id)?.set ?? emptySet
  const set = union(difference(previous, removed), taken)
  managers.set(id, { ...writer, time, set })
  return capUpdaters(managers)
}

function startingManagers(live: KubeObject | undefined, object: KubeObject): Managers {
  const given: readonly ManagedFieldsEntry[] | undefined = object.metadata.managedFields
  if (given !== undefined && isReset(given)) return new Map()
  const decoded = decodeManagers(given)
  if (decoded !== undefined && decoded.size > 0) return decoded
  return decodeManagers(live?.metadata.managedFields) ?? new Map()
}

function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [only] = entries
  return entries.length === 0 || (entries.length === 1 && only !== undefined && Object.keys(only).length === 0)
}

/** Every manager without what somebody else has just changed or removed. */
function takeFrom(start: Managers, taken: FieldSet, removed: FieldSet): Map<string, Ownership> {
  const managers = new Map<string, Ownership>()
  for (const [id, owned] of start) {
    const set = difference(difference(owned.set, taken), removed)
    if (!isEmpty(set)) managers.set(id, equalSets(set, owned.set) ? owned : { ...owned, set })
  }
  return managers
}

/** At most ten updaters are told apart; the oldest are merged into one. Source: `managedfields/internal/capmanagers.go`. */
function capUpdaters(managers: Map<string, Ownership>): Managers {
  const updaters = [...managers.entries()].filter(([, owned]) => owned.operation === 'Update')
  let surplus = updaters.length - maxUpdaters
  if (surplus <= 0) return managers
  updaters.sort(([left, a], [right, b]) => ((a.time ?? '') + left < (b.time ?? '') + right ? -1 : 1))
  for (const [id, owned] of updaters) {
    if (surplus < 0) break
    surplus -= 1
    managers.delete(id)
    const { apiVersion, time, set } = owned
    const ancient: Ownership = {
      manager: 'ancient-changes',
      operation: 'Update',
      apiVersion,
      subresource: '',
      time,
      set,
    }
    const bucket = identityOf(ancient)
    const known = managers.get(bucket)
    managers.set(bucket, known === undefined ? ancient : { ...ancient, set: union(known.set, set) })
  }
  return managers
}

/**
 * Server-side apply: `config` merged over `live`, without the fields that this manager applied before, does not apply any
 * more and owned alone. Defaults are not filled in yet. An apply that changes nothing of the object leaves the time of its entry,
 * and gives a new entry none.
 *
 * Source of the algorithm: `structured-merge-diff/merge/update.go`.
 *
 * @throws 409 with one cause per field when another manager owns a field that would change, unless `force`
 */
export function trackApply(
  live: KubeObject | undefined,
  config: KubeObject,
  tracking: Tracking,
  force: boolean,
): KubeObject {
  const { schema, writer, time } = tracking
  const base = live === undefined ? emptyOf(config, tracking) : withoutManagers(live)
  let start: Managers = decodeManagers(live?.metadata.managedFields) ?? new Map()
  if (live !== undefined && start.size === 0) start = beforeFirstApply(live, tracking)
  const id = identityOf(writer)
  const last = start.get(id)?.set ?? emptySet
  const applied = ownable(fieldSetOf(schema, config), tracking)
  const managers = new Map<string, Ownership>(start)
  managers.set(id, { ...writer, time, set: applied })

  const merged = objectOf(merge(schema, base, config))
  // Pruning may take an object whole that the configuration leaves empty, so that it is merged in again.
  const pruned = objectOf(merge(schema, prune(schema, merged, managers, last), config))
  const next = asObject(pruned, config)
  const changes = compare(schema, base, next)
  const taken = union(ownable(changes.added, tracking), ownable(changes.modified, tracking))
  const removed = ownable(changes.removed, tracking)

  const others = new Map([...managers].filter(([other]) => other !== id))
  if (!force) refuseConflicts(others, taken)
  const after = takeFrom(others, taken, removed)
  const own = start.get(id)
  if (!isEmpty(applied)) {
    after.set(id, { ...writer, time: isSame(changes) ? own?.time : time, set: applied })
  }
  return withManagers(next, after)
}

function prune(schema: Schema, merged: JsonObject, managers: Managers, last: FieldSet): unknown {
  if (isEmpty(last)) return merged
  const lastNamed = withNamedParents(schema, last)
  const first = removeFields(schema, merged, lastNamed)
  const mergedSet = withNamedParents(schema, fieldSetOf(schema, merged))
  let owned = emptySet
  for (const manager of managers.values()) owned = union(owned, manager.set)
  const kept = union(withNamedParents(schema, fieldSetOf(schema, first)), withNamedParents(schema, owned))
  const second = removeFields(schema, merged, difference(mergedSet, kept))
  const gone = difference(mergedSet, withNamedParents(schema, fieldSetOf(schema, second)))
  return removeFields(schema, merged, intersection(gone, lastNamed))
}

/** An object whose managers were never tracked belongs, at its first apply, to a manager of this name. */
function beforeFirstApply(live: KubeObject, tracking: Tracking): Map<string, Ownership> {
  const apiVersion = tracking.writer.apiVersion
  const writer: Writer = { manager: 'before-first-apply', operation: 'Update', apiVersion, subresource: '' }
  const everything: Tracking = { ...tracking, writer }
  return new Map(afterUpdate(new Map(), emptyOf(live, everything), withoutManagers(live), everything))
}

function refuseConflicts(others: Managers, taken: FieldSet): void {
  const conflicts: { by: string; field: string }[] = []
  for (const owned of others.values()) {
    for (const field of pathsOf(intersection(owned.set, taken))) conflicts.push({ by: describe(owned), field })
  }
  const [only] = conflicts
  if (only === undefined) return
  const causes = conflicts.map(({ by, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${by}`,
    field,
  }))
  throw new ApiError(409, 'Conflict', conflictText(conflicts), { causes })
}

function conflictText(conflicts: readonly { by: string; field: string }[]): string {
  const [only, second] = conflicts
  if (only !== undefined && second === undefined) {
    return `Apply failed with 1 conflict: conflict with ${only.by}: ${only.field}`
  }
  const fields = Map.groupBy(conflicts, ({ by }) => by)
  const texts = [...fields]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([by, list]) => {
      return `conflicts with ${by}:\n${list.map(({ field }) => `- ${field}`).join('\n')}`
    })
  return `Apply failed with ${conflicts.length} conflicts: ${texts.join('\n')}`
}

function describe({ manager, subresource, operation, apiVersion }: Ownership): string {
  const name = `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}

/** What a create is compared with. The structs that Go always writes are there already, so nobody owns them as a whole. */
function emptyOf({ apiVersion, kind }: KubeObject, { schema }: Tracking): KubeObject {
  return { ...emptyStruct(schema), apiVersion, kind, metadata: { name: '' } }
}

function emptyStruct(schema: Schema): JsonObject {
  const empty: JsonObject = {}
  const details = structDetails(schema)
  for (const field of details?.structs ?? []) empty[field] = emptyStruct(schema.properties?.[field] ?? {})
  if (details === undefined) return empty
  for (const field of schema.required ?? []) if (isCollection(schema.properties?.[field])) empty[field] = null
  return empty
}

/** A list or a map, which Go writes as null when it is required and has never been set. */
function isCollection(schema: Schema | undefined): boolean {
  return schema?.type === 'array' || typeof schema?.additionalProperties === 'object'
}

function asObject(value: JsonObject, like: KubeObject): KubeObject {
  return {
    ...value,
    apiVersion: like.apiVersion,
    kind: like.kind,
    metadata: { ...objectOf(value.metadata), name: like.metadata.name },
  }
}

function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _managers, ...metadata } = object.metadata
  return { ...object, metadata }
}

function withManagers(object: KubeObject, managers: Managers): KubeObject {
  const bare = withoutManagers(object)
  if (managers.size === 0) return bare
  return { ...bare, metadata: { ...bare.metadata, managedFields: encodeManagers(managers) } }
}
