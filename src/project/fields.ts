/**
 * Reads fields of a document whose shape may be wrong: the shape has diagnostics of its own, and what is right in the rest
 * is still checked. A field of another type counts as left out; items of another type become empty so that indexes stay.
 */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Reflect.get(value, name)
}

export function textField(value: unknown, name: string): string {
  const found = field(value, name)
  return typeof found === 'string' ? found : ''
}

export function flagField(value: unknown, name: string, fallback = false): boolean {
  const found = field(value, name)
  return typeof found === 'boolean' ? found : fallback
}

export function listField(value: unknown, name: string): unknown[] {
  const found = field(value, name)
  return Array.isArray(found) ? found : []
}

export function textsField(value: unknown, name: string): string[] {
  return listField(value, name).map((item) => (typeof item === 'string' ? item : ''))
}
