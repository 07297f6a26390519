import type { KubeObject } from '../kube/object.ts'
import type { ApiRequest, ApiResponse } from './api.ts'
import type { Writer } from './apply/managers.ts'
import { parseBody } from './body.ts'
import { clientOf } from './calls.ts'
import { type Cluster, existing, subjectOf } from './cluster.ts'
import { at, objectOf, stringOf, withAt } from './json.ts'
import { negotiate } from './negotiate.ts'
import { applyObject, applyPatch, checkPatchOptions, patchObject, patchTypeOf, patchTypes } from './patching.ts'
import { renderList, renderObject } from './read.ts'
import type { Served } from './registry.ts'
import { type DeleteOptions, deleteObject } from './remove.ts'
import { flagParameter, type Target } from './request.ts'
import { jsonResponse } from './response.ts'
import { scaleOf, withScale } from './scale.ts'
import { selectionOf } from './selection.ts'
import { badRequest, cause, invalid, methodNotAllowed, notFound, unknownResource } from './status.ts'
import { parseWatch, streamWatch } from './watch.ts'
import { createObject, decodeObject, namespaceMismatch, shown, updateObject, type Write } from './write.ts'

/** A request for a resource that is served. */
export interface ResourceRequest {
  readonly cluster: Cluster
  readonly served: Served
  readonly target: Target
  readonly query: URLSearchParams
  readonly request: ApiRequest
}

/** The verb of a request as audit logs call it. */
export function verbOf(method: string, target: Target, query: URLSearchParams): string {
  const named = target.name !== undefined
  if (method === 'GET' || method === 'HEAD') {
    if (flagParameter(query, 'watch')) return 'watch'
    return named ? 'get' : 'list'
  }
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection'
  return { POST: 'create', PUT: 'update', PATCH: 'patch' }[method] ?? method.toLowerCase()
}

/** Answers a request for a resource. Everything after the body is read happens in one step: no other request comes between. */
export async function answerResource(given: ResourceRequest): Promise<ApiResponse> {
  const { request, target, query } = given
  const verb = verbOf(request.method, target, query)
  if (verb === 'watch') return answerWatch(given)
  if (verb === 'get' || verb === 'list') return answerRead(given)
  const headers = request.headers ?? {}
  const body = await parseBody(request.body, headers['content-type'] ?? '')
  checkSubresource(given)
  switch (verb) {
    case 'create':
      return answerCreate(given, body)
    case 'update':
      return answerUpdate(given, body)
    case 'patch':
      return answerPatch(given, body)
    case 'delete':
      return answerDelete(given, body)
    case 'deletecollection':
      return answerDeleteCollection(given, body)
    default:
      throw methodNotAllowed()
  }
}

/** @throws 404 for a subresource the resource does not have */
function checkSubresource({ served: { resource, version }, target: { subresource, name } }: ResourceRequest): void {
  if (subresource === undefined) return
  if (subresource === 'status' && version.status) return
  if (subresource === 'scale' && version.scale !== undefined) return
  if (subresource === 'finalize' && resource.plural === 'namespaces' && resource.group === '') return
  throw resource.custom ? notFound(subjectOf(resource, name)) : unknownResource()
}

/** The kind of a request's options, which messages about them name. */
function optionsOf(method: string) {
  const kind = { POST: 'CreateOptions', PUT: 'UpdateOptions', DELETE: 'DeleteOptions' }[method] ?? 'PatchOptions'
  return { group: 'meta.k8s.io', kind }
}

function writeOf(given: ResourceRequest, operation: Writer['operation']): Write {
  const { cluster, served, target, query, request } = given
  const dryRun = query.get('dryRun')
  if (dryRun !== null && dryRun !== '' && dryRun !== 'All') {
    throw invalid(optionsOf(request.method), [cause.unsupported('dryRun', [dryRun], ['All'])])
  }
  const validation = query.get('fieldValidation') ?? ''
  if (!['', 'Strict', 'Warn', 'Ignore'].includes(validation)) {
    throw invalid(optionsOf(request.method), [
      cause.unsupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']),
    ])
  }
  const { subresource } = target
  const part = subresource === 'status' || subresource === 'scale' ? subresource : ''
  const manager = query.get('fieldManager') || clientOf(request.headers?.['user-agent'])
  return {
    cluster,
    resource: served.resource,
    version: served.version,
    namespace: target.namespace,
    subresource: part,
    writer: { manager, operation, apiVersion: served.version.apiVersion, subresource: part },
    dryRun: dryRun === 'All',
    strictness: validation === 'Strict' ? 'Strict' : validation === 'Ignore' ? 'Ignore' : 'Warn',
    warnings: [],
  }
}

function answerObject(
  given: ResourceRequest,
  object: KubeObject,
  code: number,
  warnings: readonly string[] = [],
): ApiResponse {
  const { cluster, served, query, request, target } = given
  const format = negotiate(request.headers?.accept)
  if (target.subresource === 'scale' && served.version.scale !== undefined) {
    return jsonResponse(code, JSON.stringify(scaleOf(object, served.version.scale)), warnings)
  }
  const texts = served.version.deprecation === undefined ? warnings : [served.version.deprecation, ...warnings]
  return jsonResponse(code, renderObject(cluster, served, object, format, query), texts)
}

function answerRead(given: ResourceRequest): ApiResponse {
  const { cluster, served, target, query, request } = given
  checkSubresource(given)
  const format = negotiate(request.headers?.accept)
  if (target.name === undefined) {
    const warnings = served.version.deprecation === undefined ? [] : [served.version.deprecation]
    return jsonResponse(200, renderList(cluster, served, target.namespace, format, query), warnings)
  }
  return answerObject(given, existing(served.resource, target.namespace, target.name), 200)
}

function answerWatch(given: ResourceRequest): ApiResponse {
  const { cluster, served, target, query, request } = given
  const format = negotiate(request.headers?.accept)
  const watch = parseWatch(
    cluster,
    served,
    { namespace: target.namespace, name: target.name },
    format,
    query,
    request.signal,
  )
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' }
  return { status: 200, headers, body: streamWatch(watch) }
}

function answerCreate(given: ResourceRequest, body: unknown): ApiResponse {
  const { target } = given
  if (target.name !== undefined) throw methodNotAllowed()
  const write = writeOf(given, 'Update')
  const created = createObject(write, decodeObject(write, body))
  return answerObject(given, created, 201, write.warnings)
}

function answerUpdate(given: ResourceRequest, body: unknown): ApiResponse {
  const { served, target } = given
  const { resource, version } = served
  if (target.name === undefined) throw methodNotAllowed()
  const write = writeOf(given, 'Update')
  const stored = resource.bucket.get(target.namespace ?? '', target.name)
  if (target.subresource === 'scale' && version.scale !== undefined) {
    const old = existing(resource, target.namespace, target.name)
    const next = withScale(resource, shown(write, old), body, version.scale)
    return answerObject(given, updateObject(write, old, next), 200)
  }
  const object = decodeObject(write, body)
  checkIdentity(object, target)
  if (stored === undefined) {
    if (resource.strategy.createOnUpdate !== true || target.subresource !== undefined)
      throw notFound(subjectOf(resource, target.name))
    return answerObject(given, createObject(write, object), 201, write.warnings)
  }
  const conditional = resource.custom || resource.strategy.conditionalUpdate === true
  if (conditional && stringOf(object.metadata.resourceVersion) === '') {
    const subject = { group: resource.group, kind: resource.plural, name: target.name }
    throw invalid(subject, [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
        field: 'metadata.resourceVersion',
      },
    ])
  }
  return answerObject(given, updateObject(write, stored, object), 200, write.warnings)
}

function checkIdentity(object: KubeObject, { name, namespace }: Target): void {
  if (object.metadata.name !== name) {
    if (object.metadata.name === '') {
      throw badRequest(`the name of the object (${name ?? ''} based on URL) was undeterminable: name must be provided`)
    }
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${name ?? ''})`,
    )
  }
  const claimed = object.metadata.namespace
  if (namespace !== undefined && claimed !== undefined && claimed !== '' && claimed !== namespace)
    throw namespaceMismatch()
}

function answerPatch(given: ResourceRequest, body: unknown): ApiResponse {
  const { served, target, query, request } = given
  const { resource, version } = served
  if (target.name === undefined) throw methodNotAllowed()
  const type = patchTypeOf(resource, request.headers?.['content-type'] ?? '')
  checkPatchOptions(type, query)
  const applies = type === patchTypes.apply
  const write = writeOf(given, applies ? 'Apply' : 'Update')
  if (target.subresource === 'scale' && version.scale !== undefined) {
    const old = existing(resource, target.namespace, target.name)
    const current = shown(write, old)
    const scale = scaleOf(current, version.scale)
    if (applies) {
      const { replicas } = objectOf(at(body, 'spec'))
      const { apiVersion, kind } = current
      const config = withAt({ apiVersion, kind, metadata: { name: target.name } }, version.scale.specReplicas, replicas)
      const force = flagParameter(query, 'force')
      return answerObject(given, applyObject(write, old, target.name, config, force).object, 200)
    }
    const wanted = applyPatch(write, scale, type, body)
    return answerObject(given, updateObject(write, old, withScale(resource, current, wanted, version.scale)), 200)
  }
  if (applies) {
    const stored = resource.bucket.get(target.namespace ?? '', target.name)
    const { object, created } = applyObject(write, stored, target.name, body, flagParameter(query, 'force'))
    return answerObject(given, object, created ? 201 : 200, write.warnings)
  }
  const stored = existing(resource, target.namespace, target.name)
  return answerObject(given, patchObject(write, stored, type, body), 200, write.warnings)
}

function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const options = objectOf(body)
  const preconditions = objectOf(options.preconditions)
  const policy = stringOf(options.propagationPolicy) || (query.get('propagationPolicy') ?? '')
  if (policy !== '' && !['Background', 'Foreground', 'Orphan'].includes(policy)) {
    throw invalid(optionsOf('DELETE'), [
      cause.unsupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']),
    ])
  }
  if (policy !== '' && options.orphanDependents !== undefined) {
    const text = 'orphanDependents and deletionPropagation cannot be both set'
    throw invalid(optionsOf('DELETE'), [cause.invalid('propagationPolicy', policy, text)])
  }
  const dry = Array.isArray(options.dryRun) ? options.dryRun.includes('All') : query.get('dryRun') === 'All'
  const { uid, resourceVersion } = preconditions
  const orphans = options.orphanDependents === true ? 'Orphan' : undefined
  return {
    propagationPolicy: policy === '' ? orphans : policy,
    uid: typeof uid === 'string' ? uid : undefined,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    dryRun: dry,
  }
}

function answerDelete(given: ResourceRequest, body: unknown): ApiResponse {
  const { cluster, served, target, query } = given
  const { resource } = served
  if (target.name === undefined || target.subresource !== undefined) throw methodNotAllowed()
  const found = existing(resource, target.namespace, target.name)
  const { object, removed } = deleteObject(cluster, resource, found, deleteOptions(query, body))
  if (!removed || resource.strategy.returnsDeleted === true) return answerObject(given, object, 200)
  const details = {
    name: target.name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
    uid: object.metadata.uid,
  }
  return jsonResponse(
    200,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }),
  )
}

function answerDeleteCollection(given: ResourceRequest, body: unknown): ApiResponse {
  const { cluster, served, target, query, request } = given
  const { resource } = served
  const options = deleteOptions(query, body)
  const selects = selectionOf(served, query)
  const format = negotiate(request.headers?.accept)
  const text = renderList(cluster, served, target.namespace, format, query)
  for (const object of [...resource.bucket.list(target.namespace)]) {
    if (selects(object)) deleteObject(cluster, resource, object, options)
  }
  return jsonResponse(200, text)
}
