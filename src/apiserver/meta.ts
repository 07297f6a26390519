import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import { isJsonObject, type JsonObject, listOf, objectOf } from './json.ts'
import type { Strategy } from './resource.ts'
import { type Cause, cause } from './status.ts'

/** Rules for names and metadata. Source: `apimachinery/pkg/api/validation` and `pkg/util/validation`. */

interface NameRule {
  readonly pattern: RegExp
  readonly limit: number
  readonly text: string
}

const subdomain: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  limit: 253,
  text: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
}

const label: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  limit: 63,
  text: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
}

const label1035: NameRule = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  limit: 63,
  text: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
}

const path: NameRule = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  limit: Number.POSITIVE_INFINITY,
  text: "may not contain '/' or '%'",
}

const rules: Readonly<Record<NonNullable<Strategy['names']>, NameRule>> = { subdomain, label, label1035, path }

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const labelValueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const qualifiedName =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const qualifiedNameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

/** What is wrong with the metadata of an object about to be stored. */
export function validateMeta(object: KubeObject, old: KubeObject | undefined, names: Strategy['names']): Cause[] {
  const { metadata } = object
  const causes: Cause[] = []
  if (old === undefined) causes.push(...validateObjectName(metadata.name, names ?? 'subdomain'))
  causes.push(...validateLabels(metadata.labels, 'metadata.labels'))
  let size = 0
  for (const [key, value] of Object.entries(objectOf(metadata.annotations))) {
    if (!isQualified(key.toLowerCase())) causes.push(cause.invalid('metadata.annotations', key, qualifiedNameRule))
    size += key.length + String(value).length
  }
  if (size > 262144) causes.push(cause.tooLong('metadata.annotations', 262144))
  causes.push(...validateOwners(metadata), ...validateFinalizers(metadata, old))
  return causes
}

function isQualified(key: string): boolean {
  const name = key.slice(key.indexOf('/') + 1)
  return name.length <= 63 && qualifiedName.test(key)
}

function validateObjectName(name: string, kind: NonNullable<Strategy['names']>): Cause[] {
  const field = 'metadata.name'
  if (name === '') return [cause.required(field, 'name or generateName is required')]
  return validateName(name, kind, field)
}

/** Problems of a name, not an empty one, at `field`. */
export function validateName(name: string, kind: NonNullable<Strategy['names']>, field: string): Cause[] {
  const rule = rules[kind]
  const causes: Cause[] = []
  if (kind === 'label' && name.includes('.')) return [cause.invalid(field, name, 'must not contain dots')]
  if (name.length > rule.limit) causes.push(cause.invalid(field, name, `must be no more than ${rule.limit} bytes`))
  if (!rule.pattern.test(name)) causes.push(cause.invalid(field, name, rule.text))
  return causes
}

/** Problems of keys and values of labels at `field`. */
export function validateLabels(labels: unknown, field: string): Cause[] {
  const causes: Cause[] = []
  for (const [key, value] of Object.entries(objectOf(labels))) {
    if (!isQualified(key)) causes.push(cause.invalid(field, key, qualifiedNameRule))
    const text = String(value)
    if (text.length > 63) causes.push(cause.invalid(field, text, 'must be no more than 63 characters'))
    if (!labelValue.test(text)) causes.push(cause.invalid(field, text, labelValueRule))
  }
  return causes
}

function validateOwners(metadata: ObjectMeta): Cause[] {
  const causes: Cause[] = []
  let controllers = 0
  listOf(metadata.ownerReferences).forEach((given) => {
    const owner = objectOf(given)
    const field = 'metadata.ownerReferences'
    if (!filled(owner.apiVersion) || String(owner.apiVersion).split('/').length > 2)
      causes.push(cause.invalid(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    for (const name of ['kind', 'name', 'uid']) {
      if (!filled(owner[name])) causes.push(cause.invalid(`${field}.${name}`, owner[name] ?? '', 'must not be empty'))
    }
    if (owner.controller === true) controllers += 1
    if (owner.kind === 'Event' && (owner.apiVersion === 'v1' || owner.apiVersion === 'events.k8s.io/v1')) {
      const [version = '', group = ''] = String(owner.apiVersion).split('/').toReversed()
      const text = `${group}/${version}, Kind=Event is disallowed from being an owner`
      causes.push(cause.invalid(field, owner, text))
    }
  })
  if (controllers > 1) {
    const text = 'Only one reference can have Controller set to true'
    causes.push(cause.invalid('metadata.ownerReferences', metadata.ownerReferences, text))
  }
  return causes
}

function filled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

const standardFinalizers = new Set([
  'kubernetes',
  'orphan',
  'foregroundDeletion',
  'customresourcecleanup.apiextensions.k8s.io',
])

function validateFinalizers(metadata: ObjectMeta, old: KubeObject | undefined): Cause[] {
  const causes: Cause[] = []
  listOf(metadata.finalizers).forEach((finalizer, index) => {
    const text = String(finalizer)
    if (!isQualified(text)) causes.push(cause.invalid('metadata.finalizers', text, qualifiedNameRule))
    else if (!text.includes('/') && !standardFinalizers.has(text)) {
      const rule = 'name is neither a standard finalizer name nor is it fully qualified'
      causes.push(cause.invalid(`metadata.finalizers[${index}]`, text, rule))
    }
  })
  if (old?.metadata.deletionTimestamp === undefined) return causes
  const before = new Set(old.metadata.finalizers ?? [])
  const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer))
  if (added.length > 0) {
    const list = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
    const text = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
    causes.push(cause.forbidden('metadata.finalizers', text))
  }
  return causes
}

/** Metadata the client may set, in the shape this program relies on; anything of a wrong type was refused by the schema. */
export function metadataOf(body: JsonObject): ObjectMeta {
  const given = body.metadata
  if (!isJsonObject(given)) return { name: '' }
  const { name, ...rest } = given
  return { ...rest, name: typeof name === 'string' ? name : '' }
}
