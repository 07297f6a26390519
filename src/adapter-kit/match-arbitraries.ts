import fc from 'fast-check'
import type { Feature } from '../mesh/capabilities.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../mesh/match.ts'
import type { Supports } from './supports.ts'

/** Small pools, so that matches overlap and requests hit them. */
export const paths = ['/a', '/a/b', '/ab', '/a/b/c', '/c', '/', '/a.b', '/a/', '/ab/x']
export const callPaths = ['/shop.Cart/Add', '/shop.Cart/Clear', '/shop.Stock/Add', '/Ping/Do_1']
export const values = ['yes', 'no', 'yes-no', 'a.b', '1']
export const methods = ['GET', 'POST', 'PUT', 'DELETE']
const regexes = ['y.*', 'yes|yes-no', 'no', '.+', '.*', '(?i)YES', '[^y].*', 'a\\.b', '^(?:no|1)$', '\\d+']
const pathRegexes = ['/a.*', '/a|/ab', '/[a-z]+', '/a(/.*)?', '/(a|c)/?.*', '/a\\.b', '.*', '^/a/b$', '/c']
const cookieRegexes = ['y.*', 'yes|yes-no', '[^n].*', '\\S+', '.', 'no', '[a-z]+']
const headerNames = ['x-a', 'x-b', 'X-C']

/** What a match may ask for, without which there are none. */
export const conditions: readonly Feature[] = [
  'pathExact',
  'pathPrefix',
  'pathPrefixString',
  'pathRegex',
  'methodMatch',
  'headerExact',
  'headerPrefix',
  'headerRegex',
  'headerPresent',
  'headerAbsent',
  'cookieMatch',
  'queryMatch',
]

export function matchArbitrary(supports: Supports, path: fc.Arbitrary<PathMatch> | undefined): fc.Arbitrary<HttpMatch> {
  const optional = <Value>(value: fc.Arbitrary<Value> | false | undefined) =>
    value ? fc.option(value, { nil: undefined, freq: 2 }) : fc.constant(undefined)
  const header = headerArbitrary(supports)
  const headers = header && fc.uniqueArray(header, { minLength: 1, maxLength: 2, selector: ({ name }) => name })
  const params = fc.uniqueArray(queryArbitrary(supports), { minLength: 1, maxLength: 2, selector: ({ name }) => name })
  return fc
    .record({
      path: optional(path),
      methods: optional(supports('methodMatch') && fc.subarray(methods, { minLength: 1, maxLength: 2 })),
      headers: optional(headers),
      cookies: optional(supports('cookieMatch') && cookieArbitrary.map((cookie) => [cookie])),
      queryParams: optional(supports('queryMatch') && params),
    })
    .map(({ path: condition, methods: verbs, headers: fields, cookies, queryParams }) => ({
      ...(condition && { path: condition }),
      ...(verbs && { methods: verbs }),
      ...(fields && { headers: fields }),
      ...(cookies && { cookies }),
      ...(queryParams && { queryParams }),
    }))
    .filter((match) => Object.keys(match).length > 0)
}

/** Undefined when the mesh looks at no path. */
export function pathArbitrary(supports: Supports): fc.Arbitrary<PathMatch> | undefined {
  const path = fc.constantFrom(...paths)
  return oneOfSupported<PathMatch>(supports, {
    pathExact: path.map((exact) => ({ exact })),
    pathPrefix: path.map((prefixPath) => ({ prefixPath })),
    pathPrefixString: path.map((prefixString) => ({ prefixString })),
    pathRegex: fc.constantFrom(...pathRegexes).map((regex) => ({ regex })),
  })
}

/** Undefined when the mesh does not tell calls apart. */
export function callPathArbitrary(supports: Supports): fc.Arbitrary<PathMatch> | undefined {
  if (!supports('grpcMatch')) return undefined
  const kinds: fc.Arbitrary<PathMatch>[] = [
    fc.constantFrom(...callPaths).map((exact) => ({ exact })),
    fc.constantFrom({ prefixPath: '/shop.Cart' }, { prefixString: '/shop.Cart/' }, { prefixPath: '/shop.Cart/Add' }),
    fc.constantFrom({ exact: '/a' }, { prefixPath: '/a/b/c' }, { prefixPath: '/' }),
  ]
  if (supports('grpcMethodOnly')) kinds.push(fc.constant({ regex: '/[^/]+/Add' }))
  if (supports('grpcPath')) kinds.push(fc.constantFrom({ regex: '/shop\\..*' }, { prefixString: '/shop.Cart/A' }))
  return fc.oneof(...kinds)
}

/** Undefined when the mesh looks at no header. */
function headerArbitrary(supports: Supports): fc.Arbitrary<HeaderMatch> | undefined {
  const name = fc.constantFrom(...headerNames)
  const value = fc.constantFrom(...values)
  return oneOfSupported<HeaderMatch>(supports, {
    headerExact: fc.record({ name, exact: value }),
    headerPrefix: fc.record({ name, prefix: value }),
    headerRegex: fc.record({ name, regex: fc.constantFrom(...regexes) }),
    headerPresent: fc.record({ name, present: fc.constant(true as const) }),
    headerAbsent: fc.record({ name, absent: fc.constant(true as const) }),
  })
}

export function eitherOf<Value>(
  ...kinds: readonly (fc.Arbitrary<Value> | undefined)[]
): fc.Arbitrary<Value> | undefined {
  const there = kinds.flatMap((kind) => kind ?? [])
  return there.length === 0 ? undefined : fc.oneof(...there)
}

function oneOfSupported<Value>(
  supports: Supports,
  kinds: Partial<Record<Feature, fc.Arbitrary<Value>>>,
): fc.Arbitrary<Value> | undefined {
  return eitherOf(...(Object.keys(kinds) as Feature[]).filter(supports).map((feature) => kinds[feature]))
}

const cookieArbitrary: fc.Arbitrary<ValueMatch> = fc.oneof(
  fc.record({ name: fc.constantFrom('u', 'v'), exact: fc.constantFrom(...values) }),
  fc.record({ name: fc.constantFrom('u', 'v'), regex: fc.constantFrom(...cookieRegexes) }),
  fc.record({ name: fc.constantFrom('u', 'v'), present: fc.constant(true as const) }),
)

function queryArbitrary(supports: Supports): fc.Arbitrary<ValueMatch> {
  const name = fc.constantFrom('q', 'p')
  const kinds: fc.Arbitrary<ValueMatch>[] = [
    fc.record({ name, exact: fc.constantFrom(...values) }),
    fc.record({ name, present: fc.constant(true as const) }),
  ]
  if (supports('queryRegex')) kinds.push(fc.record({ name, regex: fc.constantFrom(...regexes) }))
  return fc.oneof(...kinds)
}
