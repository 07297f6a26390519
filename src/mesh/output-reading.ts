import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { readAttachTo } from './attach-reading.ts'
import { faultBackendAnswer } from './fault-backend.ts'
import { describeValue, isFields } from './fields.ts'
import type { HttpMatch } from './match.ts'
import {
  dnsLabel,
  isPort,
  readName,
  readNamespace,
  readOutputMatches,
  readPorts,
  readValidMatch,
} from './output-fields.ts'
import type { AttachTo, NeutralOutputs, RouteGroupRef, SplitBackend } from './outputs.ts'
import { type PolicyKind, policyKinds, type ReadPolicy, readPolicy } from './policy-reading.ts'
import {
  type ReadServicePolicy,
  readServicePolicy,
  type ServicePolicyKind,
  servicePolicyKinds,
} from './service-policy-reading.ts'
import { type ReadTcpRoute, readTcpRoute, readTcpRouteRef } from './tcp-route-reading.ts'
import type { ServiceRef } from './traffic.ts'

/** A split as it came from a worker, checked as far as it can be without the cluster. */
export interface ReadSplit {
  /** How messages call it: `CanaryDeployment shop/web: TrafficSplit web`. */
  readonly output: string
  readonly source: string
  readonly name: string
  readonly apex: ServiceRef
  readonly ports: readonly number[] | undefined
  readonly matches: readonly (HttpMatch | RouteGroupRef)[] | undefined
  /** Names of the TCPRoutes that say which ports it is about, in place of `ports`. */
  readonly tcpRoutes: readonly string[] | undefined
  readonly backends: readonly SplitBackend[]
  readonly attachTo: AttachTo | undefined
  /** Everything wrong with it; when there is something, nothing else about it counts but the apex. */
  readonly problems: readonly Diagnostic[]
}

export interface ReadGroup {
  readonly output: string
  readonly source: string
  readonly namespace: string
  readonly name: string
  readonly matches: ReadonlyMap<string, HttpMatch>
  readonly problems: readonly Diagnostic[]
}

export interface ReadOutputs {
  readonly splits: readonly ReadSplit[]
  readonly groups: readonly ReadGroup[]
  readonly tcpRoutes: readonly ReadTcpRoute[]
  readonly policies: readonly ReadPolicy[]
  readonly servicePolicies: readonly ReadServicePolicy[]
  /** Problems of outputs that do not even say what they are about. */
  readonly problems: readonly Diagnostic[]
}

const highestWeight = 1_000_000
const splitKeys = ['name', 'namespace', 'service', 'ports', 'matches', 'backends', 'attachTo']

/** What one resource asks for, as it came. */
export interface OutputsToRead {
  readonly source: string
  readonly namespace: string
  readonly outputs: NeutralOutputs
  /** Whether backends named `fault-<status>` are taken, as what a mesh's own object says about an abort. */
  readonly faultBackends?: boolean
}

/** Reads what one resource asks for. Workers may be plain JavaScript: nothing about the shape is taken for granted. */
export function readOutputs({ source, namespace, outputs, faultBackends = false }: OutputsToRead): ReadOutputs {
  const problems: Diagnostic[] = []
  const list = (key: 'trafficsplits' | 'httproutegroups' | 'tcproutes' | PolicyKind | ServicePolicyKind): unknown[] => {
    const value: unknown = outputs[key] ?? []
    if (Array.isArray(value)) return value
    problems.push(diagnostic('AP2104', { output: `${source}: ${key}`, problem: 'it is not a list' }))
    return []
  }
  const splits = list('trafficsplits').flatMap((value, index) =>
    readSplit(value, { index, source, namespace, faultBackends }, problems),
  )
  const groups = list('httproutegroups').flatMap((value, index) => readGroup(value, index, source, namespace, problems))
  const tcpRoutes = list('tcproutes').flatMap((value, index) =>
    readTcpRoute(value, { index, source, namespace }, problems),
  )
  const policies = policyKinds.flatMap((kind) =>
    list(kind).flatMap((value, index) => readPolicy(kind, value, { index, source, namespace }, problems)),
  )
  const servicePolicies = servicePolicyKinds.flatMap((kind) =>
    list(kind).flatMap((value, index) => readServicePolicy(kind, value, { index, source, namespace }, problems)),
  )
  return { splits, groups, tcpRoutes, policies, servicePolicies, problems }
}

interface SplitPlace {
  readonly index: number
  readonly source: string
  readonly namespace: string
  readonly faultBackends: boolean
}

function readSplit(
  value: unknown,
  { index, source, namespace, faultBackends }: SplitPlace,
  lost: Diagnostic[],
): ReadSplit[] {
  const place = `${source}: trafficsplits[${index}]`
  const service = isFields(value) ? value['service'] : undefined
  if (!isFields(value) || typeof service !== 'string' || !dnsLabel.test(service)) {
    lost.push(diagnostic('AP2104', { output: place, problem: '`service` is not the name of a Service' }))
    return []
  }
  const problems: Diagnostic[] = []
  const name = readName(value['name'], place, problems)
  const output = name === '' ? place : `${source}: TrafficSplit ${name}`
  const malformed = (problem: string) => problems.push(diagnostic('AP2104', { output, problem }))
  const unknown = Object.keys(value).find((key) => !splitKeys.includes(key))
  if (unknown !== undefined) malformed(`it has the unknown field ${unknown}`)
  const apex = { namespace: readNamespace(value['namespace'], namespace, output, problems), name: service }
  const ports = readPorts(value['ports'], malformed)
  const tcpRoutes = readTcpRouteRefs(value['matches'], malformed)
  const matches = tcpRoutes === undefined ? readOutputMatches(value['matches'], output, problems) : undefined
  if (tcpRoutes !== undefined && ports !== undefined) malformed('it has both `ports` and a TCPRoute, which names ports')
  if (matches?.some((match) => 'sniHosts' in match) && !matches.every((match) => 'sniHosts' in match))
    malformed('`matches` has server names beside conditions on requests, which no port can have both')
  const backends = readBackends(value['backends'], output, problems)
  if (!faultBackends) problems.push(...faultBackendProblems(backends, output))
  const attachTo = readAttachTo(value, output, problems)
  return [{ output, source, name, apex, ports, matches, tcpRoutes, backends, attachTo, problems }]
}

/** The names in `matches` when a TCPRoute is among them; other conditions beside it are malformed. */
function readTcpRouteRefs(value: unknown, malformed: (problem: string) => void): string[] | undefined {
  const entries = Array.isArray(value) ? value.filter(isFields) : []
  const refs = entries.filter(({ kind }) => kind === 'TCPRoute')
  if (refs.length === 0 || !Array.isArray(value)) return undefined
  if (refs.length < value.length) malformed('`matches` has a TCPRoute, which names ports, beside other conditions')
  return refs.flatMap((ref) => readTcpRouteRef(ref, malformed) ?? [])
}

function readGroup(value: unknown, index: number, source: string, namespace: string, lost: Diagnostic[]): ReadGroup[] {
  const place = `${source}: httproutegroups[${index}]`
  const problems: Diagnostic[] = []
  const name = readName(isFields(value) ? value['name'] : undefined, place, problems)
  if (!isFields(value) || name === '') {
    lost.push(...problems)
    return []
  }
  const output = `${source}: HTTPRouteGroup ${name}`
  const malformed = (problem: string) => problems.push(diagnostic('AP2104', { output, problem }))
  const unknown = Object.keys(value).find((key) => !['name', 'namespace', 'matches'].includes(key))
  if (unknown !== undefined) malformed(`it has the unknown field ${unknown}`)
  const matches = new Map<string, HttpMatch>()
  if (Array.isArray(value['matches']) && value['matches'].length > 0) {
    value['matches'].forEach((entry: unknown, position) => {
      const matchName = readName(
        isFields(entry) ? entry['name'] : undefined,
        `${output}: matches[${position}]`,
        problems,
      )
      const match = readValidMatch(entry, `matches[${position}]`, output, problems)
      if (match?.sniHosts !== undefined)
        malformed(`matches[${position}].sniHosts is no condition on requests; write it in the split itself`)
      if (matches.has(matchName)) problems.push(diagnostic('AP2111', { output: `${output}: match ${matchName}` }))
      if (match !== undefined) matches.set(matchName, match)
    })
  } else malformed('`matches` is not a list with a match in it')
  return [
    {
      output,
      source,
      name,
      namespace: readNamespace(value['namespace'], namespace, output, problems),
      matches,
      problems,
    },
  ]
}

function readBackends(value: unknown, output: string, problems: Diagnostic[]): SplitBackend[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push(diagnostic('AP2107', { output }))
    return []
  }
  const backends = value.flatMap((entry: unknown, index) => readBackend(entry, `backends[${index}]`, output, problems))
  const complete = backends.length === value.length
  if (complete && backends.every(({ weight }) => weight === 0)) problems.push(diagnostic('AP2108', { output }))
  return backends
}

/** The name would be read back as an abort. */
function faultBackendProblems(backends: readonly SplitBackend[], output: string): Diagnostic[] {
  return backends
    .filter(({ service }) => faultBackendAnswer(service) !== undefined)
    .map(({ service }) => diagnostic('AP2147', { output, backend: service }))
}

function readBackend(entry: unknown, where: string, output: string, problems: Diagnostic[]): SplitBackend[] {
  if (!isFields(entry)) {
    problems.push(diagnostic('AP2104', { output, problem: `${where} is not an object` }))
    return []
  }
  const { service, weight, port } = entry
  const before = problems.length
  if (typeof service !== 'string' || !dnsLabel.test(service)) {
    problems.push(diagnostic('AP2117', { output, field: `${where}.service`, name: describeValue(service) }))
  }
  const isWeight = typeof weight === 'number' && Number.isInteger(weight) && weight >= 0 && weight <= highestWeight
  if (!isWeight)
    problems.push(diagnostic('AP2109', { output, backend: describeValue(service), weight: describeValue(weight) }))
  if (port !== undefined && !isPort(port))
    problems.push(diagnostic('AP2104', { output, problem: `${where}.port is not a port number` }))
  const unknown = Object.keys(entry).find((key) => !['service', 'weight', 'port'].includes(key))
  if (unknown !== undefined)
    problems.push(diagnostic('AP2104', { output, problem: `${where} has the unknown field ${unknown}` }))
  if (problems.length > before || typeof service !== 'string' || typeof weight !== 'number') return []
  return [{ service, weight, ...(isPort(port) && { port }) }]
}
