import type { KubeObject } from '../kube/object.ts'
import { at, isJsonObject, numberOf, objectOf, withAt } from './json.ts'
import type { Resource, ScalePaths } from './resource.ts'
import { builtinType } from './schema/builtin.ts'
import { cause, invalid } from './status.ts'
import type { Write } from './write.ts'

/** The write of an object's Scale, by which a client's body is read as one. */
export function scaleWrite(write: Write): Write {
  const { resource, version } = write
  return {
    ...write,
    resource: { ...resource, kind: 'Scale', custom: false },
    version: { ...version, name: 'v1', apiVersion: 'autoscaling/v1', schema: builtinType('Scale') },
  }
}

/** `autoscaling/v1 Scale` of an object with a scale subresource. */
export function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = paths.selector === undefined ? undefined : selectorText(at(object, ...paths.selector))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: numberOf(at(object, ...paths.specReplicas)) },
    status: {
      replicas: numberOf(at(object, ...paths.statusReplicas)),
      ...(selector === undefined ? {} : { selector }),
    },
  }
}

function selectorText(selector: unknown): string | undefined {
  if (typeof selector === 'string') return selector
  if (!isJsonObject(selector)) return undefined
  const labels = objectOf(selector.matchLabels ?? selector)
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
}

/**
 * The object with the replicas of a Scale.
 *
 * @throws 422 for a negative number of a built-in kind
 */
export function withScale(resource: Resource, object: KubeObject, scale: unknown, paths: ScalePaths): KubeObject {
  const replicas = numberOf(at(scale, 'spec', 'replicas'))
  // The replicas of a custom resource are checked where they are written.
  if (replicas < 0 && !resource.custom) {
    const subject = { group: 'autoscaling', kind: 'Scale', name: object.metadata.name }
    throw invalid(subject, [cause.invalid('spec.replicas', replicas, 'must be greater than or equal to 0')])
  }
  const given = objectOf(objectOf(scale).metadata)
  const changed = withAt(object, paths.specReplicas, replicas)
  const metadata = { ...object.metadata }
  if (typeof given.resourceVersion === 'string') metadata.resourceVersion = given.resourceVersion
  if (typeof given.uid === 'string' && given.uid !== '') metadata.uid = given.uid
  return { ...changed, apiVersion: object.apiVersion, kind: resource.kind, metadata }
}
