import { isRecord } from '../kube/wire.ts'

/**
 * A copy of what user code gave, as JSON carries it and the API server gives it back: without fields that are undefined, with
 * dates as text and no half characters. What is stored is then equal to what was asked for, and is not written anew for ever.
 * Numbers stay as they are; whether they make sense is another's to say.
 *
 * @throws TypeError for what JSON cannot carry
 */
export function plainValue(value: unknown, seen: readonly object[] = []): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
    throw new TypeError(`a ${typeof value} cannot be stored`)
  if (typeof value !== 'object' || value === null) return value
  if (seen.includes(value)) throw new TypeError('an object that contains itself cannot be stored')
  if (value instanceof Map || value instanceof Set)
    throw new TypeError(`a ${value.constructor.name} cannot be stored, only plain objects and lists`)
  const around = [...seen, value]
  if (hasJson(value)) return plainValue(value.toJSON(), around)
  if (Array.isArray(value)) return value.map((part: unknown) => plainValue(part, around) ?? null)
  const fields = Object.entries(isRecord(value) ? value : {}).filter(([, part]) => part !== undefined)
  return Object.fromEntries(fields.map(([name, part]) => [name, plainValue(part, around)]))
}

function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
