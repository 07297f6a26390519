import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import type { Writer } from './apply/managers.ts'
import { type Tracking, trackUpdate } from './apply/tracking.ts'
import { type Cluster, nowOf, subjectOf } from './cluster.ts'
import { at, equalJson, isJsonObject, type JsonObject, objectOf } from './json.ts'
import { validateMeta } from './meta.ts'
import { inVersion, type Resource, type ResourceVersion } from './resource.ts'
import { withDefaults } from './schema/defaults.ts'
import { asGoWrites } from './schema/go-json.ts'
import type { Schema } from './schema/schema.ts'
import { validate } from './schema/validate.ts'
import {
  ApiError,
  alreadyExists,
  badRequest,
  type Cause,
  cause,
  conflict,
  forbidden,
  invalid,
  modified,
  notFound,
} from './status.ts'

/** One write: to what, by whom, and how strictly. */
export interface Write {
  readonly cluster: Cluster
  readonly resource: Resource
  readonly version: ResourceVersion
  readonly namespace: string | undefined
  readonly subresource: '' | 'status' | 'scale'
  readonly writer: Writer
  readonly dryRun: boolean
  readonly strictness: 'Strict' | 'Warn' | 'Ignore'
  /** Texts for `Warning` headers. */
  readonly warnings: string[]
}

/** The stored object as this write's client sees it. */
export function shown(write: Write, stored: KubeObject): KubeObject {
  return inVersion(write.version, stored)
}

/**
 * Stores a new object: names it, stamps it, fills in defaults and records its owner.
 *
 * @throws 404/403 for a namespace that is missing or going, 409 when it exists, 422 when it is invalid
 */
export function createObject(write: Write, given: KubeObject, managed?: ObjectMeta['managedFields']): KubeObject {
  const { cluster, resource, version, namespace } = write
  checkNamespace(write, given)
  if (given.metadata.resourceVersion !== undefined && given.metadata.resourceVersion !== '') {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created')
  }
  const uid = cluster.newUid()
  const metadata: ObjectMeta = { ...given.metadata, name: nameFor(given.metadata, uid) }
  if (resource.namespaced && namespace !== undefined) metadata.namespace = namespace
  else delete metadata.namespace
  delete metadata.resourceVersion
  delete metadata.deletionTimestamp
  if (resource.strategy.generation) delete metadata.generation
  delete objectOf(metadata).deletionGracePeriodSeconds
  delete objectOf(metadata).selfLink
  if (managed !== undefined) {
    if (managed.length === 0) delete metadata.managedFields
    else metadata.managedFields = managed
  }
  metadata.uid = uid
  metadata.creationTimestamp = nowOf(cluster)
  if (resource.strategy.generation) metadata.generation = 1
  const { status, ...rest } = given
  const keepsStatus = !version.status || (!resource.custom && resource.plural === 'nodes')
  const bare: KubeObject = {
    ...rest,
    ...(keepsStatus && status !== undefined ? { status } : {}),
    apiVersion: version.apiVersion,
    kind: resource.kind,
    metadata,
  }
  const complete = completed(write, bare, undefined)
  const owned = managed === undefined ? trackUpdate(undefined, complete, trackingOf(write)) : complete
  const tracked = resource.strategy.prepare?.(owned, undefined) ?? owned
  refuseInvalid(write, tracked, undefined)
  if (resource.bucket.get(namespace ?? '', metadata.name) !== undefined) {
    throw alreadyExists(subjectOf(resource, metadata.name))
  }
  return store(write, tracked)
}

/** Where objects may be written: into a namespace that exists and is not going away. */
function checkNamespace({ cluster, resource, namespace }: Write, given: KubeObject): void {
  if (!resource.namespaced) return
  if (namespace === undefined) throw badRequest('an empty namespace may not be set during creation')
  const claimed = given.metadata.namespace
  if (claimed !== undefined && claimed !== '' && claimed !== namespace) throw namespaceMismatch()
  const found = cluster.store.bucket('namespaces').get('', namespace)
  if (found === undefined) throw notFound({ group: '', kind: 'namespaces', name: namespace })
  if (found.metadata.deletionTimestamp === undefined) return
  const text = `unable to create new content in namespace ${namespace} because it is being terminated`
  throw forbidden(subjectOf(resource, given.metadata.name), text, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ])
}

export function namespaceMismatch(): ApiError {
  return badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** The name, or a generated one: five characters drawn from the object's uid. */
function nameFor(metadata: ObjectMeta, uid: string): string {
  if (metadata.name !== '' || metadata.generateName === undefined || metadata.generateName === '') return metadata.name
  let seed = 0
  for (const character of uid) seed = (Math.imul(seed, 31) + character.charCodeAt(0)) >>> 0
  let suffix = ''
  for (let index = 0; index < 5; index += 1) {
    suffix += suffixAlphabet[seed % suffixAlphabet.length]
    seed = Math.floor(seed / suffixAlphabet.length)
  }
  return `${metadata.generateName.slice(0, 58)}${suffix}`
}

function completed(write: Write, object: KubeObject, old: KubeObject | undefined): KubeObject {
  const { resource, version } = write
  if (!resource.custom) {
    const complete = resource.strategy.complete?.(object, old) ?? object
    const full = objectOf(asGoWrites(version.schema, complete))
    return { ...full, apiVersion: object.apiVersion, kind: object.kind, metadata: complete.metadata }
  }
  const filled = objectOf(withDefaults(version.schema, object, write.writer.operation === 'Apply'))
  return { ...filled, apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata }
}

export function trackingOf(write: Write): Tracking {
  return {
    schema: write.version.schema,
    writer: write.writer,
    statusAnnotations: !write.resource.custom,
    time: nowOf(write.cluster),
    statusSubresource: write.version.status,
  }
}

function refuseInvalid(write: Write, object: KubeObject, old: KubeObject | undefined): void {
  const { resource, version } = write
  const causes: Cause[] = []
  if (resource.custom) causes.push(...newProblems(write, object, old), ...scaleProblems(version, object))
  if (old !== undefined) causes.push(...immutableCauses(object, old))
  causes.push(
    ...validateMeta(object, old, resource.strategy.names),
    ...(resource.strategy.validate?.(object, old) ?? []),
  )
  if (causes.length > 0)
    throw invalid({ group: resource.group, kind: resource.kind, name: object.metadata.name }, causes)
}

/** What breaks the schema, but for what was broken in the same way before: the API server lets that be. */
function newProblems(write: Write, object: KubeObject, old: KubeObject | undefined): Cause[] {
  const { schema } = write.version
  if (write.subresource === 'status') return statusProblems(schema, object)
  const causes = validate(schema, object, '')
  if (causes.length === 0 || old === undefined) return causes
  const known = new Set(validate(schema, old, '').map(({ field, message }) => `${field} ${message}`))
  return causes.filter(({ field, message }) => !known.has(`${field} ${message}`))
}

/** What cannot be set by a write. Said twice, for the object and for its metadata, as kube-apiserver does. */
function refuseImmutable(write: Write, { metadata }: KubeObject, { metadata: before }: KubeObject): void {
  const causes: Cause[] = []
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    const value = objectOf(metadata)[field]
    if (value === undefined || value === null || value === objectOf(before)[field]) continue
    const problem = cause.invalid(`metadata.${field}`, value, 'field is immutable')
    causes.push(problem, problem)
  }
  const { group, kind } = write.resource
  if (causes.length > 0) throw invalid({ group, kind, name: before.name }, causes)
}

/** A write to status is held against the schema of status alone, whose fields messages name from there. */
function statusProblems(schema: Schema, { status }: KubeObject): Cause[] {
  const below = schema.properties?.status
  if (below === undefined || status === undefined) return []
  return validate(below, status, '').map((one) => ({ ...one, field: one.field ? `status.${one.field}` : 'status' }))
}

/** What the scale subresource cannot make a number of. Source: `apiextensions-apiserver/pkg/registry/customresource/validator.go`. */
function scaleProblems({ scale }: ResourceVersion, object: KubeObject): Cause[] {
  if (scale === undefined) return []
  const field = `.${scale.specReplicas.join('.')}`
  const value = at(object, ...scale.specReplicas)
  if (value === undefined) return []
  if (typeof value === 'number' && Number.isInteger(value)) {
    return value < 0 ? [cause.invalid(field, value, 'should be a non-negative integer')] : []
  }
  const type = typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : typeof value
  const what = value === null ? '<nil> is of the type <nil>' : `${String(value)} is of the type ${type}`
  return [cause.invalid(field, 0, `${field} accessor error: ${what}, expected int64`)]
}

function immutableCauses({ metadata }: KubeObject, { metadata: before }: KubeObject): Cause[] {
  const causes: Cause[] = []
  if (metadata.name !== before.name) causes.push(cause.invalid('metadata.name', metadata.name, 'field is immutable'))
  return causes
}

function store({ dryRun, resource, version }: Write, object: KubeObject): KubeObject {
  const stored = version.toStored?.(object) ?? object
  return dryRun ? stored : resource.bucket.put(stored)
}

/**
 * Replaces an object by what a client made of it. `old` and `next` are in the write's version. What belongs to the server or to
 * another subresource stays as it was; a write that changes nothing is none: the object keeps its resourceVersion.
 *
 * @throws 409 when `next` was made from another state or another object, 422 when it is invalid
 */
export function updateObject(write: Write, stored: KubeObject, next: KubeObject, managed?: boolean): KubeObject {
  const { resource, version } = write
  const old = shown(write, stored)
  // An apply is made from the state it meets.
  if (managed !== true) checkConditional(write, next)
  checkPreconditions(write, old, next)
  refuseImmutable(write, next, old)
  const scoped = withServerFields(write, old, next)
  const complete = write.subresource === 'status' ? scoped : completed(write, scoped, old)
  const owned = managed === true ? complete : trackUpdate(old, complete, trackingOf(write))
  const tracked = (write.subresource === 'status' ? undefined : resource.strategy.prepare?.(owned, old)) ?? owned
  refuseInvalid(write, tracked, old)
  if (equalJson(tracked, old)) return stored
  const changed = resource.strategy.generation && contentChanged(version, old, tracked)
  const generation = (old.metadata.generation ?? 0) + 1
  const final: KubeObject = changed ? { ...tracked, metadata: { ...tracked.metadata, generation } } : tracked
  const gone = final.metadata.deletionTimestamp !== undefined && (final.metadata.finalizers ?? []).length === 0
  const namespaceHeld = resource.group === '' && resource.plural === 'namespaces' && heldBySpec(final)
  if (!gone || namespaceHeld) return store(write, final)
  const last = version.toStored?.(final) ?? final
  return write.dryRun ? last : resource.bucket.remove(last)
}

function heldBySpec(namespace: KubeObject): boolean {
  const finalizers = objectOf(namespace.spec).finalizers
  return Array.isArray(finalizers) && finalizers.length > 0
}

/** @throws 422 for an update of no particular version where the kind asks for one */
function checkConditional({ resource }: Write, { metadata }: KubeObject): void {
  const conditional = resource.custom || resource.strategy.conditionalUpdate === true
  if (!conditional || (metadata.resourceVersion !== undefined && metadata.resourceVersion !== '')) return
  const message = 'Invalid value: 0: must be specified for an update'
  throw invalid({ group: resource.group, kind: resource.plural, name: metadata.name }, [
    { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
  ])
}

function checkPreconditions({ resource }: Write, old: KubeObject, next: KubeObject): void {
  const { resourceVersion, uid } = next.metadata
  const subject = subjectOf(resource, old.metadata.name)
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
    throw conflict(
      subject,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    if (!/^\d+$/.test(resourceVersion)) {
      throw new ApiError(500, '', `strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`)
    }
    throw modified(subject)
  }
}

const serverFields = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'generation',
  'deletionGracePeriodSeconds',
  'namespace',
] as const

/** `next` with the fields of `old` that this endpoint does not write. */
function withServerFields({ subresource, version, resource }: Write, old: KubeObject, next: KubeObject): KubeObject {
  if (subresource === 'status') {
    const metadata = statusMetadata(resource, old, next)
    const { status: _before, ...rest } = old
    return next.status === undefined ? { ...rest, metadata } : { ...rest, metadata, status: next.status }
  }
  const metadata: JsonObject = { ...next.metadata }
  const before = objectOf(old.metadata)
  for (const field of serverFields) {
    if (before[field] === undefined) delete metadata[field]
    else metadata[field] = before[field]
  }
  delete metadata.selfLink
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences', 'generateName']) {
    const value = metadata[field]
    const empty =
      value === null ||
      value === '' ||
      (Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0)
    if (value !== undefined && empty) delete metadata[field]
  }
  const named: ObjectMeta = { ...metadata, name: next.metadata.name }
  if (!version.status) return { ...next, metadata: named }
  const { status: _given, ...rest } = next
  return old.status === undefined ? { ...rest, metadata: named } : { ...rest, metadata: named, status: old.status }
}

/** A status write changes annotations of built-in kinds too, and nothing else of the metadata but who owns what. */
function statusMetadata(resource: Resource, old: KubeObject, next: KubeObject): ObjectMeta {
  const { managedFields, annotations } = next.metadata
  const metadata: ObjectMeta = managedFields === undefined ? { ...old.metadata } : { ...old.metadata, managedFields }
  if (resource.custom) return metadata
  if (annotations === undefined) delete metadata.annotations
  else metadata.annotations = annotations
  return metadata
}

/** Whether anything but metadata, and status where it has an endpoint of its own, differs. */
function contentChanged(version: ResourceVersion, old: KubeObject, next: KubeObject): boolean {
  const fields = new Set([...Object.keys(old), ...Object.keys(next)])
  fields.delete('metadata')
  if (version.status) fields.delete('status')
  for (const field of fields) if (!equalJson(old[field], next[field])) return true
  return false
}
