import type { KubeObject } from '../kube/object.ts'
import { inVersion, type ResourceVersion } from './resource.ts'

const encoder = new TextEncoder()

/** The JSON of objects, written once per object and version however often it is listed or watched. */
const texts = new WeakMap<ResourceVersion, WeakMap<KubeObject, string>>()

export function encodeObject(version: ResourceVersion, stored: KubeObject): string {
  let known = texts.get(version)
  if (known === undefined) {
    known = new WeakMap()
    texts.set(version, known)
  }
  let text = known.get(stored)
  if (text === undefined) {
    text = JSON.stringify(inVersion(version, stored))
    known.set(stored, text)
  }
  return text
}

/** One line of a watch. `object` is JSON already. */
export function encodeEvent(type: string, object: string): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${object}}\n`)
}
