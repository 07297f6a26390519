import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { AttachedSplit } from './attachment.ts'
import type { HttpMatch } from './match.ts'
import { mergeAttached } from './merge-attached.ts'
import { withPolicies } from './merge-policies.ts'
import { mergeServicePolicies } from './merge-service-policies.ts'
import { type ReadGroup, type ReadSplit, readOutputs } from './output-reading.ts'
import type { NeutralOutputs, RouteGroupRef } from './outputs.ts'
import { policyKinds, type ReadPolicy } from './policy-reading.ts'
import type { ServiceDirectory } from './routing.ts'
import { serverNamesOf } from './server-names.ts'
import { compareServices, compareText, saidProtocol, sameService, serviceName, spokenOn, tcpPorts } from './service.ts'
import type { ReadServicePolicy } from './service-policy-reading.ts'
import { splitPorts } from './split-ports.ts'
import type { ReadTcpRoute } from './tcp-route-reading.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule } from './traffic.ts'
import { type VersionCookie, withVersionCookie } from './version-cookie.ts'

/** What one resource asks of the mesh. */
export interface TrafficRequest {
  /** How messages call the resource: `CanaryDeployment shop/web`. Unique, and the order of requests is that of their sources. */
  readonly source: string
  /** The resource's namespace. */
  readonly namespace: string
  readonly outputs: NeutralOutputs
  /** Whether backends named `fault-<status>` are taken: in what was read from a mesh's own object they are aborts. */
  readonly faultBackends?: boolean
}

/** A diagnostic with the resources that have a part in it. */
export interface MergeDiagnostic extends Diagnostic {
  readonly sources: readonly string[]
}

export interface MergedTraffic {
  /** One for each apex that is asked for and in order, by namespace and name. */
  readonly traffic: readonly ServiceTraffic[]
  /** Splits that are attached to routes of users instead. */
  readonly attached: readonly AttachedSplit[]
  /**
   * Apexes about which something is wrong: what the mesh does for them must stay as it is until that is mended. An output so
   * malformed that it names no apex is among the diagnostics only; what its source asked for before must stay as well.
   */
  readonly refused: readonly ServiceRef[]
  readonly diagnostics: readonly MergeDiagnostic[]
}

/**
 * Makes one ordered set of rules per apex service from all that is asked for it.
 *
 * Splits with matches become rules in the order of their sources and, within one, as listed. The plain split becomes the
 * `default` rule, which comes last; where there is none, the default is the apex itself, that is its own endpoints: not every mesh
 * lets unmatched requests through by itself. A split without ports is about all TCP ports of the apex, one with matches about
 * those that can have them. Of a TLS port with splits by server name and no plain one, other names are refused.
 *
 * Policies then treat the requests of these rules. Of each kind a request gets the first policy with matches that takes it, in
 * the same order, or else the plain one; rules of which a policy takes a part become two. A policy without ports is about
 * all ports of the apex that speak HTTP.
 *
 * Never throws. What is wrong with one apex has no influence on another.
 */
export function mergeTraffic(requests: readonly TrafficRequest[], services: ServiceDirectory): MergedTraffic {
  const sorted = [...requests].sort((a, b) => compareText(a.source, b.source))
  const read = sorted.map((request) => ({
    ...request,
    ...readOutputs(request),
  }))
  const diagnostics: MergeDiagnostic[] = read.flatMap(({ source, problems }) =>
    problems.map((problem) => ({ ...problem, sources: [source] })),
  )
  const groups = read.flatMap((request) => request.groups)
  const tcpRoutes = read.flatMap((request) => request.tcpRoutes)
  for (const route of tcpRoutes) {
    const problems = [...route.problems, ...duplicateProblems(route, tcpRoutes)]
    diagnostics.push(...problems.map((problem) => ({ ...problem, sources: [route.source] })))
  }
  for (const group of groups) {
    const problems = [...group.problems, ...duplicateProblems(group, groups)]
    diagnostics.push(...problems.map((problem) => ({ ...problem, sources: [group.source] })))
  }
  const byApex = new Map<string, Asked>()
  const askedOf = (apex: ServiceRef) => {
    const asked = byApex.get(serviceName(apex)) ?? { service: apex, splits: [], policies: [], whole: [] }
    byApex.set(serviceName(apex), asked)
    return asked
  }
  const splits = read.flatMap((request) => request.splits)
  for (const split of splits.filter(({ attachTo }) => attachTo === undefined)) askedOf(split.apex).splits.push(split)
  for (const policy of read.flatMap((request) => request.policies)) askedOf(policy.apex).policies.push(policy)
  for (const policy of read.flatMap((request) => request.servicePolicies)) askedOf(policy.apex).whole.push(policy)
  const attachments = mergeAttached(splits, (apex) => {
    const own = byApex.get(serviceName(apex))
    return own === undefined ? [] : [...own.splits, ...own.policies, ...own.whole]
  })
  diagnostics.push(...attachments.diagnostics)
  const traffic: ServiceTraffic[] = []
  const refused: ServiceRef[] = [...attachments.refused]
  for (const asked of byApex.values()) {
    const apex = mergeApex(asked, { groups, tcpRoutes }, services)
    diagnostics.push(...apex.diagnostics)
    if (refused.some((service) => sameService(service, asked.service))) continue
    if (apex.diagnostics.length === 0) traffic.push(apex.traffic)
    else refused.push(apex.traffic.service)
  }
  return {
    traffic: traffic.sort((a, b) => compareServices(a.service, b.service)),
    attached: attachments.attached,
    refused: refused.sort(compareServices),
    diagnostics: distinct(diagnostics),
  }
}

/** Everything that is asked of one apex, in order. */
interface Asked {
  readonly service: ServiceRef
  readonly splits: ReadSplit[]
  readonly policies: ReadPolicy[]
  readonly whole: ReadServicePolicy[]
}

type AnyOutput = Pick<ReadSplit, 'output' | 'source' | 'apex'>
type ReadOutput = AnyOutput & Pick<ReadSplit, 'ports' | 'matches'>
/** An output whose group references have become matches. */
type Resolved<Output extends ReadOutput> = Output & { readonly ruleMatches: readonly HttpMatch[] | undefined }

/** What outputs refer to by name. */
interface Shared {
  readonly groups: readonly ReadGroup[]
  readonly tcpRoutes: readonly ReadTcpRoute[]
}

function mergeApex(
  { service, splits, policies, whole }: Asked,
  { groups, tcpRoutes }: Shared,
  services: ServiceDirectory,
) {
  const diagnostics: MergeDiagnostic[] = []
  const report = (output: AnyOutput, ...problems: Diagnostic[]) =>
    diagnostics.push(...problems.map((problem) => ({ ...problem, sources: [output.source] })))
  for (const split of splits) {
    report(split, ...split.problems, ...duplicateProblems(split, splits), ...apexProblems(split, services))
  }
  for (const policy of policies) {
    const twins = policies.filter(({ kind }) => kind === policy.kind)
    report(policy, ...policy.problems, ...duplicateProblems(policy, twins), ...apexProblems(policy, services))
    report(policy, ...protocolProblems(policy, services))
  }
  for (const policy of whole) {
    const twins = whole.filter(({ kind }) => kind === policy.kind)
    report(policy, ...policy.problems, ...duplicateProblems(policy, twins), ...apexProblems(policy, services))
  }
  const merged = mergeServicePolicies(service, whole, (problem, ...about) =>
    diagnostics.push({ ...problem, sources: [...new Set(about.map(({ source }) => source))] }),
  )
  const all = tcpPorts(service, services) ?? []
  const http = all.filter((port) => spokenOn(service, port, services) === undefined)
  const resolvedSplits = splits.map((split) => {
    const tell = (problem: Diagnostic) => report(split, problem)
    return { ...resolve(split, groups, tell), ports: splitPorts(split, tcpRoutes, services, tell) }
  })
  const resolvedPolicies = policies.map((policy) => {
    return { ...resolve(policy, groups, (problem) => report(policy, problem)), ports: policy.ports ?? http }
  })
  const asked = [...resolvedSplits, ...resolvedPolicies].flatMap(({ ports }) => ports)
  const ports = [...new Set(asked)].sort((a, b) => a - b)
  const portTraffic = ports.map((port) => {
    const said = saidProtocol(service, port, services)
    // Clients of gRPC keep no cookies, and connections have none.
    const versionCookie = said.protocol === undefined ? merged.versionCookie : undefined
    return mergePort({ port, ...said }, { service, versionCookie }, resolvedSplits, resolvedPolicies, diagnostics)
  })
  const traffic = { service, ports: portTraffic, ...(merged.policies && { policies: merged.policies }) }
  return { traffic, diagnostics: distinct(diagnostics) }
}

/** Ports that were named, or all there are when none is left for a policy that names none. */
function protocolProblems({ output, apex, ports }: ReadPolicy, services: ServiceDirectory): Diagnostic[] {
  const all = tcpPorts(apex, services) ?? []
  const opaque = (ports ?? all).filter((port) => spokenOn(apex, port, services) !== undefined)
  if (ports === undefined && opaque.length < all.length) return []
  return opaque.map((port) => diagnostic('AP2144', { output, apex: serviceName(apex), port }))
}

function duplicateProblems(
  output: { source: string; name: string; output: string },
  all: readonly { source: string; name: string }[],
): Diagnostic[] {
  const first = all.find(({ source, name }) => source === output.source && name === output.name)
  return first === output || output.name === '' ? [] : [diagnostic('AP2111', { output: output.output })]
}

function apexProblems(
  { output, apex, ports }: AnyOutput & { ports?: ReadSplit['ports'] },
  services: ServiceDirectory,
): Diagnostic[] {
  const name = serviceName(apex)
  const known = tcpPorts(apex, services)
  if (known === undefined) return [diagnostic('AP2105', { output, apex: name })]
  const type = services.type?.(apex)
  if (type === 'Headless') return [diagnostic('AP2115', { output, apex: name, type: 'headless' })]
  if (type === 'ExternalName')
    return [diagnostic('AP2115', { output, apex: name, type: 'an alias of an external name' })]
  if (known.length === 0) return [diagnostic('AP2119', { output, apex: name })]
  const missing = (ports ?? []).filter((port) => !known.includes(port))
  return missing.map((port) => diagnostic('AP2106', { output, apex: name, port, known: known.join(', ') }))
}

function resolve<Output extends ReadOutput>(
  output: Output,
  groups: readonly ReadGroup[],
  report: (problem: Diagnostic) => void,
): Resolved<Output> {
  const ruleMatches = output.matches?.flatMap((match) =>
    'kind' in match ? groupMatches(match, output, groups, report) : [match],
  )
  return { ...output, ruleMatches }
}

/** The matches a reference means. A resource's own group comes before those of others in the namespace. */
export function groupMatches(
  ref: RouteGroupRef,
  { output, source, apex }: AnyOutput,
  groups: readonly ReadGroup[],
  report: (problem: Diagnostic) => void,
): HttpMatch[] {
  const near = groups.filter(({ namespace }) => namespace === apex.namespace)
  const named = near.filter(({ name }) => name === ref.name)
  const group = named.find((one) => one.source === source) ?? named[0]
  if (group === undefined) {
    report(diagnostic('AP2112', { output, group: ref.name, known: listed(near.map(({ name }) => name)) }))
    return []
  }
  // A group that is not in order holds up the splits that use it, so that no half of it takes effect.
  for (const problem of group.problems) report(problem)
  return (ref.matches ?? [...group.matches.keys()]).flatMap((name) => {
    const match = group.matches.get(name)
    if (match !== undefined) return [match]
    if (group.problems.length === 0)
      report(diagnostic('AP2113', { output, group: ref.name, match: name, known: listed([...group.matches.keys()]) }))
    return []
  })
}

function mergePort(
  spoken: Omit<PortTraffic, 'rules'>,
  { service, versionCookie }: { service: ServiceRef; versionCookie: VersionCookie | undefined },
  splits: readonly Resolved<ReadSplit>[],
  policies: readonly Resolved<ReadPolicy>[],
  diagnostics: MergeDiagnostic[],
): PortTraffic {
  const { port } = spoken
  const here = splits.filter(({ ports }) => ports?.includes(port))
  const [plain, ...others] = here.filter(({ matches }) => matches === undefined)
  for (const other of others) {
    if (plain === undefined) break
    const facts = { apex: `${serviceName(service)}:${port}`, first: plain.output, second: other.output }
    diagnostics.push({ ...diagnostic('AP2103', facts), sources: [...new Set([plain.source, other.source])] })
  }
  if (spoken.protocol === 'tls') diagnostics.push(...sharedNames(here, `${serviceName(service)}:${port}`))
  const names = new Set(['default'])
  const rules = here
    .filter(({ ruleMatches }) => ruleMatches !== undefined)
    .map((split) => ruleOf(uniqueName(split.name, names), split, port, diagnostics))
  const itself: TrafficRule = { name: 'default', matches: [], backends: [{ service, port, weight: 100 }] }
  const last = plain === undefined ? itself : ruleOf('default', plain, port, diagnostics)
  if (versionCookie !== undefined)
    rules.push(...withVersionCookie(last, versionCookie, (name) => uniqueName(name, names)))
  else if (plain !== undefined || spoken.protocol !== 'tls') rules.push(last)
  const kinds = policyKinds.map((kind) =>
    policies.filter((policy) => policy.kind === kind && policy.ports?.includes(port)),
  )
  const treated = withPolicies(rules, kinds, {
    port,
    apex: `${serviceName(service)}:${port}`,
    nameOf: (name) => uniqueName(name, names),
    report: (problem, ...outputs) =>
      diagnostics.push({ ...problem, sources: [...new Set(outputs.map(({ source }) => source))] }),
  })
  return { ...spoken, rules: treated }
}

/** Of several rules with one name none is more specific than the others. */
function sharedNames(splits: readonly Resolved<ReadSplit>[], apex: string): MergeDiagnostic[] {
  const owners = new Map<string, ReadSplit>()
  return splits.flatMap((split) =>
    serverNamesOf({ matches: split.ruleMatches ?? [] }).flatMap((name) => {
      const first = owners.get(name)
      if (first === undefined) owners.set(name, split)
      if (first === undefined) return []
      const facts = { apex, name, first: first.output, second: split.output }
      return [{ ...diagnostic('AP2161', facts), sources: [...new Set([first.source, split.source])] }]
    }),
  )
}

function ruleOf(name: string, split: Resolved<ReadSplit>, port: number, diagnostics: MergeDiagnostic[]): TrafficRule {
  const backends = split.backends.map((backend) => ({
    service: { namespace: split.apex.namespace, name: backend.service },
    port: backend.port ?? port,
    weight: backend.weight,
  }))
  const places = new Set<string>()
  for (const backend of backends) {
    const place = `${backend.service.name}:${backend.port}`
    if (places.has(place))
      diagnostics.push({
        ...diagnostic('AP2110', { output: split.output, backend: backend.service.name }),
        sources: [split.source],
      })
    places.add(place)
  }
  return { name, matches: split.ruleMatches ?? [], backends }
}

/** Outputs of different resources may bear the same name; the later ones get a number. */
export function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number += 1) name = `${wanted.slice(0, 56)}-${number}`
  taken.add(name)
  return name
}

/** One problem shows up once, though an output is looked at once for each of its ports. */
function distinct(diagnostics: readonly MergeDiagnostic[]): MergeDiagnostic[] {
  return [...new Map(diagnostics.map((one) => [`${one.code} ${one.message} ${one.sources.join()}`, one])).values()]
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...new Set(names)].join(', ')
}
