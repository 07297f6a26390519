import type { KubeObject } from '../../kube/object.ts'
import { at, equalJson, isJsonObject, listOf, objectOf } from '../json.ts'
import { type Cause, cause } from '../status.ts'

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
  if (typeof spec.replicas === 'number' && spec.replicas < 0) {
    causes.push(cause.invalid('spec.replicas', spec.replicas, 'must be greater than or equal to 0'))
  }
  if (at(spec, 'strategy', 'type') === 'Recreate' && at(spec, 'strategy', 'rollingUpdate') !== undefined) {
    const text = "may not be specified when strategy `type` is 'Recreate'"
    causes.push(cause.forbidden('spec.strategy.rollingUpdate', text))
  }
  causes.push(...validatePodSpec(at(spec, 'template', 'spec'), 'spec.template.spec'))
  const before = at(old?.spec, 'selector')
  if (old !== undefined && !equalJson(before, spec.selector)) {
    causes.push(cause.invalid('spec.selector', spec.selector, immutable))
  }
  return causes
}

export function validatePod(object: KubeObject): Cause[] {
  return validatePodSpec(object.spec, 'spec')
}

function validatePodSpec(spec: unknown, path: string): Cause[] {
  const causes: Cause[] = []
  const containers = listOf(at(spec, 'containers'))
  if (containers.length === 0) causes.push(cause.required(`${path}.containers`))
  const names = new Set<unknown>()
  containers.forEach((container, index) => {
    const { name, image } = objectOf(container)
    if (typeof name !== 'string' || name === '') causes.push(cause.required(`${path}.containers[${index}].name`))
    else if (names.has(name)) causes.push(cause.duplicate(`${path}.containers[${index}].name`, name))
    names.add(name)
    if (typeof image !== 'string' || image === '') causes.push(cause.required(`${path}.containers[${index}].image`))
  })
  return causes
}

export function validateLease(object: KubeObject): Cause[] {
  const seconds = at(object.spec, 'leaseDurationSeconds')
  if (typeof seconds !== 'number' || seconds > 0) return []
  return [cause.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
}

const configKey = /^[-._a-zA-Z0-9]+$/
const configKeyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

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
  if (object.kind === 'Secret' && object.type === 'kubernetes.io/tls') {
    for (const key of ['tls.crt', 'tls.key'])
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

export function validateBinding(object: KubeObject, old: KubeObject | undefined): Cause[] {
  if (!isJsonObject(object.roleRef)) return [cause.required('roleRef')]
  if (old === undefined || equalJson(old.roleRef, object.roleRef)) return []
  return [cause.invalid('roleRef', object.roleRef, 'cannot change roleRef')]
}

export function validateAutoscaler(object: KubeObject): Cause[] {
  const spec = objectOf(object.spec)
  const causes: Cause[] = []
  if (typeof spec.maxReplicas !== 'number' || spec.maxReplicas < 1) {
    causes.push(cause.invalid('spec.maxReplicas', spec.maxReplicas ?? 0, 'must be greater than 0'))
  } else if (typeof spec.minReplicas === 'number' && spec.maxReplicas < spec.minReplicas) {
    const text = 'must be greater than or equal to `minReplicas`'
    causes.push(cause.invalid('spec.maxReplicas', spec.maxReplicas, text))
  }
  if (!isJsonObject(spec.scaleTargetRef)) causes.push(cause.required('spec.scaleTargetRef'))
  return causes
}
