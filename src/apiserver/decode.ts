import type { KubeObject } from '../kube/object.ts'
import { at, isJsonObject, type JsonObject, objectOf } from './json.ts'
import { metadataOf } from './meta.ts'
import { builtinType } from './schema/builtin.ts'
import { asGoWrites } from './schema/go-json.ts'
import { prune } from './schema/prune.ts'
import { isOfWrongType, validate } from './schema/validate.ts'
import { type ApiError, badRequest, type Cause, cause, invalid } from './status.ts'
import type { Write } from './write.ts'

/**
 * A client's body as an object of the resource: of the right kind, without unknown fields and with values of the right types.
 *
 * @throws 400 for another kind or version, values that do not decode, and, when strict, unknown fields
 */
export function decodeObject(write: Write, given: unknown): KubeObject {
  const { resource, version } = write
  const unrecognized = `the object provided is unrecognized (must be of type ${resource.kind}): `
  if (given === null && !resource.custom) return decodeObject(write, {})
  if (!isJsonObject(given)) throw badRequest(`${unrecognized}couldn't get version/kind; it is not a JSON object`)
  const body = given
  const apiVersion = body.apiVersion ?? (resource.custom ? undefined : version.apiVersion)
  const kind = body.kind ?? (resource.custom ? undefined : resource.kind)
  if (kind === undefined || kind === '')
    throw badRequest(`${unrecognized}Object 'Kind' is missing in '${JSON.stringify(body)}'`)
  if (apiVersion === undefined || apiVersion === '') {
    throw badRequest(`${unrecognized}Object 'apiVersion' is missing in '${JSON.stringify(body)}'`)
  }
  if (apiVersion !== version.apiVersion || kind !== resource.kind) {
    const text = `the API version in the data (${String(apiVersion)}) does not match the expected API version (${version.apiVersion})`
    if (kind === resource.kind) throw badRequest(text)
    if (resource.custom) throw anotherKind(write, String(apiVersion), String(kind), metadataOf(body).name)
    throw badRequest(
      `${String(kind)} in version "${String(apiVersion)}" cannot be handled as a ${resource.kind}: it is another kind`,
    )
  }
  const known = withoutUnknown(write, body)
  const clean = resource.custom ? goMetadata(known) : goObject(write, known)
  return { ...clean, apiVersion: version.apiVersion, kind: resource.kind, metadata: metadataOf(clean) }
}

/** Custom resources have no Go types to convert: their kind and version are checked as fields. */
export function anotherKind({ resource, version }: Write, apiVersion: string, kind: string, name: string): ApiError {
  const slash = apiVersion.indexOf('/')
  const causes: Cause[] = []
  if (kind !== resource.kind) causes.push(cause.invalid('kind', kind, `must be ${resource.kind}`))
  if (apiVersion !== version.apiVersion)
    causes.push(cause.invalid('apiVersion', apiVersion, `must be ${version.apiVersion}`))
  return invalid({ group: slash < 0 ? '' : apiVersion.slice(0, slash), kind, name }, causes)
}

function withoutUnknown(write: Write, body: JsonObject): JsonObject {
  const unknown: string[] = []
  const clean = objectOf(prune(write.version.schema, body, unknown))
  if (unknown.length === 0 || write.strictness === 'Ignore') return clean
  // Go meets them in the order of the text; custom resources are looked through afterwards, sorted.
  if (write.resource.custom) unknown.sort()
  const texts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`)
  if (write.strictness === 'Strict') throw badRequest(handledAs(write, `strict decoding error: ${texts.join(', ')}`))
  write.warnings.push(...texts)
  return clean
}

function handledAs({ resource, version }: Write, why: string): string {
  return `${resource.kind} in version ${JSON.stringify(version.name)} cannot be handled as a ${resource.kind}: ${why}`
}

/** The body with its metadata as Go writes it: they have the same type in every kind. */
function goMetadata(body: JsonObject): JsonObject {
  if (!isJsonObject(body.metadata)) return body
  const metadata = asGoWrites(builtinType('ObjectMeta'), body.metadata)
  if (forgetsManagers(body)) return { ...body, metadata: { ...objectOf(metadata), managedFields: [] } }
  return metadata === body.metadata ? body : { ...body, metadata }
}

/** An empty list of managers asks to forget them, which is not the same as none. */
function forgetsManagers(body: JsonObject): boolean {
  const managers = at(body, 'metadata', 'managedFields')
  return Array.isArray(managers) && managers.length === 0
}

/** Built-in kinds are decoded into Go structs: a value of a wrong type is a malformed request, not an invalid object. */
function goObject(write: Write, body: JsonObject): JsonObject {
  const { schema } = write.version
  const object = objectOf(asGoWrites(schema, body))
  if (forgetsManagers(body)) object.metadata = { ...objectOf(object.metadata), managedFields: [] }
  // Go reads null into anything.
  const causes = validate(schema, body, '').filter(({ message }) => !message.endsWith(': "null"'))
  const wrong = causes.find(isOfWrongType)
  if (wrong !== undefined) {
    const [, wanted = '', actual = ''] = /must be of type ([^:]+): "([^"]*)"$/.exec(wrong.message) ?? []
    const what = actual === 'integer' ? 'number' : actual === 'boolean' ? 'bool' : actual
    const field = `${write.resource.kind}.${wrong.field ?? ''}`
    const type = wanted === 'boolean' ? 'bool' : wanted
    throw badRequest(handledAs(write, `json: cannot unmarshal ${what} into Go struct field ${field} of type ${type}`))
  }
  const malformed = causes.find(({ message }) => message.includes(' in body must be of type '))
  if (malformed !== undefined) throw badRequest(handledAs(write, malformedText(malformed)))
  return object
}

/** What Go says of a string that is no time, no bytes or no quantity. */
function malformedText({ message, field = '' }: Cause): string {
  const [, format = '', value = ''] = /must be of type ([\w-]+): "(.*)"$/.exec(message) ?? []
  if (format === 'byte') return `illegal base64 data in ${field}`
  if (format === 'quantity')
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  const layout = format === 'micro-time' ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00'
  return `parsing time "${value}" as "${layout}": cannot parse "${value}" in ${field}`
}
