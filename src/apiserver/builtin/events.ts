import type { KubeObject } from '../../kube/object.ts'
import type { JsonObject } from '../json.ts'

/** Fields of `v1.Event` and what they are called in `events.k8s.io/v1`. Source: `pkg/apis/events/v1/conversion.go`. */
const names: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
]

function rename(object: KubeObject, apiVersion: string, names: ReadonlyMap<string, string>): KubeObject {
  const renamed: JsonObject = {}
  for (const [field, value] of Object.entries(object)) renamed[names.get(field) ?? field] = value
  return { ...renamed, apiVersion, kind: 'Event', metadata: object.metadata }
}

const toCore = new Map(names.map(([core, events]) => [events, core]))
const fromCore = new Map(names)

/** An Event of the events API as the core group stores it. */
export function toCoreEvent(object: KubeObject): KubeObject {
  return rename(object, 'v1', toCore)
}

/** A stored Event as the events API shows it. */
export function fromCoreEvent(object: KubeObject): KubeObject {
  return rename(object, 'events.k8s.io/v1', fromCore)
}
