import type { KubeObject } from '../kube/object.ts'
import { validateStoredVersions, validateVersionParts } from './crd-version-validation.ts'
import { at, equalJson, isJsonObject, type JsonObject, listOf, objectOf, stringOf } from './json.ts'
import { validateName } from './meta.ts'
import { compileSchema } from './schema/compile.ts'
import { withDefaults } from './schema/defaults.ts'
import { prune } from './schema/prune.ts'
import { compiledPattern, validate } from './schema/validate.ts'
import { type Cause, cause } from './status.ts'

/**
 * What a CustomResourceDefinition must be, as far as definitions go wrong in practice: names, one storage version, a
 * structural schema. Source: `apiextensions-apiserver/pkg/apis/apiextensions/validation`.
 *
 * Rules in `x-kubernetes-validations` (CEL) are stored and published, neither compiled nor evaluated.
 */
export function validateDefinition(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const spec = objectOf(object.spec)
  const causes = [...validateNames(object, spec), ...validateVersions(spec)]
  if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster') {
    causes.push(
      spec.scope === undefined || spec.scope === ''
        ? cause.required('spec.scope')
        : cause.unsupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']),
    )
  }
  const strategy = at(spec, 'conversion', 'strategy')
  if (strategy !== 'None' && strategy !== 'Webhook')
    causes.push(cause.unsupported('spec.conversion.strategy', strategy, ['None', 'Webhook']))
  if (spec.preserveUnknownFields === true) {
    causes.push(
      cause.invalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    )
  }
  causes.push(...validateStoredVersions(spec, object.status))
  if (strategy === 'Webhook' && !isJsonObject(at(spec, 'conversion', 'webhook'))) {
    causes.push(
      cause.required('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook'),
      cause.required('spec.conversion.conversionReviewVersions'),
    )
  }
  if (old === undefined) return causes
  for (const path of [['group'], ['scope'], ['names', 'kind'], ['names', 'plural']]) {
    const value = at(spec, ...path)
    if (value !== at(old.spec, ...path))
      causes.push(cause.invalid(`spec.${path.join('.')}`, value, 'field is immutable'))
  }
  return causes
}

function validateNames(object: KubeObject, spec: JsonObject): Cause[] {
  const causes: Cause[] = []
  const group = stringOf(spec.group)
  const names = objectOf(spec.names)
  if (group === '') causes.push(cause.required('spec.group'))
  else if (!group.includes('.'))
    causes.push(cause.invalid('spec.group', group, 'should be a domain with at least one dot'))
  for (const field of ['plural', 'singular', 'kind', 'listKind']) {
    if (stringOf(names[field]) === '') causes.push(cause.required(`spec.names.${field}`))
  }
  for (const field of ['plural', 'singular']) {
    const name = stringOf(names[field])
    if (name !== '') causes.push(...validateName(name, 'label1035', `spec.names.${field}`))
  }
  for (const field of ['kind', 'listKind']) {
    const name = stringOf(names[field])
    if (name === '') continue
    const [problem] = validateName(name.toLowerCase(), 'label1035', '')
    if (problem === undefined) continue
    const rule = problem.message.replace(
      /^Invalid value: "[^"]*": /,
      'may have mixed case, but should otherwise match: ',
    )
    causes.push(cause.invalid(`spec.names.${field}`, name, rule))
  }
  const expected = `${stringOf(names.plural)}.${group}`
  if (object.metadata.name !== expected) {
    causes.push(cause.invalid('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group'))
  }
  const annotation = object.metadata.annotations?.['api-approved.kubernetes.io'] ?? ''
  const community = /(^|\.)(k8s|kubernetes)\.io$/.test(group)
  if (community && !/^(https?:\/\/|unapproved)/.test(annotation)) {
    causes.push(
      cause.required(
        'metadata.annotations[api-approved.kubernetes.io]',
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    )
  }
  return causes
}

function validateVersions(spec: JsonObject): Cause[] {
  const causes: Cause[] = []
  const versions = listOf(spec.versions).map(objectOf)
  const stored = versions.filter((version) => version.storage === true).length
  if (versions.length === 0)
    causes.push(cause.required('spec.versions', 'must have exactly one version marked as storage version'))
  else if (stored !== 1)
    causes.push(cause.invalid('spec.versions', versions, 'must have exactly one version marked as storage version'))
  // A schema that all versions share is named as the one place where the API server keeps it.
  const shared = versions.every((version) => equalJson(version.schema, versions[0]?.schema))
  const seen = new Set<string>()
  const alike = (field: string) => versions.every((version) => equalJson(version[field], versions[0]?.[field]))
  const sharedParts = alike('subresources') && alike('additionalPrinterColumns')
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`
    if (!sharedParts || index === 0) causes.push(...validateVersionParts(version, index, sharedParts))
    const name = stringOf(version.name)
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))
      causes.push(cause.invalid(`${path}.name`, name, 'must be a DNS-1035 label'))
    if (seen.has(name)) causes.push(cause.duplicate(`${path}.name`, name))
    seen.add(name)
    const schema = at(version, 'schema', 'openAPIV3Schema')
    if (!isJsonObject(schema)) causes.push(cause.required(`${path}.schema.openAPIV3Schema`))
    else if (!shared || index === 0) {
      causes.push(
        ...validateSchema(schema, shared ? 'spec.validation.openAPIV3Schema' : `${path}.schema.openAPIV3Schema`),
      )
    }
  })
  return causes
}

function validateSchema(schema: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  if (schema.type === undefined || schema.type === '')
    causes.push(cause.required(`${path}.type`, 'must not be empty at the root'))
  else if (schema.type !== 'object')
    causes.push(cause.invalid(`${path}.type`, schema.type, 'must be object at the root'))
  if (isJsonObject(schema.additionalProperties))
    causes.push(cause.forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
  const own = Object.keys(objectOf(at(schema, 'properties', 'metadata', 'properties')))
  if (own.some((name) => name !== 'name' && name !== 'generateName')) {
    const rule = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    causes.push(cause.forbidden(`${path}.properties[metadata]`, rule))
  }
  checkNode(schema, path, true, causes)
  return causes
}

const listTypes = ['atomic', 'set', 'map']
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const mapTypes = ['atomic', 'granular']

/** A node of a structural schema: it has a type, and its junctors only restrict. */
function checkNode(schema: JsonObject, path: string, root: boolean, into: Cause[]): void {
  const loose = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if (!root && stringOf(schema.type) === '' && !loose) {
    into.push(cause.required(`${path}.type`, 'must not be empty for specified object fields'))
  }
  for (const field of ['$ref', 'definitions', 'patternProperties', 'dependencies']) {
    if (schema[field] !== undefined) into.push(cause.forbidden(`${path}.${field}`, `${field} is not supported`))
  }
  if (schema.uniqueItems === true) {
    into.push(
      cause.forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  }
  if (schema.additionalProperties === false)
    into.push(cause.forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'))
  if (isJsonObject(schema.properties) && isJsonObject(schema.additionalProperties)) {
    into.push(
      cause.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    )
  }
  if (!root && stringOf(schema.type) !== '' && !types.includes(stringOf(schema.type)))
    into.push(cause.unsupported(`${path}.type`, schema.type, types))
  const mapType = schema['x-kubernetes-map-type']
  if (mapType !== undefined && !mapTypes.includes(stringOf(mapType)))
    into.push(cause.unsupported(`${path}.x-kubernetes-map-type`, mapType, mapTypes))
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    into.push(cause.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  }
  checkList(schema, path, into)
  checkPattern(schema, path, into)
  checkDefault(schema, path, into)
  for (const [name, child] of Object.entries(objectOf(schema.properties)))
    checkNode(objectOf(child), `${path}.properties[${name}]`, false, into)
  if (isJsonObject(schema.items)) checkNode(schema.items, `${path}.items`, false, into)
  else if (schema.type === 'array') into.push(cause.required(`${path}.items`, 'must be specified'))
  if (isJsonObject(schema.additionalProperties))
    checkNode(schema.additionalProperties, `${path}.additionalProperties`, false, into)
}

function checkList(schema: JsonObject, path: string, into: Cause[]): void {
  const type = schema['x-kubernetes-list-type']
  if (type === undefined) return
  const at = `${path}.x-kubernetes-list-type`
  if (!listTypes.includes(stringOf(type))) into.push(cause.unsupported(at, type, listTypes))
  if (schema.type !== 'array')
    into.push(cause.invalid(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'))
  const items = objectOf(schema.items)
  if (type === 'set' && items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    const rule = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    into.push(cause.invalid(`${path}.items.x-kubernetes-map-type`, items['x-kubernetes-map-type'], rule))
  }
  if (type !== 'map') return
  const keys = listOf(schema['x-kubernetes-list-map-keys']).map(String)
  if (keys.length === 0)
    into.push(
      cause.required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
    )
  const properties = objectOf(objectOf(schema.items).properties)
  const required = listOf(objectOf(schema.items).required)
  for (const key of keys) {
    if (properties[key] === undefined)
      into.push(
        cause.invalid(`${path}.x-kubernetes-list-map-keys`, key, 'entries must all be names of item properties'),
      )
    else if (!required.includes(key) && objectOf(properties[key]).default === undefined) {
      into.push(
        cause.required(
          `${path}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      )
    }
  }
}

function checkPattern(schema: JsonObject, path: string, into: Cause[]): void {
  if (typeof schema.pattern !== 'string') return
  const foreign = /\(\?(?:[=!]|<[=!])/.test(schema.pattern)
  if (!foreign && isPattern(schema.pattern)) return
  into.push(
    cause.invalid(
      `${path}.pattern`,
      schema.pattern,
      `must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax`,
    ),
  )
}

function isPattern(pattern: string): boolean {
  try {
    compiledPattern(pattern)
    return true
  } catch {
    return false
  }
}

/** A default must itself be complete and valid. */
function checkDefault(schema: JsonObject, path: string, into: Cause[]): void {
  if (schema.default === undefined) return
  const compiled = compileSchema(schema)
  const unknown: string[] = []
  prune(compiled, schema.default, unknown)
  if (unknown.length > 0) into.push(cause.invalid(`${path}.default`, schema.default, 'must not have unknown fields'))
  into.push(...validate(compiled, withDefaults(compiled, schema.default), `${path}.default`))
}
