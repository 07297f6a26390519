import { serverNameProblem } from '../../mesh/server-names.ts'
import { UsageError } from '../io.ts'

/** A request as it is typed, host and port still to be resolved. */
export interface TypedRequest {
  readonly method: string
  readonly host: string
  /** Of the URL; 80 unless given. */
  readonly port: number
  /** `host[:port]` as written: what the client sends as Host. */
  readonly authority: string
  /** As sent: neither decoded nor resolved, as meshes do that each in their way. */
  readonly path: string
  /** Of a repeated parameter the first; values as sent. */
  readonly query: Readonly<Record<string, string>>
  /** The query as sent. */
  readonly search: string
}

const form = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +http:\/\/([^\s/?#:@[\]]+)(?::(\d*))?([^\s?#]*)(?:\?([^\s#]*))?$/
const hostLabels = /^[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?)*\.?$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Reads `METHOD http://host[:port]/path?query`; throws a UsageError when it is something else. */
export function parseRequest(request: unknown): TypedRequest {
  const example = "write it as 'GET http://web.shop:8080/path?query'"
  if (typeof request !== 'string') throw new UsageError(`say which request with --request; ${example}`)
  const [, method, host, port, path = '', query = ''] = form.exec(request.trim()) ?? []
  if (method === undefined || host === undefined || !hostLabels.test(host))
    throw new UsageError(`--request ${JSON.stringify(request)} is no request; ${example}`)
  if (path !== '' && !path.startsWith('/'))
    throw new UsageError(`--request ${JSON.stringify(request)} has no path that begins with /; ${example}`)
  const number = port === undefined || port === '' ? 80 : Number(port)
  if (number < 1 || number > 65_535) throw new UsageError(`--request: ${port} is no port`)
  const authority = port === undefined || port === '' ? host : `${host}:${port}`
  const parts = { path: path || '/', query: parseQuery(query), search: query }
  return { method, host: host.toLowerCase(), port: number, authority, ...parts }
}

/** Headers by their lower-case names; repeated ones are joined with a comma. Throws a UsageError for what is none. */
export function parseHeaders(headers: unknown): Record<string, string> {
  const parsed: Record<string, string> = Object.create(null)
  for (const header of Array.isArray(headers) ? headers.map(String) : []) {
    const colon = header.indexOf(':')
    const name = header.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const value = header.slice(colon + 1).trim()
    if (colon < 0 || !token.test(name))
      throw new UsageError(`-H ${JSON.stringify(header)} is no header; write 'name: value'`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      throw new UsageError(`-H ${JSON.stringify(header)} has a character that headers do not have`)
    if (name === 'host') throw new UsageError('-H host: the host is the one of the URL; write it there')
    const before = parsed[name]
    parsed[name] = before === undefined ? value : `${before},${value}`
  }
  return { ...parsed }
}

/** The name that a TLS client asks for, in lower case; undefined when none is given. Throws a UsageError for what is none. */
export function parseServerName(given: unknown): string | undefined {
  if (given === undefined) return undefined
  const name = String(given).toLowerCase()
  const problem = name.startsWith('*') ? 'clients ask for whole names' : serverNameProblem(name)
  if (problem === undefined) return name
  throw new UsageError(`--sni ${JSON.stringify(given)} is no server name: ${problem}`)
}

function parseQuery(query: string): Record<string, string> {
  const parsed: Record<string, string> = Object.create(null)
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    if (name !== '' && parsed[name] === undefined) parsed[name] = equals < 0 ? '' : part.slice(equals + 1)
  }
  return { ...parsed }
}
