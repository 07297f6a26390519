import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { isSmi, readSplits } from '../../manifests/split-documents.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import type { AttachedSplit } from '../../mesh/attachment.ts'
import { featureNames } from '../../mesh/check.ts'
import { withFaults } from '../../mesh/fault-backend.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../mesh/fields.ts'
import { mergeTraffic, type TrafficRequest } from '../../mesh/merge.ts'
import { apexOutputs, type NeutralOutputs } from '../../mesh/outputs.ts'
import type { ServiceDirectory } from '../../mesh/routing.ts'
import { rulesCommute } from '../../mesh/rule-order.ts'
import { serviceName } from '../../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../../mesh/traffic.ts'
import type { ReadTraffic } from './found-traffic.ts'
import type { KnownServices } from './known-services.ts'

/** The traffic of TrafficSplits, SMI's and neutral ones, and of neutral policies. */
export function mergeSplits(manifests: readonly Manifest[], services: KnownServices, target: MeshAdapter): ReadTraffic {
  const splits = readSplits(manifests)
  const problems: Diagnostic[] = [...splits.problems]
  const known = splits.requests.filter((request) => {
    const apex = apexOf(request)
    const ports = apex === undefined ? undefined : portsOf(request)
    if (apex === undefined || services.isGiven(apex) || ports !== undefined || services.unknownPort !== undefined)
      return true
    const origin = splits.originOf(request.source)
    if (origin === undefined) return true
    const facts = { mesh: target.name, object: describeObject(origin.object), apex: serviceName(apex) }
    problems.push(diagnostic('AP7103', facts, origin.at(['spec', 'service'])))
    return false
  })
  const directory = directoryFor(known, services)
  const merged = mergeTraffic(known, directory)
  problems.push(...merged.diagnostics.map((problem) => splits.located(problem)))
  problems.push(
    ...merged.attached.map((split) => splits.located({ ...attachedProblem(split, target), sources: [split.source] })),
  )
  const found = merged.traffic.flatMap((traffic) => {
    const requests = known.filter((request) => {
      const apex = apexOf(request)
      return apex !== undefined && serviceName(apex) === serviceName(traffic.service)
    })
    const sources = requests.flatMap(({ source }) => splits.originOf(source) ?? [])
    const undefinedOrders = smiOrderProblems(traffic, sources, target)
    problems.push(...undefinedOrders)
    const reread = (objects: readonly KubeObject[]) => remerged(objects, sources, manifests, directory)
    return undefinedOrders.length > 0 ? [] : [{ traffic: withFaults(traffic), sources, reread }]
  })
  return { found, problems, notes: [] }
}

/** What objects in the place of sources of one apex ask for, with the groups they may name. */
function remerged(
  objects: readonly KubeObject[],
  sources: readonly Manifest[],
  manifests: readonly Manifest[],
  directory: ServiceDirectory,
): ServiceTraffic | undefined {
  const isSame = (a: KubeObject, b: KubeObject) => a.kind === b.kind && a.metadata.name === b.metadata.name
  const own = objects.flatMap((object) => {
    const source = sources.find((one) => isSame(one.object, object))
    return source === undefined ? [] : [{ ...source, object }]
  })
  const shared = manifests.filter(({ object: { kind, spec } }) => {
    return kind === 'HTTPRouteGroup' || (kind === 'TCPRoute' && fieldsOf(spec)['parentRefs'] === undefined)
  })
  const [traffic] = mergeTraffic(readSplits([...shared, ...own]).requests, directory).traffic
  return traffic && withFaults(traffic)
}

/** There is nothing to write: the split edits an object of the cluster. */
function attachedProblem({ apex }: AttachedSplit, { name: mesh }: MeshAdapter): Diagnostic {
  return diagnostic('AP2101', {
    mesh,
    feature: featureNames.attachedSplit,
    apex: serviceName(apex),
    reason: 'such a split edits a route that is there, and a translation has no cluster to look at',
    remedy: 'Translate the route itself, or leave `attachTo` out.',
  })
}

/** Undefined where the document does not say; nobody has checked its fields yet. */
function apexOf({ namespace, outputs }: TrafficRequest): ServiceRef | undefined {
  const output = onlyOutput(outputs)
  const name = textOf(output['service'])
  return name === undefined ? undefined : { namespace: textOf(output['namespace']) ?? namespace, name }
}

/** What a document asks for; nothing that names an apex for a route group. */
function onlyOutput(outputs: NeutralOutputs) {
  return fieldsOf(apexOutputs.map((name) => outputs[name]?.[0]).find((output) => output !== undefined))
}

function portsOf({ outputs }: TrafficRequest): readonly number[] | undefined {
  const { ports } = onlyOutput(outputs)
  return ports === undefined ? undefined : listOf(ports).flatMap((port) => numberOf(port) ?? [])
}

/** Services as given; one that is not has the ports that splits name, or any. */
function directoryFor(requests: readonly TrafficRequest[], services: KnownServices): ServiceDirectory {
  const named = new Map<string, number[]>()
  for (const request of requests) {
    const apex = apexOf(request)
    if (apex === undefined) continue
    const ports = portsOf(request) ?? (services.unknownPort === undefined ? [] : [services.unknownPort])
    const before = named.get(serviceName(apex)) ?? []
    named.set(
      serviceName(apex),
      [...new Set([...before, ...ports])].sort((a, b) => a - b),
    )
  }
  return {
    ...services.given,
    ports: (service) => services.given.ports(service) ?? named.get(serviceName(service)),
  }
}

/** SMI does not say which of two splits with matches wins; where a request could tell, no order is right. */
function smiOrderProblems(traffic: ServiceTraffic, sources: readonly Manifest[], target: MeshAdapter): Diagnostic[] {
  const smi = sources.filter(({ object }) => isSmi(object))
  if (smi.length < 2) return []
  const rules = (traffic.ports[0]?.rules ?? []).filter(({ matches }) => matches.length > 0)
  const pairs = rules.flatMap((later, index) => rules.slice(0, index).map((earlier) => [earlier, later] as const))
  return pairs
    .filter(([earlier, later]) => !rulesCommute(earlier, later))
    .map(([earlier, later]) => {
      const origin = smi.find(({ object }) => object.metadata.name === later.name) ?? smi.at(-1)
      const facts = {
        mesh: target.name,
        apex: serviceName(traffic.service),
        first: `TrafficSplit ${earlier.name}`,
        second: `TrafficSplit ${later.name}`,
      }
      return diagnostic('AP7108', facts, origin?.at(['spec', 'matches']))
    })
}
