import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { describeDestination, labelText, mayOverlap, type WorkloadAccess } from './access.ts'
import { accessFeaturesOf } from './access-features.ts'
import { normalAccess } from './access-normal-form.ts'
import type { MeshAdapter } from './adapter.ts'
import type { AccessFeature } from './capabilities.ts'
import { matchHolds } from './http-match.ts'
import type { HttpMatch } from './match.ts'
import { describePods, type MtlsPolicy, normalMtls } from './mtls.ts'
import { accountOf, mayShare, type Probe, selectionsOf, strangersAmong, type WorkloadDirectory } from './workloads.ts'

/** How messages call a feature. */
export const accessFeatureNames: Readonly<Record<AccessFeature, string>> = {
  accessPolicy: 'an access policy',
  accessNobody: 'an access policy that lets nobody in',
  accessPorts: 'access to some ports only',
  accessSomePorts: 'an access policy for some ports that leaves the others as they are',
  accessHttp: 'access for some requests only',
  accessSuffix: 'access by the end of a path or value',
  accessSegments: 'access by single segments of a path',
  accessPathRegex: 'access by a path expression',
  accessHeaders: 'access by headers',
  accessHeaderRegex: 'access by a header expression',
  accessHeaderAbsent: 'access by a header that must be absent',
  accessCookies: 'access by cookies',
  accessQuery: 'access by query parameters',
  accessRepeatedName: 'access by two conditions on one header, or on two cookies, in one match',
  accessLiteralStar: 'access by a path or value with a * in it',
  accessOverlap: 'access of different sources to the same requests',
  mtlsStrict: 'mutual TLS as a must',
  mtlsPermissive: 'mutual TLS where clients have it',
  mtlsDisable: 'mutual TLS turned off',
  mtlsPort: 'mutual TLS by port',
  mtlsNamespace: 'mutual TLS of a whole namespace',
  mtlsWithAccess: 'mutual TLS of pods that have an access policy',
}

/** Everything that keeps a mesh from carrying this access; empty when `translate` may have it. Never throws. */
export function checkAccess(access: WorkloadAccess, adapter: MeshAdapter, workloads: WorkloadDirectory): Diagnostic[] {
  const pods = describeDestination(access.destination)
  const normal = normalAccess(access)
  const refusals = unsupportedFeatures([...accessFeaturesOf(normal)], pods, adapter)
  if (adapter.access === undefined || refusals.length > 0) return refusals
  const { names, perPort, problems } = adapter.access
  if (names === 'serviceAccount') {
    const known = accountOf(access.destination, workloads)
    return known === undefined ? [diagnostic('AP2172', { mesh: adapter.name, pods })] : []
  }
  const selections = selectionsOf(access.destination, workloads)
  if (selections.length === 0) return [diagnostic('AP2170', { mesh: adapter.name, account: pods })]
  const strangers = strangersAmong(access.destination, workloads).map(({ namespace, name, serviceAccount }) => {
    const facts = { workload: `${namespace}/${name}`, other: serviceAccount }
    return diagnostic('AP2171', { mesh: adapter.name, account: pods, ...facts })
  })
  if (perPort === undefined) return strangers.length > 0 ? strangers : (problems?.(access, workloads) ?? [])
  return [
    ...strangers,
    ...selections.flatMap(({ ports, labels }) => {
      const { namespace } = access.destination
      return portProblems(access, ports, describePods({ namespace, labels }), adapter.name)
    }),
    ...sizeProblems(normal, pods, adapter.name, perPort.matches),
    ...selections.flatMap(({ probes }) =>
      probes.flatMap((probe) => {
        const refused = normal.grants.some(({ ports, matches = [] }) => {
          if (ports !== undefined && !ports.includes(probe.port)) return false
          return matches.some((match) => isTaken(match, probe) && !(perPort.precedence(match, asMatch(probe)) > 0))
        })
        const { port, path } = probe
        return refused ? [diagnostic('AP2176', { mesh: adapter.name, pods, port, path })] : []
      }),
    ),
  ]
}

/** Destinations that share pods, where a mesh cannot have two policies for them. */
export function checkSharedPods(
  accesses: readonly WorkloadAccess[],
  adapter: MeshAdapter,
  workloads: WorkloadDirectory,
): Diagnostic[] {
  if (adapter.access?.perPort === undefined) return []
  return accesses.flatMap((later, index) => {
    const rival = accesses
      .slice(0, index)
      .find((earlier) => mayShare(earlier.destination, later.destination, workloads))
    if (rival === undefined) return []
    const [first, second] = [rival, later].map(({ destination }) => describeDestination(destination))
    return [diagnostic('AP2175', { mesh: adapter.name, first: first ?? '', second: second ?? '' })]
  })
}

/** Everything that keeps a mesh from carrying this mutual TLS, beside the access policies that are there. */
export function checkMtls(
  policy: MtlsPolicy,
  accesses: readonly WorkloadAccess[],
  adapter: MeshAdapter,
  workloads: WorkloadDirectory,
): Diagnostic[] {
  const pods = describePods(policy)
  const { namespace, labels, mode, ports } = normalMtls(policy)
  const destination = { namespace, labels }
  const features = mtlsFeaturesOf(policy)
  const others = Object.values(ports)
  if (accesses.some((access) => mayShare(access.destination, destination, workloads))) features.add('mtlsWithAccess')
  const refusals = unsupportedFeatures([...features], pods, adapter)
  if (refusals.length > 0 || adapter.mtls?.perPort === undefined) return refusals
  const known = selectionsOf(destination, workloads).some((selection) => selection.ports.length > 0)
  if (known || (mode === 'permissive' && others.length > 0)) return []
  return [diagnostic('AP2173', { mesh: adapter.name, pods })]
}

/**
 * Policies that may be about the same pods: those that disagree, and, where a port has one object, all. The policy for a whole
 * namespace is for the pods that no other one is about.
 */
export function checkMtlsTogether<Policy extends MtlsPolicy>(
  policies: readonly Policy[],
  adapter: MeshAdapter,
  describe: (policy: Policy) => string,
): Diagnostic[] {
  return policies.flatMap((later, index) =>
    policies.slice(0, index).flatMap((earlier) => {
      const isSame = labelText(earlier.labels) === labelText(later.labels)
      const shares = isSame || (labelText(earlier.labels) !== '' && labelText(later.labels) !== '')
      if (earlier.namespace !== later.namespace || !shares || !mayOverlap(earlier.labels, later.labels)) return []
      const [first, second] = [describe(earlier), describe(later)]
      const says = ({ mode, ports }: MtlsPolicy) => JSON.stringify([mode, ports])
      if (says(normalMtls(earlier)) !== says(normalMtls(later)))
        return [diagnostic('AP2177', { pods: describePods(later), first, second })]
      return isSame || adapter.mtls?.perPort === undefined
        ? []
        : [diagnostic('AP2175', { mesh: adapter.name, first, second })]
    }),
  )
}

/** What a policy for mutual TLS asks of a mesh by itself. */
export function mtlsFeaturesOf(policy: MtlsPolicy): Set<AccessFeature> {
  const { labels, mode, ports } = normalMtls(policy)
  const others = Object.values(ports)
  return new Set<AccessFeature>([
    ...[mode, ...others].map((one) => modeFeatures[one]),
    ...(others.length > 0 ? ['mtlsPort' as const] : []),
    ...(labelText(labels) === '' ? ['mtlsNamespace' as const] : []),
  ])
}

const modeFeatures = { strict: 'mtlsStrict', permissive: 'mtlsPermissive', disable: 'mtlsDisable' } as const

function unsupportedFeatures(features: readonly AccessFeature[], pods: string, adapter: MeshAdapter): Diagnostic[] {
  return features.flatMap((feature) => {
    const support = adapter.capabilities[feature]
    if (support.support !== 'unsupported') return []
    const facts = { reason: support.reason, remedy: support.instead, feature: accessFeatureNames[feature] }
    return [diagnostic('AP2101', { mesh: adapter.name, apex: pods, ...facts })]
  })
}

/** Ports have to be those that the pods declare, and known. */
function portProblems(access: WorkloadAccess, known: readonly number[], pods: string, mesh: string): Diagnostic[] {
  if (access.ports === undefined && known.length === 0) return [diagnostic('AP2173', { mesh, pods })]
  const named = [...(access.ports ?? []), ...access.grants.flatMap(({ ports = [] }) => ports)]
  const there = known.length === 0 ? (access.ports ?? []) : known
  const missing = [...new Set(named)].filter((port) => !there.includes(port))
  return missing.map((port) => diagnostic('AP2174', { mesh, pods, port, known: there.join(', ') }))
}

function sizeProblems({ grants }: WorkloadAccess, place: string, mesh: string, limit: number): Diagnostic[] {
  return grants.flatMap(({ matches = [] }) => {
    const count = matches.reduce((sum, { methods }) => sum + (methods?.length ?? 1), 0)
    return count > limit ? [diagnostic('AP2116', { mesh, place, what: 'matches of a grant', count, limit })] : []
  })
}

/** Whether a health check may satisfy a match. */
function isTaken(match: HttpMatch, { method, path }: Probe): boolean {
  const service = { namespace: '', name: '' }
  return matchHolds(match, { service, port: 0, method, path, headers: {}, query: {}, from: '' })
}

function asMatch({ method, path }: Probe): HttpMatch {
  return { path: { exact: path }, methods: [method] }
}
