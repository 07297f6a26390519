import type { KubeObject } from '../kube/object.ts'
import type { Served } from './registry.ts'
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
    const { kind, apiVersion, metadata, ...rest } = inVersion(version, stored)
    text = JSON.stringify({ kind, apiVersion, metadata, ...rest })
    known.set(stored, text)
  }
  return text
}

/** An object inside a list. Items of built-in kinds have no kind and version of their own, as Go writes typed lists. */
export function encodeItem({ resource, version }: Served, stored: KubeObject): string {
  const text = encodeObject(version, stored)
  return resource.custom ? text : `{${text.slice(text.indexOf('"metadata":'))}`
}

/** One line of a watch. `object` is JSON already. */
export function encodeEvent(type: string, object: string): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${object}}\n`)
}
