import { at, isJsonObject, type JsonObject, listOf, objectOf, stringOf } from './json.ts'
import { type Cause, cause } from './status.ts'

/**
 * What a version of a CustomResourceDefinition says beside its schema: subresources, columns and warnings. What all versions share
 * (`shared`) is named as the one place where the API server keeps it, and checked with the first of them only.
 */
export function validateVersionParts(version: JsonObject, index: number, shared: boolean): Cause[] {
  const prefix = shared ? 'spec' : `spec.versions[${index}]`
  const causes: Cause[] = []
  const scale = at(version, 'subresources', 'scale')
  if (isJsonObject(scale)) causes.push(...validateScale(scale, `${prefix}.subresources.scale`))
  listOf(version.additionalPrinterColumns).forEach((column, at) => {
    causes.push(...validateColumn(objectOf(column), `${prefix}.additionalPrinterColumns[${at}]`))
  })
  const warning = stringOf(version.deprecationWarning)
  if (warning !== '' && version.deprecated !== true) {
    const field = `spec.versions[${index}].deprecationWarning`
    causes.push(cause.invalid(field, warning, 'can only be set for deprecated versions'))
  }
  return causes
}

function validateScale(scale: JsonObject, path: string): Cause[] {
  return [
    ...validatePath(scale.specReplicasPath, `${path}.specReplicasPath`, '.spec.'),
    ...validatePath(scale.statusReplicasPath, `${path}.statusReplicasPath`, '.status.'),
  ]
}

function validatePath(given: unknown, field: string, root: string): Cause[] {
  const path = stringOf(given)
  if (path === '') return [cause.required(field)]
  if (!path.startsWith('.')) return [cause.invalid(field, path, 'must be a simple json path starting with .')]
  return path.startsWith(root) ? [] : [cause.invalid(field, path, `should be a json path under ${root.slice(0, -1)}`)]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']

function validateColumn(column: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  const type = stringOf(column.type)
  const rule = `must be one of ${columnTypes.join(',')}`
  if (stringOf(column.name) === '') causes.push(cause.required(`${path}.name`))
  if (type === '') causes.push(cause.required(`${path}.type`, rule))
  else if (!columnTypes.includes(type)) causes.push(cause.invalid(`${path}.type`, type, rule))
  if (stringOf(column.jsonPath) === '') causes.push(cause.required(`${path}.JSONPath`))
  return causes
}

/** A version stays until nothing is stored in it: `status.storedVersions` says in which objects may be. */
export function validateStoredVersions(spec: JsonObject, status: unknown): Cause[] {
  const names = listOf(spec.versions).map((version) => objectOf(version).name)
  return listOf(objectOf(status).storedVersions).flatMap((stored, index) => {
    if (names.includes(stored)) return []
    const name = String(stored)
    const rule = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    return [cause.invalid(`status.storedVersions[${index}]`, stored, rule)]
  })
}
