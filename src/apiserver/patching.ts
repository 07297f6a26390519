import type { KubeObject } from '../kube/object.ts'
import { trackApply } from './apply/tracking.ts'
import { subjectOf } from './cluster.ts'
import { anotherKind, decodeObject } from './decode.ts'
import { isJsonObject, type JsonObject, stringOf } from './json.ts'
import { metadataOf } from './meta.ts'
import { jsonPatch, mergePatch } from './patch.ts'
import type { Resource } from './resource.ts'
import { prune } from './schema/prune.ts'
import { isOfWrongType, validate } from './schema/validate.ts'
import {
  ApiError,
  badRequest,
  type Cause,
  cause,
  conflict,
  invalid,
  modified,
  notFound,
  unsupportedMediaType,
} from './status.ts'
import { strategicPatch } from './strategic.ts'
import { createObject, namespaceMismatch, shown, trackingOf, updateObject, type Write } from './write.ts'

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** The media types a resource's patches may have. */
function acceptedBy(resource: Resource): string[] {
  const { json, merge, strategic, apply } = patchTypes
  return resource.custom ? [json, merge, apply] : [json, merge, strategic, apply]
}

/**
 * The kind of a patch by its content type.
 *
 * @throws 415 for one that the resource does not take
 */
export function patchTypeOf(resource: Resource, contentType: string): string {
  const media = contentType.split(';')[0]?.trim() ?? ''
  const accepted = acceptedBy(resource)
  if (!accepted.includes(media)) throw unsupportedMediaType(accepted)
  return media
}

/**
 * A JSON, merge or strategic merge patch.
 *
 * @throws what the patch and the write it amounts to may throw
 */
export function patchObject(write: Write, stored: KubeObject, type: string, patch: unknown): KubeObject {
  const old = shown(write, stored)
  const patched = decodePatched(write, applyPatch(write, old, type, patch))
  const { name, namespace, uid } = patched.metadata
  if (name === '') {
    const text = `the name of the object (${old.metadata.name} based on URL) was undeterminable: name must be provided`
    throw badRequest(text)
  }
  if (name !== old.metadata.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${old.metadata.name})`)
  }
  if (namespace !== undefined && namespace !== old.metadata.namespace) throw namespaceMismatch()
  if (uid !== undefined && uid !== old.metadata.uid) throw uidImmutable(write, name, uid)
  return updateObject(write, stored, patched)
}

/** The outcome of a patch as an object of the write's kind. What does not decode is the patch's fault: 422 about it instead of 400. */
export function decodePatched(write: Write, outcome: unknown): KubeObject {
  const { resource, version } = write
  if (resource.custom && isJsonObject(outcome) && stringOf(outcome.apiVersion) !== version.apiVersion) {
    throw anotherKind(write, stringOf(outcome.apiVersion), stringOf(outcome.kind), metadataOf(outcome).name)
  }
  try {
    return decodeObject(write, outcome)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    const problem = cause.invalid(
      'patch',
      JSON.stringify(outcome),
      error.message.replace(/^.*? cannot be handled as a \w+: /, ''),
    )
    throw invalid({ group: '', kind: '', name: '' }, [problem])
  }
}

/** The value that a patch makes of another. */
export function applyPatch(write: Write, old: unknown, type: string, patch: unknown): unknown {
  if (type === patchTypes.json) return jsonPatch(old, patch)
  if (patch === null) throw badRequest('Invalid JSON Patch')
  if (!isJsonObject(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
    )
  }
  return type === patchTypes.merge ? mergePatch(old, patch) : strategicPatch(write.version.schema, old, patch)
}

/** A server-side apply and whether it created the object. */
export interface Applied {
  readonly object: KubeObject
  readonly created: boolean
}

/**
 * Server-side apply of a configuration to an object that may not be there yet.
 *
 * @throws 400 for a configuration that names another object or brings managedFields, 404 for a status without its object, 409
 * for conflicts with other managers
 */
export function applyObject(
  write: Write,
  stored: KubeObject | undefined,
  name: string,
  body: unknown,
  force: boolean,
): Applied {
  const { resource } = write
  const config = decodeConfiguration(write, body, name)
  if (stored === undefined) {
    if (write.subresource !== '') throw notFound(subjectOf(resource, name))
    // kube-apiserver takes a uid for the name of an object that is gone, and has no use for a version.
    const uid = stringOf(config.metadata.uid)
    if (uid !== '') {
      const text = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
      throw conflict(subjectOf(resource, name), text)
    }
    delete config.metadata.resourceVersion
    const tracked = trackApply(undefined, config, trackingOf(write), force)
    const { managedFields = [] } = tracked.metadata
    return {
      object: createObject(write, decodeObject({ ...write, strictness: 'Ignore' }, tracked), managedFields),
      created: true,
    }
  }
  const live = shown(write, stored)
  const { resourceVersion, uid } = config.metadata
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== live.metadata.resourceVersion) {
    throw modified(subjectOf(resource, name))
  }
  const scoped = write.subresource === 'status' ? withoutSpec(config) : config
  const next = decodeObject({ ...write, strictness: 'Ignore' }, trackApply(live, scoped, trackingOf(write), force))
  if (uid !== undefined && uid !== live.metadata.uid) throw uidImmutable(write, name, uid)
  return { object: updateObject(write, stored, next, true), created: false }
}

/** What counts of a configuration for status. The rest of it is owned, and conflicts, without ever being written. */
function withoutSpec({ spec: _ignored, ...config }: KubeObject): KubeObject {
  return config
}

function decodeConfiguration(write: Write, body: unknown, name: string): KubeObject {
  const { resource, version, namespace } = write
  if (!isJsonObject(body)) throw badRequest('error decoding YAML: the configuration is not an object')
  const { apiVersion, kind } = body
  if (apiVersion !== version.apiVersion || kind !== resource.kind) {
    throw badRequest(`invalid object type: ${groupVersion(stringOf(apiVersion))}, Kind=${stringOf(kind)}`)
  }
  checkTyped(write, body)
  const metadata = metadataOf(body)
  const config: KubeObject = { ...body, apiVersion: version.apiVersion, kind: resource.kind, metadata }
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  if (config.metadata.name !== '' && config.metadata.name !== name) {
    throw badRequest(`the name of the object (${config.metadata.name}) does not match the name on the URL (${name})`)
  }
  if (namespace !== undefined && config.metadata.namespace !== undefined && config.metadata.namespace !== namespace) {
    throw namespaceMismatch()
  }
  return { ...config, metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) } }
}

/** `apps/v1`, and `/v1` for the core group: how Go prints a group and version. */
function groupVersion(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
}

/**
 * A configuration must fit its schema before it can be merged.
 *
 * @throws 500 without a reason, as the API server does, for unknown fields and values of wrong types
 */
function checkTyped(write: Write, body: JsonObject): void {
  const { resource, version } = write
  const { schema } = version
  const unknown: string[] = []
  prune(schema, body, unknown)
  const [first] = unknown
  const wrong = validate(schema, withoutNulls(body), '').find((one) => isOfWrongType(one) && !isFraction(one))
  const problem =
    first !== undefined
      ? `.${first}: field not declared in schema`
      : wrong === undefined
        ? undefined
        : `.${wrong.field ?? ''}: ${wrong.message}`
  if (problem === undefined) return
  const { namespace = '', name } = metadataOf(body)
  const which = `${namespace}/${name}; ${groupVersion(version.apiVersion)}, Kind=${resource.kind}`
  throw new ApiError(500, '', `failed to create typed patch object (${which}): ${problem}`)
}

/** A number where an integer belongs: both are numeric to what merges configurations. */
function isFraction({ message }: Cause): boolean {
  return message.endsWith('must be of type integer: "number"')
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => (child === null ? [] : [[name, withoutNulls(child)]])),
  )
}

function uidImmutable({ resource }: Write, name: string, uid: string): ApiError {
  const subject = { group: resource.group, kind: resource.kind, name }
  const problem = cause.invalid('metadata.uid', uid, 'field is immutable')
  return invalid(subject, [problem, problem])
}

/** @throws 422 for patch options that do not fit the kind of the patch */
export function checkPatchOptions(type: string, query: URLSearchParams): void {
  const subject = { group: 'meta.k8s.io', kind: 'PatchOptions', name: '' }
  if (type === patchTypes.apply && (query.get('fieldManager') ?? '') === '') {
    throw invalid(subject, [cause.required('fieldManager', 'is required for apply patch')])
  }
  if (type !== patchTypes.apply && query.get('force') !== null) {
    throw invalid(subject, [cause.forbidden('force', 'may not be specified for non-apply patch')])
  }
}
