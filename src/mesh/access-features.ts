import type { AccessGrant, WorkloadAccess } from './access.ts'
import { normalAccess } from './access-normal-form.ts'
import type { AccessFeature } from './capabilities.ts'
import { disjoint } from './disjoint.ts'
import type { HeaderMatch, HttpMatch, PathMatch } from './match.ts'
import { normalMatch } from './normal-match.ts'
import { literalOf } from './regex.ts'
import { serviceName } from './service.ts'

/** What access asks of a mesh. The access is in normal form. */
export function accessFeaturesOf(access: WorkloadAccess): Set<AccessFeature> {
  const features = new Set<AccessFeature>([access.grants.length === 0 ? 'accessNobody' : 'accessPolicy'])
  if (access.ports) features.add('accessSomePorts')
  for (const { ports, matches } of access.grants) {
    if (ports) features.add('accessPorts')
    for (const match of matches ?? []) for (const feature of matchFeatures(match)) features.add(feature)
  }
  const ports = new Set([undefined, ...access.grants.flatMap((grant) => grant.ports ?? [])])
  const overlaps = [...ports].some((port) => overlappingGrants(grantsOnPort(access, port)) !== undefined)
  if (overlaps) features.add('accessOverlap')
  return features
}

/** What is granted on one port, or on those that no grant names; in normal form and without ports. */
export function grantsOnPort(access: WorkloadAccess, port: number | undefined): readonly AccessGrant[] {
  const grants = access.grants.flatMap(({ ports, ...grant }) => {
    return ports === undefined || (port !== undefined && ports.includes(port)) ? [grant] : []
  })
  return normalAccess({ destination: access.destination, grants }).grants
}

/** Two grants with matches to different sources of which one request may satisfy both; a grant without matches is none of them. */
export function overlappingGrants(grants: readonly AccessGrant[]): readonly [AccessGrant, AccessGrant] | undefined {
  for (const [index, later] of grants.entries()) {
    const rival = grants.slice(0, index).find((earlier) => compete(earlier, later))
    if (rival !== undefined) return [rival, later]
  }
  return undefined
}

/** The text that a path or value has to end with, where an expression says no more than that. */
export function suffixOf(regex: string): string | undefined {
  const text = regex.startsWith('.*') ? literalOf(regex.slice(2)) : undefined
  return text === '' ? undefined : text
}

/** The segments of a path, `undefined` for those that may be anything, where an expression says no more than that. */
export function segmentsOf(regex: string): (string | undefined)[] | undefined {
  if (!regex.startsWith('/')) return undefined
  const parts = regex.slice(1).split(/\/(?![\]])/)
  const segments = parts.map((part) => (part === '[^/]+' ? 'any' : literalOf(part)))
  if (segments.includes(undefined) || !parts.includes('[^/]+')) return undefined
  return parts.map((part) => (part === '[^/]+' ? undefined : literalOf(part)))
}

function compete(a: AccessGrant, b: AccessGrant): boolean {
  if (a.matches === undefined || b.matches === undefined) return false
  if (a.ports && b.ports && !a.ports.some((port) => b.ports?.includes(port))) return false
  if (a.sources.map(serviceName).join() === b.sources.map(serviceName).join()) return false
  return a.matches.some((one) => b.matches?.some((other) => !disjoint(normalMatch(one), normalMatch(other))))
}

function* matchFeatures(match: HttpMatch): Generator<AccessFeature> {
  yield 'accessHttp'
  if (match.path) yield* pathFeatures(match.path)
  for (const header of match.headers ?? []) yield* headerFeatures(header)
  if (match.cookies) yield 'accessCookies'
  if (match.queryParams) yield 'accessQuery'
  const names = [...(match.headers ?? []).map(({ name }) => name), ...(match.cookies ?? []).map(() => 'cookie')]
  const params = (match.queryParams ?? []).map(({ name }) => name)
  if (new Set(names).size < names.length || new Set(params).size < params.length) yield 'accessRepeatedName'
}

function* pathFeatures(path: PathMatch): Generator<AccessFeature> {
  if (!('regex' in path)) {
    if (Object.values(path).join('').includes('*')) yield 'accessLiteralStar'
    return
  }
  const suffix = suffixOf(path.regex)
  const segments = segmentsOf(path.regex)
  const literals = suffix ?? segments?.join('/')
  if (literals?.includes('*')) yield 'accessLiteralStar'
  yield suffix !== undefined ? 'accessSuffix' : segments !== undefined ? 'accessSegments' : 'accessPathRegex'
}

function* headerFeatures(header: HeaderMatch): Generator<AccessFeature> {
  if ('absent' in header) yield 'accessHeaderAbsent'
  else if ('regex' in header) {
    const suffix = suffixOf(header.regex)
    if (suffix?.includes('*')) yield 'accessLiteralStar'
    yield suffix === undefined ? 'accessHeaderRegex' : 'accessSuffix'
  } else {
    yield 'accessHeaders'
    const text = 'exact' in header ? header.exact : 'prefix' in header ? header.prefix : ''
    if (text.includes('*')) yield 'accessLiteralStar'
  }
}
