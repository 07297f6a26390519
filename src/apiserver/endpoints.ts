import type { KubeObject } from '../kube/object.ts'
import type { ApiRequest, ApiResponse } from './api.ts'
import type { Writer } from './apply/managers.ts'
import { checkObjectMedia, parseBody } from './body.ts'
import { clientOf } from './calls.ts'
import { type Cluster, existing, subjectOf } from './cluster.ts'
import { decodeObject } from './decode.ts'
import { at, objectOf, stringOf, withAt } from './json.ts'
import { negotiate } from './negotiate.ts'
import {
  applyObject,
  applyPatch,
  checkPatchOptions,
  decodePatched,
  patchObject,
  patchTypeOf,
  patchTypes,
} from './patching.ts'
import { checkReadRevision, renderList, renderObject } from './read.ts'
import type { Served } from './registry.ts'
import { type DeleteOptions, deleteObject } from './remove.ts'
import { flagParameter, numberParameter, type Target } from './request.ts'
import { errorResponse, jsonResponse } from './response.ts'
import { scaleOf, scaleWrite, withScale } from './scale.ts'
import { selectionOf } from './selection.ts'
import {
  ApiError,
  badRequest,
  type Cause,
  cause,
  invalid,
  methodNotAllowed,
  notFound,
  unknownResource,
} from './status.ts'
import { parseWatch, streamWatch } from './watch.ts'
import { createObject, namespaceMismatch, shown, updateObject, type Write } from './write.ts'

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
    if (named) return 'get'
    return flagParameter(query, 'watch') ? 'watch' : 'list'
  }
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection'
  return { POST: 'create', PUT: 'update', PATCH: 'patch' }[method] ?? method.toLowerCase()
}

/** A request with the texts for its `Warning` headers so far, which failures carry too. */
interface Answering extends ResourceRequest {
  readonly warnings: string[]
}

/** Answers a request for a resource; failures of the request are answers too. */
export async function answerResource(given: ResourceRequest): Promise<ApiResponse> {
  const { deprecation } = given.served.version
  const warnings = deprecation === undefined ? [] : [deprecation]
  try {
    return await answer({ ...given, warnings })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return errorResponse(error, warnings)
  }
}

/** Everything after the body is read happens in one step: no other request comes between. */
async function answer(given: Answering): Promise<ApiResponse> {
  const { request, target, query } = given
  if (request.method === 'HEAD') throw methodNotAllowed()
  const verb = verbOf(request.method, target, query)
  if (target.namespace === '' && (verb === 'list' || verb === 'watch')) {
    return answer({ ...given, target: { ...target, namespace: undefined } })
  }
  checkWhere(given, verb)
  if (verb === 'watch') return answerWatch(given)
  if (verb === 'get' || verb === 'list') return answerRead(given)
  const contentType = request.headers?.['content-type'] ?? ''
  if (verb !== 'patch') checkObjectMedia(contentType)
  const body = await parseBody(request.body, contentType)
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

/** @throws for a request that names no namespace, but for reads of all of them: 404 or 405, and 400 where the path leaves it out */
function checkWhere({ served: { resource }, target }: ResourceRequest, verb: string): void {
  if (!resource.namespaced) return
  if (target.namespace === '') throw badRequest('Namespace parameter required.')
  if (target.namespace !== undefined) return
  if (target.name !== undefined) throw unknownResource()
  if (verb !== 'list' && verb !== 'watch') throw methodNotAllowed()
}

/** @throws 404 for a subresource the resource does not have */
function checkSubresource({ served: { resource, version }, target: { subresource, name } }: ResourceRequest): void {
  if (subresource === undefined) return
  if (subresource === 'status' && version.status) return
  if (subresource === 'scale' && version.scale !== undefined) return
  if (subresource === 'finalize' && resource.plural === 'namespaces' && resource.group === '') return
  throw resource.custom ? notFound(subjectOf(resource, name)) : unknownResource()
}

/** 405 as kube-apiserver words it for a verb that a resource, or a custom resource's subresource, does not have. */
function unsupportedVerb({ served: { resource } }: ResourceRequest, verb: string): ApiError {
  if (!resource.custom) return methodNotAllowed()
  const { group, plural } = resource
  const text = `${verb} is not supported on resources of kind "${plural}.${group}"`
  return new ApiError(405, 'MethodNotAllowed', text, { group, kind: plural })
}

/** The kind of a request's options, which messages about them name. */
function optionsOf(method: string) {
  const kind = { POST: 'CreateOptions', PUT: 'UpdateOptions', DELETE: 'DeleteOptions' }[method] ?? 'PatchOptions'
  return { group: 'meta.k8s.io', kind }
}

function writeOf(given: Answering, operation: Writer['operation']): Write {
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
  checkFieldManager(query.get('fieldManager') ?? '', request.method)
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
    warnings: given.warnings,
  }
}

const longestManager = 128

/** @throws 422 for a name of a field manager that is too long or cannot be printed */
function checkFieldManager(name: string, method: string): void {
  const causes: Cause[] = []
  if (Buffer.byteLength(name) > longestManager) causes.push(cause.tooLong('fieldManager', longestManager))
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    causes.push(cause.invalid('fieldManager', name, 'should only contain printable characters'))
  if (causes.length > 0) throw invalid(optionsOf(method), causes)
}

function answerObject(given: Answering, object: KubeObject, code: number): ApiResponse {
  const { cluster, served, query, request, target, warnings } = given
  const format = negotiate(request.headers?.accept, 'object')
  if (target.subresource === 'scale' && served.version.scale !== undefined) {
    return jsonResponse(code, JSON.stringify(scaleOf(object, served.version.scale)), warnings)
  }
  return jsonResponse(code, renderObject(cluster, served, object, format, query), warnings)
}

function answerRead(given: Answering): ApiResponse {
  const { cluster, served, target, query, request } = given
  checkSubresource(given)
  const format = negotiate(request.headers?.accept, target.name === undefined ? 'list' : 'object')
  if (target.name === undefined) {
    return jsonResponse(200, renderList(cluster, served, target.namespace, format, query), given.warnings)
  }
  checkReadRevision(cluster, query.get('resourceVersion') ?? '')
  return answerObject(given, existing(served.resource, target.namespace, target.name), 200)
}

function answerWatch(given: Answering): ApiResponse {
  const { cluster, served, target, query, request } = given
  const format = negotiate(request.headers?.accept, 'watch')
  const watch = parseWatch(cluster, served, target.namespace, format, query, request.signal)
  const { headers } = jsonResponse(200, '', given.warnings)
  return { status: 200, headers, body: streamWatch(watch) }
}

function answerCreate(given: Answering, body: unknown): ApiResponse {
  const { target } = given
  if (target.name !== undefined) throw unsupportedVerb(given, 'create')
  const write = writeOf(given, 'Update')
  const created = createObject(write, decodeObject(write, body))
  return answerObject(given, created, 201)
}

function answerUpdate(given: Answering, body: unknown): ApiResponse {
  const { served, target } = given
  const { resource, version } = served
  if (target.name === undefined) throw methodNotAllowed()
  const write = writeOf(given, 'Update')
  const stored = resource.bucket.get(target.namespace ?? '', target.name)
  if (target.subresource === 'scale' && version.scale !== undefined) {
    const old = existing(resource, target.namespace, target.name)
    const scale = decodeObject(scaleWrite(write), body)
    checkIdentity(scale, target)
    const next = withScale(resource, shown(write, old), scale, version.scale)
    return answerObject(given, updateObject(write, old, next), 200)
  }
  const object = decodeObject(write, body)
  checkIdentity(object, target)
  if (stored === undefined) {
    if (resource.strategy.createOnUpdate !== true || target.subresource !== undefined)
      throw notFound(subjectOf(resource, target.name))
    return answerObject(given, createObject(write, object), 201)
  }
  return answerObject(given, updateObject(write, stored, object), 200)
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

function answerPatch(given: Answering, body: unknown): ApiResponse {
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
    const wanted = decodePatched(scaleWrite(write), applyPatch(write, scale, type, body))
    checkIdentity(wanted, target)
    return answerObject(given, updateObject(write, old, withScale(resource, current, wanted, version.scale)), 200)
  }
  if (applies) {
    const stored = resource.bucket.get(target.namespace ?? '', target.name)
    const { object, created } = applyObject(write, stored, target.name, body, flagParameter(query, 'force'))
    return answerObject(given, object, created ? 201 : 200)
  }
  const stored = existing(resource, target.namespace, target.name)
  return answerObject(given, patchObject(write, stored, type, body), 200)
}

function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const options = objectOf(body)
  const { kind = 'DeleteOptions' } = options
  // Whoever sends an object here may mean another one than the path names.
  if (kind !== 'DeleteOptions') throw new ApiError(500, '', `no kind "${String(kind)}" is a kind of DeleteOptions`)
  numberParameter(query, 'gracePeriodSeconds')
  const wanted = Array.isArray(options.dryRun) ? options.dryRun : query.getAll('dryRun').filter((one) => one !== '')
  if (wanted.some((one) => one !== 'All'))
    throw invalid(optionsOf('DELETE'), [cause.unsupported('dryRun', wanted, ['All'])])
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
  const { uid, resourceVersion } = preconditions
  const orphans = options.orphanDependents === true ? 'Orphan' : undefined
  return {
    propagationPolicy: policy === '' ? orphans : policy,
    uid: typeof uid === 'string' ? uid : undefined,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    dryRun: wanted.length > 0,
  }
}

function answerDelete(given: Answering, body: unknown): ApiResponse {
  const { cluster, served, target, query } = given
  const { resource } = served
  if (target.name === undefined || target.subresource !== undefined) throw unsupportedVerb(given, 'delete')
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

function answerDeleteCollection(given: Answering, body: unknown): ApiResponse {
  const { cluster, served, target, query, request } = given
  const { resource } = served
  const options = deleteOptions(query, body)
  const selects = selectionOf(served, query)
  const format = negotiate(request.headers?.accept, 'list')
  const text = renderList(cluster, served, target.namespace, format, query)
  for (const object of [...resource.bucket.list(target.namespace)]) {
    if (selects(object)) deleteObject(cluster, resource, object, options)
  }
  return jsonResponse(200, text)
}
