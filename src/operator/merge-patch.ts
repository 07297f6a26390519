import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../kube/wire.ts'

/**
 * The JSON merge patch (RFC 7386) that turns one value into another; undefined when they are equal. A field that is wanted to be
 * null is wanted to be gone: such a patch has no other way to say null.
 */
export function mergePatch(current: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>) {
  const patch: Record<string, unknown> = {}
  for (const name of Object.keys(current)) {
    if (wanted[name] === undefined || wanted[name] === null) patch[name] = null
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined || value === null) continue
    const known = current[name]
    if (isRecord(value) && isRecord(known)) {
      const inner = mergePatch(known, value)
      if (inner !== undefined) patch[name] = inner
    } else if (!isDeepStrictEqual(known, value)) patch[name] = value
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}
