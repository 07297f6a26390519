import { cookieRegexProblem } from './cookie-pattern.ts'
import type { HttpMatch, PathMatch } from './match.ts'
import { serverNameProblem } from './server-names.ts'

export interface ValidityProblem {
  readonly field: string
  readonly value: string
  readonly problem: string
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'])
/** A token of RFC 9110: the names that the Gateway API allows for headers and query parameters. */
export const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/
/** The characters of a path in the Gateway API (HTTPPathMatch): those of RFC 3986, percent-encoding included. */
const pathCharacters = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/
/** Longest path and query value of the Gateway API, longest expression of Istio. */
const longest = 1024

/**
 * What keeps a match in normal form from being carried by any mesh: the rules that their APIs agree on. A condition that could
 * never hold is among them, as meshes normalise paths before they compare them.
 */
export function validityProblems(match: HttpMatch): ValidityProblem[] {
  const problems: ValidityProblem[] = []
  const check = (field: string, value: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push({ field, value, problem })
  }
  if (match.path !== undefined) check('path', Object.values(match.path).join(''), pathProblem(match.path))
  for (const method of match.methods ?? []) {
    check('method', method, methods.has(method) ? undefined : `it is none of ${[...methods].join(', ')}`)
  }
  for (const header of match.headers ?? []) {
    check('header', header.name, headerNameProblem(header.name))
    for (const text of texts(header)) check(`header ${header.name}`, text, valueProblem(text, false))
  }
  for (const cookie of match.cookies ?? []) {
    check('cookie', cookie.name, token.test(cookie.name) ? undefined : 'it is not a token')
    for (const text of texts(cookie)) check(`cookie ${cookie.name}`, text, valueProblem(text, true))
    if ('exact' in cookie && cookie.exact.includes(';'))
      check(`cookie ${cookie.name}`, cookie.exact, 'the value of a cookie has no ;')
    if ('regex' in cookie) check(`cookie ${cookie.name}`, cookie.regex, cookieRegexProblem(cookie.regex))
  }
  for (const name of match.sniHosts ?? []) check('server name', name, serverNameProblem(name))
  for (const param of match.queryParams ?? []) {
    check('query parameter', param.name, token.test(param.name) ? undefined : 'it is not a token')
    for (const text of texts(param)) check(`query parameter ${param.name}`, text, valueProblem(text, false))
  }
  return problems
}

export function pathProblem(path: PathMatch): string | undefined {
  if ('regex' in path) return path.regex.length > longest ? `it is longer than ${longest} characters` : undefined
  const text = 'exact' in path ? path.exact : 'prefixPath' in path ? path.prefixPath : path.prefixString
  if (!text.startsWith('/')) return 'a path begins with /'
  if (text.length > longest) return `it is longer than ${longest} characters`
  if (text.includes('?') || text.includes('#')) return 'the query and the fragment are no part of the path'
  if (!pathCharacters.test(text)) return 'it has a character that paths do not have unless encoded'
  if (text.includes('//')) return 'the Gateway API refuses //'
  if (/\/\.{1,2}(\/|$)/.test(text)) return 'meshes resolve . and .. before they compare'
  if (/%2f/i.test(text)) return 'the Gateway API refuses an encoded /'
  if (/%(?:2[dDeE]|3\d|4[1-9a-fA-F]|5[0-9aA]|5[fF]|6[1-9a-fA-F]|7[0-9aA]|7[eE])/.test(text))
    return 'meshes decode letters, digits, - . _ and ~ before they compare'
  return undefined
}

function headerNameProblem(name: string): string | undefined {
  if (!token.test(name)) return 'it is not a token'
  return name === 'host' ? 'meshes rename it; the apex is the host' : undefined
}

export function valueProblem(text: string, mayBeEmpty: boolean): string | undefined {
  if (text === '') return mayBeEmpty ? undefined : 'it is empty; say present or absent'
  if (text.length > longest) return `it is longer than ${longest} characters`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) return 'it has a control character'
  return text.trim() === text ? undefined : 'white space at its ends is not part of a value'
}

function texts(condition: object): string[] {
  return Object.entries(condition).flatMap(([kind, text]) =>
    kind !== 'name' && typeof text === 'string' ? [text] : [],
  )
}
