import { badRequest } from './status.ts'

/** What a path of the API names. An empty `namespace` is one that the path leaves out where it should stand. */
export interface Target {
  readonly group: string
  readonly version: string
  readonly namespace: string | undefined
  readonly plural: string
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/**
 * Reads `/api/v1/…` and `/apis/G/V/…` down to a resource; `undefined` for any other path, such as one with an empty part other than the namespace. `/namespaces/NAME` alone and with a
 * subresource of namespaces names the Namespace itself.
 */
export function parseTarget(pathname: string): Target | undefined {
  const parts = pathname
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decode)
  if (parts.some((part, index) => part === '' && parts[index - 1] !== 'namespaces')) return undefined
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return undefined
  const [group, version, ...rest] = core ? ['', ...parts.slice(1)] : parts.slice(1)
  if (group === undefined || version === undefined || rest.length === 0) return undefined
  const scoped =
    rest[0] === 'namespaces' && rest.length > 2 && !(namespaceParts.has(rest[2] ?? '') && rest.length === 3)
  const namespace = scoped ? rest[1] : undefined
  const [plural, name, subresource, ...more] = scoped ? rest.slice(2) : rest
  if (plural === undefined || more.length > 0) return undefined
  return { group, version, namespace, plural, name, subresource }
}

const namespaceParts = new Set(['status', 'finalize'])

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest(`the path is not well formed: ${part}`)
  }
}

/** A number of a query parameter, or `undefined` without one. */
export function numberParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!Number.isInteger(value)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  return value
}

export function flagParameter(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text !== null && text !== 'false' && text !== '0'
}
