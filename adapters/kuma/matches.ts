import { cookiePattern } from '../../src/mesh/cookie-pattern.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../../src/mesh/match.ts'
import { matchesWhole } from '../../src/mesh/regex.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import type { HeaderCondition, RouteMatch } from './mesh-http-route.ts'

/** One match per method, as there is one method in a match; a rule without conditions is the prefix `/`. */
export function writeMatches(matches: readonly HttpMatch[]): object[] {
  return (matches.length === 0 ? [{}] : matches).flatMap(writeMatch)
}

/** The path is always written: how a match without one compares to the prefix `/` of the last rule is not for us to find out. */
function writeMatch({ path, methods, headers = [], cookies = [], queryParams = [] }: HttpMatch): object[] {
  const conditions = [
    ...headers.map(writeHeader),
    ...cookies.map((cookie) => ({ name: 'cookie', type: 'RegularExpression', value: cookiePattern(cookie) })),
  ]
  const match = {
    path: writePath(path ?? { prefixPath: '/' }),
    ...(conditions.length > 0 && { headers: conditions }),
    ...(queryParams.length > 0 && { queryParams: queryParams.map(writeQueryParam) }),
  }
  return methods === undefined ? [match] : methods.map((method) => ({ ...match, method }))
}

/** Expressions take whole values, as Envoy compares them. */
function writePath(path: PathMatch): object {
  if ('exact' in path) return { type: 'Exact', value: path.exact }
  if ('regex' in path) return { type: 'RegularExpression', value: path.regex }
  if ('prefixString' in path) throw new Error('a prefix by characters has passed the check')
  // A final slash means nothing to a prefix, but its length would count when matches compete.
  return { type: 'PathPrefix', value: path.prefixPath.replace(/\/+$/, '') || '/' }
}

/** Names are in lower case in Kuma's schema. */
function writeHeader(header: HeaderMatch): object {
  const name = header.name.toLowerCase()
  if ('exact' in header) return { name, type: 'Exact', value: header.exact }
  if ('prefix' in header) return { name, type: 'Prefix', value: header.prefix }
  if ('regex' in header) return { name, type: 'RegularExpression', value: header.regex }
  return { name, type: 'present' in header ? 'Present' : 'Absent' }
}

function writeQueryParam(param: ValueMatch): object {
  if ('exact' in param) return { name: param.name, type: 'Exact', value: param.exact }
  return { name: param.name, type: 'RegularExpression', value: 'regex' in param ? param.regex : '.*' }
}

/** The match in neutral words. */
export function readMatch({ path, method, headers, queryParams }: RouteMatch): HttpMatch {
  return {
    path: readPath(path),
    ...(method !== undefined && { methods: [method] }),
    ...(headers.length > 0 && { headers: headers.map(readHeader) }),
    ...(queryParams.length > 0 && {
      queryParams: queryParams.map(
        ({ name, regex, value }): ValueMatch => (regex ? { name, regex: value } : { name, exact: value }),
      ),
    }),
  }
}

function readPath({ type, value }: RouteMatch['path']): PathMatch {
  if (type === 'Exact') return { exact: value }
  return type === 'RegularExpression' ? { regex: value } : { prefixPath: value }
}

function readHeader({ name, type, value }: HeaderCondition): HeaderMatch {
  switch (type) {
    case 'Exact':
      return { name, exact: value }
    case 'Prefix':
      return { name, prefix: value }
    case 'RegularExpression':
      return { name, regex: value }
    case 'Present':
      return { name, present: true }
    case 'Absent':
      return { name, absent: true }
  }
}

/** Whether Envoy takes a request by this match: prefixes of a path go by segments, expressions take whole values. */
export function routeMatchHolds({ path, method, headers, queryParams }: RouteMatch, request: MeshRequest): boolean {
  return (
    pathHolds(path, request.path) &&
    (method === undefined || method === request.method) &&
    headers.every((header) => headerHolds(header, request.headers[header.name])) &&
    queryParams.every(({ name, regex, value }) => {
      const sent = request.query[name]
      return sent !== undefined && (regex ? matchesWhole(value, sent) : sent === value)
    })
  )
}

function pathHolds({ type, value }: RouteMatch['path'], path: string): boolean {
  if (type === 'Exact') return path === value
  if (type === 'RegularExpression') return matchesWhole(value, path)
  const prefix = value.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}

function headerHolds({ type, value }: HeaderCondition, sent: string | undefined): boolean {
  if (type === 'Absent') return sent === undefined
  if (sent === undefined) return false
  switch (type) {
    case 'Present':
      return true
    case 'Exact':
      return sent === value
    case 'Prefix':
      return sent.startsWith(value)
    case 'RegularExpression':
      return matchesWhole(value, sent)
  }
}
