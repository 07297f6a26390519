import type { KubeObject } from '../kube/object.ts'
import type { Cluster } from './cluster.ts'
import { encodeItem, encodeObject } from './encode.ts'
import { isJsonObject } from './json.ts'
import type { Format } from './negotiate.ts'
import type { Served } from './registry.ts'
import { numberParameter } from './request.ts'
import { selectionOf } from './selection.ts'
import { ApiError, badRequest, type Cause, cause, expired, invalid } from './status.ts'
import { sortKey } from './store.ts'
import { partial, type RowObject, tableOf } from './table.ts'

/** One object in the form the client asked for. */
export function renderObject(
  cluster: Cluster,
  { version }: Served,
  stored: KubeObject,
  format: Format,
  query: URLSearchParams,
): string {
  if (format.as === 'Table') {
    const metadata = { resourceVersion: stored.metadata.resourceVersion ?? '' }
    return tableOf(version, [stored], {
      apiVersion: format.version,
      now: cluster.clock.now(),
      include: rowObject(query),
      withColumns: true,
      metadata,
    })
  }
  if (format.as === 'PartialObjectMetadata') return JSON.stringify(partial(stored, format.version))
  return encodeObject(version, stored)
}

export function rowObject(query: URLSearchParams): RowObject {
  const text = query.get('includeObject')
  return text === 'None' || text === 'Object' ? text : 'Metadata'
}

/** Where a paged list stands: the revision of its first page and the key of the last object sent. */
interface Continuation {
  readonly revision: number
  readonly after: string
}

/** @throws 400 for anything else */
function checkRowObject(query: URLSearchParams): void {
  const text = query.get('includeObject') ?? ''
  if (['', 'None', 'Metadata', 'Object'].includes(text)) return
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`)
}

/**
 * A list in the form the client asked for. Pages of one list show the state at the revision of the first.
 *
 * @throws 400 for malformed selectors and tokens, 410 when a page's state is compacted away
 */
export function renderList(
  cluster: Cluster,
  served: Served,
  namespace: string | undefined,
  format: Format,
  query: URLSearchParams,
): string {
  const { resource, version } = served
  checkRowObject(query)
  checkListOptions(query)
  const selects = selectionOf(served, query)
  const given = numberParameter(query, 'limit') ?? 0
  const token = query.get('continue') ?? ''
  const continued = token === '' ? undefined : decodeContinuation(token)
  const exact = exactRevision(query, continued)
  // The state of any time may answer `resourceVersion=0`: it comes from the watch cache, which does not page.
  const anyTime = query.get('resourceVersion') === '0' && exact === undefined
  const limit = anyTime ? 0 : given
  const wanted = parseRevision(query.get('resourceVersion') ?? '') ?? 0
  const revision = continued?.revision ?? exact ?? cluster.store.revision
  if (wanted > cluster.store.revision) throw tooLarge(wanted, cluster.store.revision)
  const at =
    continued === undefined && exact === undefined
      ? resource.bucket.list(namespace)
      : listAt(served, revision, namespace, continued !== undefined)
  const from = continued === undefined ? 0 : firstAfter(at, continued.after)
  const page: KubeObject[] = []
  let index = from
  let more = false
  for (; index < at.length; index += 1) {
    const object = at[index]
    if (object === undefined) continue
    // A full page has a next one whenever objects follow, selected or not: kube-apiserver does not look ahead.
    if (limit > 0 && page.length === limit) {
      more = true
      break
    }
    if (selects(object)) page.push(object)
  }
  const last = page.at(-1)
  const metadata: Record<string, unknown> = { resourceVersion: String(revision) }
  if (more && last !== undefined) {
    metadata.continue = encodeContinuation({ revision, after: sortKey(last) })
    const selected = hasSelectors(query)
    if (!selected) metadata.remainingItemCount = at.length - index
  }
  if (format.as === 'Table') {
    return tableOf(version, page, {
      apiVersion: format.version,
      now: cluster.clock.now(),
      include: rowObject(query),
      withColumns: true,
      metadata,
    })
  }
  if (format.as === 'PartialObjectMetadata') {
    const items = page.map((object) => partial(object, format.version))
    return JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: format.version, metadata, items })
  }
  const head = JSON.stringify({ kind: resource.listKind, apiVersion: version.apiVersion, metadata })
  return `${head.slice(0, -1)},"items":[${page.map((object) => encodeItem(served, object)).join(',')}]}`
}

function hasSelectors(query: URLSearchParams): boolean {
  return (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== ''
}

/** @throws 422 for options of a list that exclude each other, 400 for those that cannot be read */
function checkListOptions(query: URLSearchParams): void {
  numberParameter(query, 'timeoutSeconds')
  const match = query.get('resourceVersionMatch') ?? ''
  const problems: Cause[] = []
  if (query.has('sendInitialEvents')) {
    problems.push(cause.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  if (!['', 'Exact', 'NotOlderThan'].includes(match)) {
    problems.push(cause.unsupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
  }
  if (match === 'Exact' && query.get('resourceVersion') === '0') {
    const text = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    problems.push(cause.forbidden('resourceVersionMatch', text))
  }
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, problems)
}

function exactRevision(query: URLSearchParams, continued: Continuation | undefined): number | undefined {
  const match = query.get('resourceVersionMatch') ?? ''
  const text = query.get('resourceVersion') ?? ''
  if (match !== '' && (text === '' || continued !== undefined)) {
    const field = 'resourceVersionMatch'
    const detail = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, [
      { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field },
    ])
  }
  const revision = parseRevision(text)
  if (match !== 'Exact') {
    if (revision !== undefined && continued !== undefined && revision !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    return undefined
  }
  return revision
}

/** A revision as watches and reads of one object take it. They refuse a malformed one as an error of their own: 500. */
export function plainRevision(text: string): number | undefined {
  try {
    return parseRevision(text)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new ApiError(500, '', error.message.replace('invalid resource version: ', ''))
  }
}

/** @throws 504 for an object at a revision that is not there yet */
export function checkReadRevision(cluster: Cluster, text: string): void {
  const wanted = plainRevision(text) ?? 0
  if (wanted > cluster.store.revision) throw tooLarge(wanted, cluster.store.revision)
}

/** @throws 400 on anything but digits */
function parseRevision(text: string): number | undefined {
  if (text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text)
  const why = `strconv.ParseUint: parsing "${text}": invalid syntax`
  throw badRequest(`invalid resource version: resourceVersion: Invalid value: "${text}": ${why}`)
}

/** What a client gets that asks for a state that is not there yet. */
export function tooLarge(wanted: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

function listAt(
  { resource }: Served,
  revision: number,
  namespace: string | undefined,
  continues: boolean,
): readonly KubeObject[] {
  try {
    return resource.bucket.listAt(revision, namespace)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 410) throw error
    if (!continues) throw expired('The resourceVersion for the provided list is too old.')
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    )
  }
}

function firstAfter(objects: readonly KubeObject[], key: string): number {
  let low = 0
  let high = objects.length
  while (low < high) {
    const middle = (low + high) >> 1
    const object = objects[middle]
    if (object !== undefined && sortKey(object) <= key) low = middle + 1
    else high = middle
  }
  return low
}

function encodeContinuation({ revision, after }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after })).toString('base64url')
}

function decodeContinuation(token: string): Continuation {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (isJsonObject(value) && typeof value.rv === 'number' && typeof value.start === 'string') {
      return { revision: value.rv, after: value.start }
    }
  } catch {
    throw badRequest('invalid continue token: continue key is not valid: it is not what a list answered')
  }
  throw badRequest('invalid continue token: continue key is not valid: it is not what a list answered')
}
