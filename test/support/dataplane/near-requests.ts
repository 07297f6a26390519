import { fc } from '@fast-check/vitest'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../../../src/mesh/match.ts'
import { matchesWhole } from '../../../src/mesh/regex.ts'
import type { MeshRequest } from '../../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../../src/mesh/traffic.ts'

/** What is tried where an expression says what a value may be. */
const values = ['yes', 'no', 'yes-no', 'a.b', '1', 'YES', '', 'x y', 'a+b', 'ye%73', '0', ';']
const paths = ['/a', '/a/b', '/ab', '/a/b/c', '/c', '/', '/a.b', '/a/', '/ab/x', '/a//b', '/A', '/axb', '/a%2Fb']
const callPaths = ['/shop.Cart/Add', '/shop.Cart/Get', '/shop.Cart/AddAll', '/shop.Carts/Add', '/other.Cart/Add']
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']

/** A request as it is put together; the cookies are joined at the end. */
interface Draft {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly (readonly [string, string])[]
  readonly query: Readonly<Record<string, string>>
}

/**
 * Requests near the matches of some traffic: most satisfy one of them, or all but one of its conditions, or satisfy that condition
 * only almost (a longer path, an empty value, other letters). `ports` are those of the apex, with rules or without.
 */
export function nearRequests(traffic: ServiceTraffic, ports: readonly number[]): fc.Arbitrary<MeshRequest> {
  return fc.constantFrom(...ports).chain((port) => {
    const rules = traffic.ports.find((one) => one.port === port)?.rules ?? []
    const matches = rules.flatMap((rule) => (rule.matches.length === 0 ? [{}] : rule.matches))
    return fc
      .constantFrom(...(matches.length === 0 ? [{}] : matches))
      .chain(satisfying)
      .chain((draft) =>
        fc.oneof({ weight: 2, arbitrary: fc.constant(draft) }, { weight: 3, arbitrary: changed(draft) }),
      )
      .chain((draft) => finished(draft))
      .map((request): MeshRequest => ({ service: traffic.service, port, ...request }))
  })
}

/** The same for ports that speak gRPC, where every request is a call. */
export function nearCalls(traffic: ServiceTraffic, ports: readonly number[]): fc.Arbitrary<MeshRequest> {
  const isCall = (path: string) => /^(\/[^/]+){2}$/.test(path)
  return fc.tuple(nearRequests(traffic, ports), fc.constantFrom(...callPaths)).map(([request, path]) => ({
    ...request,
    method: 'POST',
    path: isCall(request.path) ? request.path : path,
    query: {},
  }))
}

function satisfying({
  path,
  methods: verbs,
  headers = [],
  cookies = [],
  queryParams = [],
}: HttpMatch): fc.Arbitrary<Draft> {
  const named = <Condition extends HeaderMatch | ValueMatch>(conditions: readonly Condition[]) =>
    fc.tuple(...conditions.map((one) => valueFor(one).map((value) => [one.name.toLowerCase(), value] as const)))
  const present = headers.filter((header) => !('absent' in header))
  return fc
    .record({
      path: path === undefined ? fc.constantFrom(...paths) : pathFor(path),
      method: fc.constantFrom(...(verbs ?? methods)),
      headers: named(present),
      cookies: named(cookies),
      query: named(queryParams),
    })
    .map((draft) => ({
      ...draft,
      headers: Object.fromEntries(draft.headers),
      query: Object.fromEntries(draft.query),
    }))
}

function pathFor(condition: PathMatch): fc.Arbitrary<string> {
  if ('exact' in condition) return fc.constant(condition.exact)
  if ('prefixPath' in condition) {
    const prefix = condition.prefixPath.replace(/\/+$/, '')
    return fc.constantFrom('', '/', '/x', '/b/c').map((rest) => prefix + rest || '/')
  }
  if ('prefixString' in condition) return fc.constantFrom('', 'x', '/x').map((rest) => condition.prefixString + rest)
  return fc.constantFrom(...taken(paths, (path) => matchesWhole(condition.regex, path)))
}

function valueFor(condition: HeaderMatch | ValueMatch): fc.Arbitrary<string> {
  if ('exact' in condition) return fc.constant(condition.exact)
  if ('prefix' in condition) return fc.constantFrom('', 'x', '-no').map((rest) => condition.prefix + rest)
  if ('regex' in condition) return fc.constantFrom(...taken(values, (value) => matchesWhole(condition.regex, value)))
  return fc.constantFrom(...values)
}

/** Those that hold, or all when none does. */
function taken(all: readonly string[], holds: (value: string) => boolean): string[] {
  const some = all.filter(holds)
  return some.length === 0 ? [...all] : some
}

/** One thing about it made different. */
function changed(draft: Draft): fc.Arbitrary<Draft> {
  const paths = fc
    .constantFrom('bar', '/', '/x', '.x')
    .map((rest) => `${draft.path}${rest}`)
    .map((path) => ({ ...draft, path }))
  const shorter = fc.constant({ ...draft, path: draft.path.slice(0, -1) || '/' })
  const method = fc.constantFrom(...methods).map((verb) => ({ ...draft, method: verb }))
  const choices = [paths, shorter, method]
  for (const name of Object.keys(draft.headers)) {
    choices.push(
      changedValue(draft.headers[name] ?? '').map((value) => ({
        ...draft,
        headers: withValue(draft.headers, name, value),
      })),
    )
  }
  for (const name of Object.keys(draft.query)) {
    choices.push(
      changedValue(draft.query[name] ?? '').map((value) => ({ ...draft, query: withValue(draft.query, name, value) })),
    )
  }
  if (draft.cookies.length > 0) {
    const [name, value] = draft.cookies[0] ?? ['u', '']
    choices.push(
      fc
        .constantFrom([`${name}${name}`, value] as const, [name, `${value}x`] as const, [name, ''] as const)
        .map((cookie) => ({
          ...draft,
          cookies: [cookie, ...draft.cookies.slice(1)],
        })),
    )
  }
  const more = fc
    .tuple(fc.constantFrom('x-a', 'x-b', 'x-c'), fc.constantFrom(...values))
    .map(([name, value]) => ({ ...draft, headers: { ...draft.headers, [name]: value } }))
  return fc.oneof(...choices, more)
}

/** Undefined: left out. */
function changedValue(value: string): fc.Arbitrary<string | undefined> {
  return fc.constantFrom(undefined, '', `${value}x`, `x${value}`, value.toUpperCase(), ...values)
}

function withValue(
  all: Readonly<Record<string, string>>,
  name: string,
  value: string | undefined,
): Record<string, string> {
  const { [name]: _old, ...rest } = all
  return value === undefined ? rest : { ...rest, [name]: value }
}

/** Cookies among others, as browsers send them and as they do not; characters that end a value in a query taken out. */
function finished({ cookies, headers, query, ...rest }: Draft): fc.Arbitrary<Omit<MeshRequest, 'service' | 'port'>> {
  const others = fc.subarray([['s', '1'] as const, ['uv', 'yes'] as const, ['v', 'no'] as const])
  return fc
    .tuple(others, fc.subarray([['t', ''] as const, ['u', 'no'] as const]), fc.constantFrom('; ', ';', ';  '))
    .map(([before, after, separator]) => {
      const all = cookies.length === 0 && before.length > 1 ? [] : [...before, ...cookies, ...after]
      const cookie = all.map(([name, value]) => `${name}=${value}`).join(separator)
      const encoded = Object.entries(query).map(([name, value]) => [name, value.replaceAll(' ', '+')] as const)
      return {
        ...rest,
        headers: { ...headers, ...(cookie !== '' && { cookie }) },
        query: Object.fromEntries(encoded),
      }
    })
}
