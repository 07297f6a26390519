import type { KubeObject } from '../../kube/object.ts'
import { at, equalJson, isJsonObject, type JsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts'
import { type Cause, cause } from '../status.ts'
import { validatePodSpec } from './pod-validation.ts'

/**
 * The checks of built-in kinds that clients run into: required fields that Go cannot tell from zero values, selectors that
 * must fit their template, and fields that may not change. Source: `pkg/apis/{core,apps,coordination}/validation`.
 */

const immutable = 'field is immutable'

export function validateWorkload(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const causes: Cause[] = []
  const spec = objectOf(object.spec)
  const selector = objectOf(at(spec, 'selector'))
  const wanted = objectOf(selector.matchLabels)
  if (spec.selector === undefined) causes.push(cause.required('spec.selector'))
  else if (Object.keys(wanted).length === 0 && listOf(selector.matchExpressions).length === 0) {
    causes.push(cause.invalid('spec.selector', selector, 'empty selector is invalid for deployment'))
  }
  const labels = objectOf(at(spec, 'template', 'metadata', 'labels'))
  if (spec.selector === undefined || Object.entries(wanted).some(([key, value]) => labels[key] !== value)) {
    const text = '`selector` does not match template `labels`'
    causes.push(
      cause.invalid('spec.template.metadata.labels', at(spec, 'template', 'metadata', 'labels') ?? null, text),
    )
  }
  for (const field of ['replicas', 'minReadySeconds', 'revisionHistoryLimit']) causes.push(...notNegative(spec, field))
  causes.push(...validateStrategy(spec))
  causes.push(...validatePodSpec(at(spec, 'template', 'spec'), 'spec.template.spec'))
  const restart = at(spec, 'template', 'spec', 'restartPolicy')
  if (restart !== 'Always')
    causes.push(cause.unsupported('spec.template.spec.restartPolicy', restart ?? '', ['Always']))
  const before = at(old?.spec, 'selector')
  if (old !== undefined && !equalJson(before, spec.selector)) {
    causes.push(cause.invalid('spec.selector', spec.selector, immutable))
  }
  return causes
}

function notNegative(spec: JsonObject, field: string): Cause[] {
  const value = spec[field]
  if (typeof value !== 'number' || value >= 0) return []
  return [cause.invalid(`spec.${field}`, value, 'must be greater than or equal to 0')]
}

const strategies = ['Recreate', 'RollingUpdate']

/** How a Deployment may roll out. Other workloads have no `strategy`, or one with other rules. */
function validateStrategy(spec: JsonObject): Cause[] {
  if (!isJsonObject(spec.strategy)) return []
  const { type, rollingUpdate } = spec.strategy
  const causes: Cause[] = []
  if (!strategies.includes(stringOf(type))) {
    const shown = { Type: type ?? '', RollingUpdate: rollingUpdate ?? null }
    causes.push(cause.unsupported('spec.strategy', shown, strategies))
  }
  if (type === 'Recreate' && rollingUpdate !== undefined) {
    const text = "may not be specified when strategy `type` is 'Recreate'"
    causes.push(cause.forbidden('spec.strategy.rollingUpdate', text))
  }
  if (type === 'RollingUpdate') causes.push(...validateRollingUpdate(objectOf(rollingUpdate)))
  const deadline = spec.progressDeadlineSeconds
  if (typeof deadline === 'number' && deadline <= numberOf(spec.minReadySeconds)) {
    causes.push(cause.invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  }
  return causes
}

const percentRule =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

function validateRollingUpdate(rolling: JsonObject): Cause[] {
  const path = 'spec.strategy.rollingUpdate'
  const causes: Cause[] = []
  for (const field of ['maxSurge', 'maxUnavailable']) {
    const value = rolling[field]
    if (typeof value === 'string' && !/^[0-9]+%$/.test(value)) {
      causes.push(cause.invalid(`${path}.${field}`, value, percentRule))
    } else if (typeof value === 'string' && field === 'maxUnavailable' && Number(value.slice(0, -1)) > 100) {
      causes.push(cause.invalid(`${path}.${field}`, value, 'must not be greater than 100%'))
    } else if (typeof value === 'number' && value < 0) {
      causes.push(cause.invalid(`${path}.${field}`, value, 'must be greater than or equal to 0'))
    }
  }
  const zero = (value: unknown) => value === 0 || /^0+%$/.test(stringOf(value))
  if (causes.length === 0 && zero(rolling.maxSurge) && zero(rolling.maxUnavailable)) {
    const value = rolling.maxUnavailable
    causes.push(cause.invalid(`${path}.maxUnavailable`, value, 'may not be 0 when `maxSurge` is 0'))
  }
  return causes
}

export function validatePod(object: KubeObject): Cause[] {
  return validatePodSpec(object.spec, 'spec')
}

export function validateLease(object: KubeObject): Cause[] {
  const causes: Cause[] = []
  const spec = objectOf(object.spec)
  const seconds = spec.leaseDurationSeconds
  if (typeof seconds === 'number' && seconds <= 0)
    causes.push(cause.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  return [...causes, ...notNegative(spec, 'leaseTransitions')]
}

const configKey = /^[-._a-zA-Z0-9]+$/
const configKeyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

/** What Secrets of a type must hold. */
const secretKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

/** ConfigMaps and Secrets: keys, and nothing changed once `immutable`. */
export function validateData(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const causes: Cause[] = []
  for (const field of ['data', 'binaryData']) {
    for (const key of Object.keys(objectOf(object[field]))) {
      if (!configKey.test(key)) causes.push(cause.invalid(`${field}[${key}]`, key, configKeyRule))
    }
  }
  if (object.kind === 'ConfigMap') {
    for (const key of Object.keys(objectOf(object.data))) {
      if (!Object.hasOwn(objectOf(object.binaryData), key)) continue
      causes.push(cause.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    }
  }
  if (object.kind === 'Secret') {
    for (const key of secretKeys[stringOf(object.type)] ?? [])
      if (objectOf(object.data)[key] === undefined) causes.push(cause.required(`data[${key}]`))
  }
  if (old?.immutable !== true) return causes
  if (object.immutable !== true) causes.push(cause.forbidden('immutable', 'field is immutable when `immutable` is set'))
  for (const field of ['data', 'binaryData']) {
    if (!equalJson(object[field], old[field])) {
      causes.push(cause.forbidden(field, 'field is immutable when `immutable` is set'))
    }
  }
  if (object.type !== old.type) causes.push(cause.invalid('type', object.type, immutable))
  return causes
}

const roleKinds = ['Role', 'ClusterRole']
const subjectKinds = ['ServiceAccount', 'User', 'Group']

export function validateBinding(object: KubeObject, old: KubeObject | undefined): Cause[] {
  if (!isJsonObject(object.roleRef)) return [cause.required('roleRef')]
  const causes: Cause[] = []
  const allowed = object.kind === 'ClusterRoleBinding' ? ['ClusterRole'] : roleKinds
  const { kind, name } = object.roleRef
  if (!allowed.includes(stringOf(kind))) causes.push(cause.unsupported('roleRef.kind', kind ?? '', allowed))
  if (stringOf(name) === '') causes.push(cause.required('roleRef.name'))
  listOf(object.subjects).forEach((one, index) => {
    const subject = objectOf(one)
    const path = `subjects[${index}]`
    if (stringOf(subject.name) === '') causes.push(cause.required(`${path}.name`))
    if (!subjectKinds.includes(stringOf(subject.kind)))
      causes.push(cause.unsupported(`${path}.kind`, subject.kind ?? '', subjectKinds))
    if (subject.kind === 'ServiceAccount' && stringOf(subject.namespace) === '')
      causes.push(cause.required(`${path}.namespace`))
  })
  if (old !== undefined && !equalJson(old.roleRef, object.roleRef))
    causes.push(cause.invalid('roleRef', object.roleRef, 'cannot change roleRef'))
  return causes
}

/** Rules of Roles and ClusterRoles: each has verbs, and resources of groups or, cluster-wide, URLs. */
export function validateRole(object: KubeObject): Cause[] {
  const causes: Cause[] = []
  listOf(object.rules).forEach((one, index) => {
    const rule = objectOf(one)
    const path = `rules[${index}]`
    const has = (field: string) => listOf(rule[field]).length > 0
    if (!has('verbs')) causes.push(cause.required(`${path}.verbs`, 'verbs must contain at least one value'))
    if (has('nonResourceURLs') && object.kind === 'ClusterRole') return
    if (!has('apiGroups'))
      causes.push(cause.required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
    if (!has('resources'))
      causes.push(cause.required(`${path}.resources`, 'resource rules must supply at least one resource'))
  })
  return causes
}

/** An Event is where the object is that it is about. Source: `pkg/apis/core/validation/events.go`. */
export function validateEvent(object: KubeObject, old: KubeObject | undefined): Cause[] {
  if (old !== undefined) return []
  const core = object.apiVersion === 'v1'
  const field = core ? 'involvedObject' : 'regarding'
  const about = stringOf(at(object, field, 'namespace'))
  const causes: Cause[] = []
  // Events of things without a namespace are in `default`.
  const fits = about === object.metadata.namespace || (about === '' && object.metadata.namespace === 'default')
  if (!fits) causes.push(cause.invalid(`involvedObject.namespace`, about, 'does not match event.namespace'))
  if (core) return causes
  if (object.eventTime === undefined || object.eventTime === null) causes.push(cause.required('eventTime'))
  const type = stringOf(object.type)
  if (type !== 'Normal' && type !== 'Warning') causes.push(cause.invalid('type', type, `has invalid value: ${type}`))
  return causes
}

export function validateEndpointSlice(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const types = ['FQDN', 'IPv4', 'IPv6']
  const type = stringOf(object.addressType)
  const causes: Cause[] = []
  if (type === '') causes.push(cause.required('addressType'))
  else if (!types.includes(type)) causes.push(cause.unsupported('addressType', type, types))
  if (old !== undefined && old.addressType !== object.addressType)
    causes.push(cause.invalid('addressType', type, immutable))
  listOf(object.endpoints).forEach((one, index) => {
    if (listOf(objectOf(one).addresses).length > 0) return
    causes.push(cause.required(`endpoints[${index}].addresses`, 'must contain at least 1 address'))
  })
  return causes
}

export function validateAutoscaler(object: KubeObject): Cause[] {
  const spec = objectOf(object.spec)
  const causes: Cause[] = []
  const max = numberOf(spec.maxReplicas)
  if (max < 1) causes.push(cause.invalid('spec.maxReplicas', max, 'must be greater than 0'))
  if (max < numberOf(spec.minReplicas))
    causes.push(cause.invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'))
  const target = objectOf(spec.scaleTargetRef)
  for (const field of ['kind', 'name'])
    if (stringOf(target[field]) === '') causes.push(cause.required(`spec.scaleTargetRef.${field}`))
  const apiVersion = stringOf(target.apiVersion)
  if (apiVersion === '')
    causes.push(cause.invalid('spec.scaleTargetRef.apiVersion', apiVersion, 'apiVersion must specify API group'))
  return causes
}
