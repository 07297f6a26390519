import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { AccessGrant, WorkloadAccess } from './access.ts'
import { type ReadTarget, readMtls, readTarget } from './access-reading.ts'
import { groupMatches, type MergeDiagnostic, type TrafficRequest, uniqueName } from './merge.ts'
import { describePods, type MtlsPolicy, normalMtls } from './mtls.ts'
import { type ReadGroup, readOutputs } from './output-reading.ts'
import { serviceName } from './service.ts'
import { findTcpRoute, type ReadTcpRoute } from './tcp-route-reading.ts'

/** Something asked for, with who asks. */
export interface Asked<What> {
  readonly what: What
  readonly sources: readonly string[]
  /** How messages call the outputs that ask for it. */
  readonly outputs: string
}

export interface MergedPolicies {
  readonly accesses: readonly Asked<WorkloadAccess>[]
  readonly mtls: readonly Asked<MtlsPolicy>[]
  /** What something is wrong with, by `describeDestination` and `describePods`: what runs there is to stay as it is. */
  readonly refused: readonly Asked<WorkloadAccess | MtlsPolicy>[]
  readonly diagnostics: readonly MergeDiagnostic[]
}

/**
 * All access policies about a ServiceAccount as one: what any of them allows is allowed. Policies for mutual TLS of the same pods
 * have to agree. Never throws; what is wrong with one destination has no influence on another.
 */
export function mergePolicies(requests: readonly TrafficRequest[]): MergedPolicies {
  const sorted = [...requests].sort((a, b) => (a.source < b.source ? -1 : 1))
  const read = sorted.map(readOutputs)
  const shared: Shared = {
    groups: read.flatMap(({ groups }) => groups),
    tcpRoutes: read.flatMap(({ tcpRoutes }) => tcpRoutes),
  }
  const diagnostics: MergeDiagnostic[] = []
  const report = (source: string, problems: readonly Diagnostic[]) =>
    diagnostics.push(...problems.map((problem) => ({ ...problem, sources: [source] })))
  const targets = sorted.flatMap(({ source, namespace, outputs }) => {
    const lost: Diagnostic[] = []
    const own = list(outputs.traffictargets, `${source}: traffictargets`, lost).flatMap((value, index) =>
      readTarget(value, { index, source, namespace }, lost),
    )
    report(source, lost)
    return own
  })
  const mtls = sorted.flatMap(({ source, namespace, outputs }) => {
    const lost: Diagnostic[] = []
    const own = list(outputs.mtlspolicies, `${source}: mtlspolicies`, lost).flatMap((value, index) =>
      readMtls(value, { index, source, namespace }),
    )
    report(source, lost)
    return own
  })
  const accesses: Asked<WorkloadAccess>[] = []
  const secured: Asked<MtlsPolicy>[] = []
  const refused: Asked<WorkloadAccess | MtlsPolicy>[] = []
  for (const own of grouped(targets, ({ destination }) => serviceName(destination))) {
    const problems: MergeDiagnostic[] = []
    const access = mergeTargets(own, shared, targets, problems)
    diagnostics.push(...problems)
    if (problems.length === 0) accesses.push({ what: access, ...askedBy(own) })
    else refused.push({ what: access, ...askedBy(own) })
  }
  for (const own of grouped(mtls, ({ policy }) => describePods(policy))) {
    const [first] = own
    if (first === undefined) continue
    const before = diagnostics.length
    for (const one of own) report(one.source, [...one.problems, ...duplicates(one, mtls)])
    const rival = own.find(({ policy }) => says(policy) !== says(first.policy))
    if (rival !== undefined && diagnostics.length === before) {
      const facts = { pods: describePods(first.policy), first: first.output, second: rival.output }
      diagnostics.push({ ...diagnostic('AP2177', facts), sources: [...new Set([first.source, rival.source])] })
    }
    const asked = { what: first.policy, ...askedBy(own) }
    if (diagnostics.length === before) secured.push(asked)
    else refused.push(asked)
  }
  return { accesses, mtls: secured, refused, diagnostics }
}

/** What policies refer to. */
interface Shared {
  readonly groups: readonly ReadGroup[]
  readonly tcpRoutes: readonly ReadTcpRoute[]
}

function mergeTargets(
  targets: readonly ReadTarget[],
  { groups, tcpRoutes }: Shared,
  all: readonly ReadTarget[],
  problems: MergeDiagnostic[],
): WorkloadAccess {
  const names = new Set<string>()
  const grants = targets.map((target): AccessGrant => {
    const { name, namespace, output, source, sources, rules } = target
    const report = (problem: Diagnostic) => void problems.push({ ...problem, sources: [source] })
    for (const problem of [...target.problems, ...duplicates(target, all)]) report(problem)
    const ports = target.tcpRoutes === undefined ? target.ports : routePorts(target, tcpRoutes, report)
    const matches = rules?.flatMap((rule) =>
      'kind' in rule ? groupMatches(rule, { output, source, apex: { namespace, name } }, groups, report) : [rule],
    )
    return { name: uniqueName(name, names), sources, ...(ports && { ports }), ...(matches && { matches }) }
  })
  const { namespace = '', name = '' } = targets[0]?.destination ?? {}
  return { destination: { namespace, serviceAccount: name }, grants }
}

/** Undefined means all of them, as a TCPRoute without ports does. */
function routePorts(
  { tcpRoutes = [], ...place }: ReadTarget,
  routes: readonly ReadTcpRoute[],
  report: (problem: Diagnostic) => void,
): number[] | undefined {
  const found = tcpRoutes.flatMap((name) => findTcpRoute(name, place, routes, report) ?? [])
  if (found.some(({ ports }) => ports.length === 0)) return undefined
  return [...new Set(found.flatMap(({ ports }) => ports))].sort((a, b) => a - b)
}

function duplicates<One extends { readonly source: string; readonly name: string; readonly output: string }>(
  one: One,
  all: readonly One[],
): Diagnostic[] {
  const first = all.find(({ source, name }) => source === one.source && name === one.name)
  return first === one || one.name === '' ? [] : [diagnostic('AP2111', { output: one.output })]
}

function askedBy(own: readonly { readonly source: string; readonly output: string }[]) {
  return {
    sources: [...new Set(own.map(({ source }) => source))],
    outputs: own.map(({ output }) => output).join(' and '),
  }
}

function says(policy: MtlsPolicy): string {
  const { mode, ports } = normalMtls(policy)
  return JSON.stringify([mode, ports])
}

function grouped<One>(all: readonly One[], keyOf: (one: One) => string): One[][] {
  const groups = new Map<string, One[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return [...groups.values()]
}

function list(value: unknown, output: string, problems: Diagnostic[]): unknown[] {
  if (value === undefined || Array.isArray(value)) return value ?? []
  problems.push(diagnostic('AP2104', { output, problem: 'it is not a list' }))
  return []
}
