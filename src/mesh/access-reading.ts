import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Labels, ServiceAccountRef } from './access.ts'
import { describeValue, type Fields, isFields, otherFields } from './fields.ts'
import type { HttpMatch } from './match.ts'
import { type MtlsMode, type MtlsPolicy, mtlsModes } from './mtls.ts'
import { dnsLabel, isPort, readName, readNamespace, readOutputMatches, readPorts } from './output-fields.ts'
import type { RouteGroupRef } from './outputs.ts'
import { readTcpRouteRef } from './tcp-route-reading.ts'

interface Place {
  readonly index: number
  readonly source: string
  readonly namespace: string
}

interface ReadOutput {
  /** How messages call it: `Incident shop/web: TrafficTarget web`. */
  readonly output: string
  readonly source: string
  readonly name: string
  /** Everything wrong with it; when there is something, nothing else about it counts but what it is about. */
  readonly problems: readonly Diagnostic[]
}

/** An access policy as it came from a worker, checked as far as it can be without the cluster. */
export interface ReadTarget extends ReadOutput {
  /** The namespace of the route groups and TCPRoutes it refers to. */
  readonly namespace: string
  readonly destination: ServiceAccountRef
  readonly sources: readonly ServiceAccountRef[]
  readonly ports: readonly number[] | undefined
  /** Names of the TCPRoutes that say which ports it is about, in place of `ports`. */
  readonly tcpRoutes: readonly string[] | undefined
  readonly rules: readonly (HttpMatch | RouteGroupRef)[] | undefined
}

export interface ReadMtls extends ReadOutput {
  readonly policy: MtlsPolicy
}

/** The longest name of a ServiceAccount that a label can hold together with what it is about; by it objects are found. */
const longestDestination = 56
const accountName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const labelName = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

/** Reads one access policy, of which nothing is taken for granted. `lost` takes the problems of one that is about nobody. */
export function readTarget(value: unknown, { index, source, namespace }: Place, lost: Diagnostic[]): ReadTarget[] {
  const place = `${source}: traffictargets[${index}]`
  const problems: Diagnostic[] = []
  const name = readName(isFields(value) ? value['name'] : undefined, place, problems)
  const output = name === '' ? place : `${source}: TrafficTarget ${name}`
  const malformed = (problem: string) => void problems.push(diagnostic('AP2104', { output, problem }))
  const fields = isFields(value) ? value : {}
  const own = readNamespace(fields['namespace'], namespace, output, problems)
  const destination = readAccount(fields['destination'], 'destination', own, malformed)
  if (destination === undefined) {
    lost.push(...problems)
    return []
  }
  if (destination.name.length > longestDestination)
    malformed(`\`destination.name\` is longer than ${longestDestination} characters`)
  const unknown = otherFields(fields, ['name', 'namespace', 'destination', 'sources', 'ports', 'rules'])[0]
  if (unknown !== undefined) malformed(`it has the unknown field ${unknown}`)
  const listed: unknown = fields['sources']
  if (!Array.isArray(listed) || listed.length === 0) malformed('`sources` is not a list with a ServiceAccount in it')
  const sources = (Array.isArray(listed) ? listed : []).flatMap(
    (entry: unknown, position) => readAccount(entry, `sources[${position}]`, own, malformed) ?? [],
  )
  const ports = readPorts(fields['ports'], malformed)
  const { rules, tcpRoutes } = readRules(fields['rules'], output, problems, malformed)
  if (ports !== undefined && tcpRoutes !== undefined) malformed('it has both `ports` and a TCPRoute, which names ports')
  return [{ output, source, name, namespace: own, destination, sources, ports, tcpRoutes, rules, problems }]
}

/** Reads one policy for mutual TLS likewise. */
export function readMtls(value: unknown, { index, source, namespace }: Place): ReadMtls[] {
  const place = `${source}: mtlspolicies[${index}]`
  const problems: Diagnostic[] = []
  const fields = isFields(value) ? value : {}
  const name = readName(fields['name'], place, problems)
  const output = name === '' ? place : `${source}: MtlsPolicy ${name}`
  const malformed = (problem: string) => void problems.push(diagnostic('AP2104', { output, problem }))
  const unknown = otherFields(fields, ['name', 'namespace', 'workload', 'mode', 'ports'])[0]
  if (unknown !== undefined) malformed(`it has the unknown field ${unknown}`)
  const own = readNamespace(fields['namespace'], namespace, output, problems)
  const mode = readMode(fields['mode'], 'mode', malformed)
  const labels = readLabels(fields['workload'], malformed)
  const ports = readModes(fields['ports'], malformed)
  // Istio’s own rule; on Linkerd a whole namespace is beyond reach anyway.
  if (fields['ports'] !== undefined && fields['workload'] === undefined)
    malformed('it has `ports` without a `workload`')
  return [{ output, source, name, policy: { namespace: own, labels, mode, ports }, problems }]
}

type Malformed = (problem: string) => void

function readAccount(value: unknown, where: string, namespace: string, malformed: Malformed) {
  if (isFields(value) && value['kind'] === 'ServiceAccount') {
    const { name, namespace: own = namespace } = value
    const unknown = otherFields(value, ['kind', 'name', 'namespace'])[0]
    if (unknown !== undefined) malformed(`${where} has the unknown field ${unknown}`)
    if (typeof name === 'string' && accountName.test(name) && typeof own === 'string' && dnsLabel.test(own))
      return { namespace: own, name }
  }
  malformed(`\`${where}\` needs kind ServiceAccount, a name and, at most, a namespace`)
  return undefined
}

/** References to TCPRoutes say on which ports, everything else which requests: as in SMI, both have to hold. */
function readRules(value: unknown, output: string, problems: Diagnostic[], malformed: Malformed) {
  const entries: unknown[] = Array.isArray(value) ? value : []
  const refs = entries.filter(isFields).filter(({ kind }) => kind === 'TCPRoute')
  const others = entries.filter((entry) => !isFields(entry) || entry['kind'] !== 'TCPRoute')
  const tcpRoutes = refs.length === 0 ? undefined : refs.flatMap((ref) => readTcpRouteRef(ref, malformed) ?? [])
  const onlyRoutes = tcpRoutes !== undefined && others.length === 0
  const rules = onlyRoutes ? undefined : readOutputMatches(tcpRoutes ? others : value, output, problems)
  return { rules, tcpRoutes }
}

function readLabels(value: unknown, malformed: Malformed): Labels {
  if (value === undefined) return {}
  const labels = isFields(value) && otherFields(value, ['labels']).length === 0 ? value['labels'] : undefined
  const entries = isFields(labels) ? Object.entries(labels) : []
  const good = entries.filter(isLabel)
  if (entries.length === 0 || good.length < entries.length)
    malformed('`workload` needs `labels` with a label in it; leave it out to mean the whole namespace')
  return Object.fromEntries(good)
}

function isLabel(entry: [string, unknown]): entry is [string, string] {
  return labelName.test(entry[0]) && typeof entry[1] === 'string' && labelValue.test(entry[1])
}

function readModes(value: unknown, malformed: Malformed): Record<string, MtlsMode> {
  if (value === undefined) return {}
  const modes: Fields = isFields(value) ? value : {}
  const isMap = isFields(value) && Object.keys(value).every((port) => isPort(Number(port)))
  if (!isMap) malformed('`ports` is not a map from port numbers to modes')
  return Object.fromEntries(
    Object.entries(modes).map(([port, mode]) => [port, readMode(mode, `ports.${port}`, malformed)]),
  )
}

function readMode(value: unknown, where: string, malformed: Malformed): MtlsMode {
  const mode = mtlsModes.find((one) => one === value)
  if (mode === undefined) malformed(`\`${where}\` is ${describeValue(value)}, and has to be ${mtlsModes.join(', ')}`)
  return mode ?? 'permissive'
}
