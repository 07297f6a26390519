import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { isService } from '../../manifests/services.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { everyPort } from '../../mesh/every-port.ts'
import { describePath, groupKind } from '../../mesh/object-reading.ts'
import { compareServices, serviceName } from '../../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../../mesh/traffic.ts'
import type { FoundTraffic, ReadTraffic } from './found-traffic.ts'
import { type KnownServices, withPorts } from './known-services.ts'
import { located, notTranslated } from './located.ts'
import type { Translation } from './translation.ts'

/** Ports at which rules for all of them are compared: those that a scheme has for its own, and two that none has. */
const samplePorts = [80, 443, 8080, 65_535]

/** The traffic of every mesh's own kinds, each read with that mesh's meaning. */
export function observeTraffic(
  manifests: readonly Manifest[],
  services: KnownServices,
  { adapters, target }: Translation,
): ReadTraffic[] {
  return adapters.map((adapter) => observeMesh(adapter, manifests, services, target))
}

function observeMesh(
  adapter: MeshAdapter,
  manifests: readonly Manifest[],
  services: KnownServices,
  target: MeshAdapter,
): ReadTraffic {
  const { translates, accompanies } = adapter.reading
  const own = manifests.filter(({ object }) => translates.includes(groupKind(object)))
  const companions = manifests.filter(({ object }) => accompanies.includes(groupKind(object)))
  const apexes = new Map<string, ServiceRef>()
  for (const apex of own.flatMap(({ object }) => adapter.reading.apexes(object))) apexes.set(serviceName(apex), apex)
  const reads = [...apexes.values()]
    .sort(compareServices)
    .map((apex) => observeApex(apex, adapter, [...own, ...companions], services, target))
  const isOfBackends = adapter.reading.governsDirectCalls !== true
  const touched = new Set(
    reads.flatMap(({ found }) =>
      found.flatMap(({ traffic }) => (isOfBackends ? servicesOf(traffic) : [serviceName(traffic.service)])),
    ),
  )
  const alone = companions.filter(({ object }) =>
    adapter.reading.governs?.(object).every((service) => !touched.has(serviceName(service))),
  )
  const governed = new Map<string, ServiceRef>()
  for (const service of alone.flatMap(({ object }) => adapter.reading.governs?.(object) ?? []))
    if (!apexes.has(serviceName(service))) governed.set(serviceName(service), service)
  reads.push(
    ...[...governed.values()]
      .sort(compareServices)
      .map((service) => observeApex(service, adapter, [...own, ...companions], services, target))
      .map((read) => (adapter.name === target.name ? { ...read, found: withoutRoutes(read.found) } : read)),
  )
  // On its own mesh a Service stays as it is.
  const mute = manifests
    .filter(({ object }) => adapter.name !== target.name && isService(object))
    .flatMap((service) => (adapter.reading.unreadOfService?.(service.object) ?? []).map((path) => ({ service, path })))
  const among = own.map(({ object }) => object)
  const idle = own.filter(({ object }) => {
    return adapter.reading.apexes(object).length === 0 && adapter.reading.isPart?.(object, among) !== true
  })
  return {
    found: reads.flatMap(({ found }) => found),
    notes: reads.flatMap(({ notes }) => notes),
    silent: reads.flatMap(({ silent = [] }) => silent),
    problems: [
      ...reads.flatMap(({ problems }) => problems),
      ...idle.map((one) => notTranslated(one, 'traffic that is not of a Service', target, one.at(['spec']))),
      ...mute.flatMap(({ service, path }) => notTranslated(service, describePath(path), target, service.atKey(path))),
      ...companions.flatMap((one) =>
        (adapter.reading.unread?.(one.object) ?? []).map((path) =>
          notTranslated(one, describePath(path), target, one.atKey(path)),
        ),
      ),
    ],
  }
}

/** What holds for Services as a whole: how a Service itself says that its requests be treated, it goes on saying on its own mesh. */
function withoutRoutes(found: readonly FoundTraffic[]): FoundTraffic[] {
  return found.flatMap((one) => {
    const { traffic, sources } = one
    if (!sources.every(({ object }) => isService(object))) return [one]
    return traffic.policies === undefined ? [] : [{ ...one, traffic: { ...traffic, ports: [] } }]
  })
}

/** The Services that have a part in some traffic. */
function servicesOf({ service, ports }: ServiceTraffic): string[] {
  const backends = ports.flatMap(({ rules }) => rules.flatMap((rule) => rule.backends))
  return [service, ...backends.map((backend) => backend.service)].map(serviceName)
}

function observeApex(
  apex: ServiceRef,
  adapter: MeshAdapter,
  manifests: readonly Manifest[],
  services: KnownServices,
  target: MeshAdapter,
): ReadTraffic {
  const objects = manifests.map(({ object }) => object)
  const sources = manifests.filter(({ object }) => namesApex(object, apex, adapter))
  const taken = assumedPorts(apex, adapter, objects, services, target)
  const [first] = sources
  if (taken === undefined) {
    if (first === undefined) return { found: [], problems: [], notes: [] }
    const facts = { mesh: target.name, object: describeObject(first.object), apex: serviceName(apex) }
    return { found: [], problems: [diagnostic('AP7103', facts, first.at(['spec']))], notes: [] }
  }
  const { ports: assumed, isStandIn } = taken
  const observe = (some: readonly KubeObject[]) => adapter.observe(some, apex, withPorts(apex, services, assumed))
  const { traffic, problems } = observe(objects)
  const isWhole = problems.every(({ decisive }) => decisive !== true)
  const reread = (some: readonly KubeObject[]) => observe(some).traffic
  const found = traffic !== undefined && isWhole ? [{ traffic: inPercent(traffic), sources, reread }] : []
  const isTold = services.portsMatter || services.isGiven(apex) || isStandIn === true
  const named = isTold ? [] : (traffic?.ports ?? []).map(({ port }) => port)
  const facts = { object: first ? describeObject(first.object) : '', apex: serviceName(apex) }
  return {
    found,
    problems: problems.flatMap((problem) => located(problem, manifests, target)),
    silent: traffic === undefined && problems.length === 0 && first !== undefined ? [{ apex, source: first }] : [],
    notes: [
      ...(assumed.length > 0 && services.portsMatter && !assumed.includes(everyPort)
        ? [diagnostic('AP7104', { ...facts, ports: assumed.join(', ') }, first?.at(['spec']))]
        : []),
      ...(named.length > 0
        ? [diagnostic('AP7142', { ...facts, mesh: target.name, ports: named.join(', ') }, first?.at(['spec']))]
        : []),
    ],
  }
}

/** Weights as people write them: observing reduces 90 and 10 to 9 and 1. Left alone where they come to no whole percents. */
function inPercent(traffic: ServiceTraffic): ServiceTraffic {
  const ports = traffic.ports.map((port) => ({
    ...port,
    rules: port.rules.map((rule) => {
      const factor = 100 / rule.backends.reduce((sum, { weight }) => sum + weight, 0)
      if (!Number.isInteger(factor)) return rule
      return { ...rule, backends: rule.backends.map((backend) => ({ ...backend, weight: backend.weight * factor })) }
    }),
  }))
  return { ...traffic, ports }
}

function namesApex(object: KubeObject, apex: ServiceRef, { reading }: MeshAdapter): boolean {
  return (
    (reading.translates.includes(groupKind(object)) &&
      reading.apexes(object).some((one) => serviceName(one) === serviceName(apex))) ||
    reading.governs?.(object).some((one) => serviceName(one) === serviceName(apex)) === true
  )
}

interface AssumedPorts {
  readonly ports: readonly number[]
  /** Set where nothing tells the ports and one stands for whichever there are. */
  readonly isStandIn?: true
}

/**
 * Ports to take an apex to have when its Service is not given: none when every rule names its port, otherwise each that there may be where
 * the target can say so, or else those that the backends name. Undefined when nothing tells.
 */
function assumedPorts(
  apex: ServiceRef,
  adapter: MeshAdapter,
  objects: readonly KubeObject[],
  services: KnownServices,
  target: MeshAdapter,
): AssumedPorts | undefined {
  if (services.isGiven(apex)) return { ports: [] }
  const { traffic } = adapter.observe(objects, apex, withPorts(apex, services, [everyPort]))
  const portless = traffic?.ports.find(({ port }) => port === everyPort)
  if (traffic === undefined || portless === undefined) return { ports: [] }
  if (services.unknownPort === everyPort && isSaidOfEveryPort(traffic, adapter, objects, services, target))
    return { ports: [everyPort] }
  const ports = portless.rules.flatMap(({ backends }) => backends.map(({ port }) => port))
  const named = [...new Set(ports)].filter((port) => port !== everyPort).sort((a, b) => a - b)
  if (named.length > 0) return { ports: named }
  if (services.portsMatter || services.unknownPort === undefined) return undefined
  return { ports: [services.unknownPort], isStandIn: true }
}

/** Whether the target's objects for every port say of single ones what the rules say of them: a redirect may depend on its port. */
function isSaidOfEveryPort(
  traffic: ServiceTraffic,
  adapter: MeshAdapter,
  objects: readonly KubeObject[],
  services: KnownServices,
  target: MeshAdapter,
): boolean {
  const { service: apex, ports } = traffic
  const written = target.translate({ service: apex, ports })
  const rulesOf = (mesh: MeshAdapter, some: readonly KubeObject[], port: number) => {
    const observed = mesh.observe(some, apex, withPorts(apex, services, [port])).traffic
    const rules = observed?.ports.find((one) => one.port === port)?.rules ?? []
    // What is said of every port is said again of those that have rules of their own, to no effect.
    return [...new Set(rules.map(({ name, ...rule }) => JSON.stringify(rule)))].join()
  }
  const named = ports.map(({ port }) => port).filter((port) => port !== everyPort)
  return [...named, ...samplePorts].every((port) => rulesOf(adapter, objects, port) === rulesOf(target, written, port))
}
