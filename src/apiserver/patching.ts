import type { KubeObject } from '../kube/object.ts'
import { trackApply } from './apply/tracking.ts'
import { subjectOf } from './cluster.ts'
import { isJsonObject, objectOf, stringOf } from './json.ts'
import { metadataOf } from './meta.ts'
import { jsonPatch, mergePatch } from './patch.ts'
import type { Resource } from './resource.ts'
import { prune } from './schema/prune.ts'
import { ApiError, badRequest, cause, invalid, modified, notFound, unsupportedMediaType } from './status.ts'
import { strategicPatch } from './strategic.ts'
import { createObject, decodeObject, namespaceMismatch, shown, trackingOf, updateObject, type Write } from './write.ts'

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
  const patched = decodeObject(write, applyPatch(write, old, type, patch))
  return updateObject(write, stored, withStaleChecks(old, patched))
}

/** A patch computes its object from the live one; only a resourceVersion that it sets itself is a precondition. */
function withStaleChecks(old: KubeObject, patched: KubeObject): KubeObject {
  return patched.metadata.uid === undefined
    ? { ...patched, metadata: { ...patched.metadata, uid: old.metadata.uid ?? '' } }
    : patched
}

/** The value that a patch makes of another. */
export function applyPatch(write: Write, old: unknown, type: string, patch: unknown): unknown {
  if (type === patchTypes.json) return jsonPatch(old, patch)
  if (!isJsonObject(patch)) throw badRequest('error decoding patch: a merge patch is an object')
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
    if (stringOf(config.metadata.uid) !== '') throw modified(subjectOf(resource, name))
    delete config.metadata.resourceVersion
    const tracked = trackApply(undefined, config, trackingOf(write), force)
    return { object: createObject(write, tracked, tracked.metadata.managedFields ?? []), created: true }
  }
  const live = shown(write, stored)
  const { resourceVersion, uid } = config.metadata
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== live.metadata.resourceVersion) {
    throw modified(subjectOf(resource, name))
  }
  const scoped = write.subresource === 'status' ? onlyStatus(config) : config
  const next = trackApply(live, scoped, trackingOf(write), force)
  if (uid !== undefined) next.metadata.uid = uid
  return { object: updateObject(write, stored, next, true), created: false }
}

function onlyStatus(config: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, status } = config
  return { apiVersion, kind, metadata: { name: metadata.name }, ...(status === undefined ? {} : { status }) }
}

function decodeConfiguration(write: Write, body: unknown, name: string): KubeObject {
  const { resource, version, namespace } = write
  if (!isJsonObject(body)) throw badRequest('error decoding YAML: the configuration is not an object')
  const { apiVersion, kind } = body
  if (apiVersion !== version.apiVersion || kind !== resource.kind) {
    if (apiVersion === undefined || kind === undefined)
      throw badRequest('apiVersion and kind must be set in an apply patch')
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${String(apiVersion)}, expected: ${version.apiVersion}`,
    )
  }
  const unknown: string[] = []
  prune(version.schema, body, unknown)
  const [first] = unknown
  const strict = write.strictness === 'Strict' || !resource.custom
  if (first !== undefined && strict) {
    const where = `${namespace === undefined ? '' : `${namespace}/`}${name}; ${version.apiVersion}, Kind=${resource.kind}`
    throw new ApiError(
      500,
      '',
      `failed to create typed patch object (${where}): .${first}: field not declared in schema`,
    )
  }
  const config = decodeObject({ ...write, strictness: 'Ignore' }, clean)
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  if (config.metadata.name !== '' && config.metadata.name !== name) {
    throw badRequest(`the name of the object (${config.metadata.name}) does not match the name on the URL (${name})`)
  }
  if (namespace !== undefined && config.metadata.namespace !== undefined && config.metadata.namespace !== namespace) {
    throw namespaceMismatch()
  }
  return { ...config, metadata: { ...metadataOf(config), name, ...(namespace === undefined ? {} : { namespace }) } }
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
