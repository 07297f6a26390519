import { type Fields, isFields, otherFields } from './fields.ts'
import { callNameProblem, type GrpcCalls, pathOfCalls } from './grpc-call.ts'
import type { HeaderMatch, HttpMatch, PathMatch, StringMatch, ValueMatch } from './match.ts'
import { regexProblem } from './regex.ts'
import { readSmiHeaders, readSmiPath } from './smi-match.ts'

/** Takes what is wrong with a value: where it stands, and what it is. */
export interface ProblemSink {
  /** Not of the shape that the types promise. */
  malformed(problem: string): void
  /** A regular expression that cannot be used. */
  regex(field: string, regex: string, problem: string): void
}

const matchKeys = ['path', 'pathRegex', 'grpc', 'methods', 'headers', 'cookies', 'queryParams', 'sniHosts', 'name']

/**
 * A match as a worker returned it, in neutral or in SMI's words (`pathRegex`, `headers` as maps of expressions, the method
 * `*`). Workers may be plain JavaScript, so nothing about the value is taken for granted. Undefined when there was a problem.
 */
export function readMatch(value: unknown, where: string, problems: ProblemSink): HttpMatch | undefined {
  if (!isFields(value)) return fail(problems, `${where} is not an object`)
  const unknown = Object.keys(value).find((key) => !matchKeys.includes(key))
  if (unknown !== undefined) return fail(problems, `${where} has the unknown field ${unknown}`)
  const calls = readCalls(value, where, problems)
  if (calls === 'bad') return undefined
  const path = calls ? pathOfCalls(calls) : readPath(value, where, problems)
  const methods = calls ? ['POST'] : readMethods(value['methods'], `${where}.methods`, problems)
  const headers = readHeaders(value['headers'], `${where}.headers`, problems)
  const cookies = readValues(value['cookies'], `${where}.cookies`, problems)
  const queryParams = readValues(value['queryParams'], `${where}.queryParams`, problems)
  const sniHosts = readServerNames(value, `${where}.sniHosts`, problems)
  if (sniHosts === 'bad') return undefined
  if (path === 'bad' || methods === 'bad' || headers === 'bad' || cookies === 'bad' || queryParams === 'bad')
    return undefined
  return {
    ...(path && { path }),
    ...(methods && { methods }),
    ...(headers && { headers }),
    ...(cookies && { cookies }),
    ...(queryParams && { queryParams }),
    ...(sniHosts && { sniHosts }),
  }
}

/** Beside names nothing else can be asked: a proxy that lets TLS through sees no request. */
function readServerNames(match: Fields, where: string, problems: ProblemSink): Read<string[]> {
  const value = match['sniHosts']
  if (value === undefined) return undefined
  if (!isTexts(value) || value.length === 0) return bad(problems, `${where} is not a list with a server name in it`)
  if (otherFields(match, ['sniHosts', 'name']).length > 0)
    return bad(problems, `${where} stands beside conditions on requests, which TLS hides`)
  return value
}

type Read<Value> = Value | undefined | 'bad'

/** Names of services and methods, which say all that there is to say about the path, the method and the query of a call. */
function readCalls(match: Fields, where: string, problems: ProblemSink): Read<GrpcCalls> {
  const { grpc } = match
  if (grpc === undefined) return undefined
  const rival = ['path', 'pathRegex', 'methods', 'queryParams'].find((key) => match[key] !== undefined)
  if (rival !== undefined) return bad(problems, `${where} has both grpc and ${rival}`)
  const parts = isFields(grpc) ? Object.entries(grpc) : []
  const names = parts.filter(([part, name]) => (part === 'service' || part === 'method') && typeof name === 'string')
  if (names.length === 0 || names.length < parts.length)
    return bad(problems, `${where}.grpc needs service, method or both, as texts`)
  const calls: GrpcCalls = Object.fromEntries(names)
  for (const part of ['service', 'method'] as const) {
    const problem = calls[part] === undefined ? undefined : callNameProblem(part, calls[part])
    if (problem !== undefined)
      return bad(problems, `${where}.grpc.${part} ${JSON.stringify(calls[part])} is no ${part} of gRPC: ${problem}`)
  }
  return calls
}

function readPath(match: Fields, where: string, problems: ProblemSink): Read<PathMatch> {
  const { path, pathRegex } = match
  if (path !== undefined && pathRegex !== undefined) return bad(problems, `${where} has both path and pathRegex`)
  if (pathRegex !== undefined) {
    if (typeof pathRegex !== 'string') return bad(problems, `${where}.pathRegex is not a string`)
    return usable(pathRegex, `${where}.pathRegex`, problems) ? readSmiPath(pathRegex) : 'bad'
  }
  if (path === undefined) return undefined
  const [kind, text] = oneCondition(path, ['exact', 'prefixPath', 'prefixString', 'regex'], []) ?? []
  if (typeof text !== 'string')
    return bad(problems, `${where}.path needs one of exact, prefixPath, prefixString and regex`)
  if (kind === 'exact') return { exact: text }
  if (kind === 'prefixPath') return { prefixPath: text }
  if (kind === 'prefixString') return { prefixString: text }
  return usable(text, `${where}.path.regex`, problems) ? { regex: text } : 'bad'
}

function readMethods(value: unknown, where: string, problems: ProblemSink): Read<string[]> {
  if (value === undefined) return undefined
  if (!isTexts(value)) return bad(problems, `${where} is not a list of methods`)
  return value.length === 0 || value.includes('*') ? undefined : value
}

function readHeaders(value: unknown, where: string, problems: ProblemSink): Read<HeaderMatch[]> {
  if (value === undefined) return undefined
  const entries = Array.isArray(value) ? value : [value]
  const headers = entries.flatMap((entry, index) =>
    readHeader(entry, Array.isArray(value) ? `${where}[${index}]` : where, problems),
  )
  const read = headers.filter((header) => header !== 'bad')
  return read.length === headers.length ? read : 'bad'
}

function readHeader(entry: unknown, where: string, problems: ProblemSink): (HeaderMatch | 'bad')[] {
  if (isTextMap(entry) && !isNeutralHeader(entry)) {
    const headers = readSmiHeaders(entry)
    return Object.values(entry).every((regex) => usable(regex, where, problems)) ? headers : ['bad']
  }
  const kinds = ['exact', 'prefix', 'regex', 'present', 'absent']
  const [kind, text] = oneCondition(entry, kinds, ['name']) ?? []
  const name = isFields(entry) ? entry['name'] : undefined
  if (typeof name !== 'string') return [bad(problems, `${where} needs a name and one of ${kinds.join(', ')}`)]
  if (kind === 'present' && text === true) return [{ name, present: true }]
  if (kind === 'absent' && text === true) return [{ name, absent: true }]
  const condition = typeof text === 'string' ? readString(kind, text, where, problems) : undefined
  if (condition === undefined) return [bad(problems, `${where} needs one of ${kinds.join(', ')}`)]
  return condition === 'bad' ? ['bad'] : [{ name, ...condition }]
}

function readString(kind: string | undefined, text: string, where: string, problems: ProblemSink): Read<StringMatch> {
  if (kind === 'exact') return { exact: text }
  if (kind === 'prefix') return { prefix: text }
  if (kind !== 'regex') return undefined
  return usable(text, `${where}.regex`, problems) ? { regex: text } : 'bad'
}

function readValues(value: unknown, where: string, problems: ProblemSink): Read<ValueMatch[]> {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return bad(problems, `${where} is not a list`)
  const values = value.map((entry, index) => readValue(entry, `${where}[${index}]`, problems))
  const read = values.filter((condition) => condition !== 'bad')
  return read.length === values.length ? read : 'bad'
}

function readValue(entry: unknown, where: string, problems: ProblemSink): ValueMatch | 'bad' {
  const [kind, text] = oneCondition(entry, ['exact', 'regex', 'present'], ['name']) ?? []
  const name = isFields(entry) ? entry['name'] : undefined
  if (typeof name !== 'string') return bad(problems, `${where} needs a name and one of exact, regex, present`)
  if (kind === 'present' && text === true) return { name, present: true }
  if (kind === 'exact' && typeof text === 'string') return { name, exact: text }
  if (kind === 'regex' && typeof text === 'string')
    return usable(text, `${where}.regex`, problems) ? { name, regex: text } : 'bad'
  return bad(problems, `${where} needs one of exact, regex, present`)
}

/** The only key of an object besides `others`, when it is one of `kinds`, and its value. */
function oneCondition(
  value: unknown,
  kinds: readonly string[],
  others: readonly string[],
): [string, unknown] | undefined {
  if (!isFields(value)) return undefined
  const rest = Object.entries(value).filter(([key]) => !others.includes(key))
  const only = rest[0]
  return rest.length === 1 && only !== undefined && kinds.includes(only[0]) ? only : undefined
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return isFields(value) && Object.values(value).every((item) => typeof item === 'string')
}

/** SMI's map with one key may be about a header called `name`; a neutral condition has a second key. */
function isNeutralHeader(entry: Readonly<Record<string, string>>): boolean {
  return 'name' in entry && ['exact', 'prefix', 'regex'].some((kind) => kind in entry)
}

function usable(regex: string, field: string, problems: ProblemSink): boolean {
  const problem = regexProblem(regex)
  if (problem !== undefined) problems.regex(field, regex, problem)
  return problem === undefined
}

function bad(problems: ProblemSink, problem: string): 'bad' {
  problems.malformed(problem)
  return 'bad'
}

function fail(problems: ProblemSink, problem: string): undefined {
  problems.malformed(problem)
}
