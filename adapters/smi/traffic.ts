import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { withFaultBackends, withFaults } from '../../src/mesh/fault-backend.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { normalMatches } from '../../src/mesh/normal-matches.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { saidProtocol, sameService, serviceName, spokenOn, tcpPorts } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { smiMatch } from './match-patterns.ts'
import { isPlain, type Split, splitsOf } from './objects.ts'

/** The versions to write; SMI numbers its groups apart. */
export interface SmiVersions {
  readonly split: string
  readonly groups: string
}

/**
 * A plain TrafficSplit named as the apex, and for each rule with matches a TrafficSplit with an HTTPRouteGroup of the same name,
 * `<apex>.<rule>`; the dot keeps them apart from the splits of other services, whose names have none. Where only matched
 * requests are split, the plain one is left out: what no split takes belongs to the service itself anyway. Aborts are backends.
 */
export function translate(traffic: ServiceTraffic, versions: SmiVersions): KubeObject[] {
  // Check has made sure that all ports of the apex are treated alike, those that speak no HTTP as the default of the others; rules
  // about gRPC may lack those that no call satisfies.
  const { ports } = withFaultBackends(traffic)
  const http = ports.filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'tls')
  const rules = reachable((http.find(({ protocol }) => protocol === undefined) ?? http[0] ?? ports[0])?.rules ?? [])
  const matched = rules.filter(({ matches }) => matches.length > 0)
  const plain = rules.filter(({ matches }) => matches.length === 0)
  const isIdle =
    http.length === ports.length &&
    plain.every(({ backends }) =>
      backends.every(({ service, weight }) => weight === 0 || sameService(service, traffic.service)),
    )
  return [
    ...matched.map((rule) => routeGroup(rule, traffic.service, versions)),
    ...matched.map((rule) => trafficSplit(rule, traffic.service, versions)),
    ...(matched.length > 0 && isIdle ? [] : plain.map((rule) => trafficSplit(rule, traffic.service, versions))),
  ]
}

/** Reads the splits of the apex; they are about all of its ports, which `services` knows. */
export function observe(objects: readonly KubeObject[], apex: ServiceRef, services: ServiceDirectory): ObservedTraffic {
  const splits = splitsOf(apex, objects)
  const [plain, ...losers] = splits.filter(isPlain)
  const problems = [
    ...splits.flatMap(({ name, problems }) =>
      problems.map((what) => diagnostic('AP2121', { object: label(apex, name), what })),
    ),
    ...losers.map(({ name }) => {
      return diagnostic('AP2122', {
        object: label(apex, name),
        winner: label(apex, plain?.name ?? ''),
        apex: serviceName(apex),
      })
    }),
  ]
  const matched = splits.filter(({ matches }) => matches !== undefined && matches.length > 0)
  const rules = [...matched, ...(plain === undefined ? [] : [plain])]
  const ports = tcpPorts(apex, services) ?? []
  if (splits.length === 0 || ports.length === 0) return { traffic: undefined, problems }
  const traffic = {
    service: apex,
    ports: ports.flatMap((port): PortTraffic[] => {
      const said = saidProtocol(apex, port, services)
      // Connections without HTTP satisfy no matches; without a plain split they are nobody's business.
      if (spokenOn(apex, port, services) !== undefined)
        return plain === undefined
          ? []
          : [{ ...said, port, rules: [{ ...ruleOf(plain, apex, port), name: 'default' }] }]
      const itself = { name: 'default', matches: [], backends: [{ service: apex, port, weight: 1 }] }
      return [{ ...said, port, rules: [...rules.map((split) => ruleOf(split, apex, port)), itself] }]
    }),
  }
  return { traffic: normalForm(withFaults(traffic)), problems }
}

/**
 * Rules up to the first that takes every request, whose conditions then are none. What stands behind it gets no request, yet would
 * get connections, which satisfy no conditions.
 */
function reachable(rules: readonly TrafficRule[]): TrafficRule[] {
  const last = rules.findIndex(({ matches }) => normalMatches(matches).length === 0)
  return rules.slice(0, last + 1 || undefined).map((rule, index) => (index === last ? { ...rule, matches: [] } : rule))
}

function trafficSplit({ name, matches, backends }: TrafficRule, apex: ServiceRef, { split }: SmiVersions): KubeObject {
  const own = matches.length > 0 ? `${apex.name}.${name}` : apex.name
  return {
    apiVersion: `split.smi-spec.io/${split}`,
    kind: 'TrafficSplit',
    metadata: { name: own, namespace: apex.namespace },
    spec: {
      service: apex.name,
      ...(matches.length > 0 && { matches: [{ kind: 'HTTPRouteGroup', name: own }] }),
      backends: backends.map(({ service, weight }) => ({ service: service.name, weight })),
    },
  }
}

function routeGroup({ name, matches }: TrafficRule, apex: ServiceRef, { groups }: SmiVersions): KubeObject {
  return {
    apiVersion: `specs.smi-spec.io/${groups}`,
    kind: 'HTTPRouteGroup',
    metadata: { name: `${apex.name}.${name}`, namespace: apex.namespace },
    spec: { matches: matches.map((match, index) => smiMatch(`match-${index + 1}`, match)) },
  }
}

/** A split without any weight is no split: the requests belong to the service itself. */
function ruleOf({ name, matches, backends }: Split, apex: ServiceRef, port: number): TrafficRule {
  const weighted = backends.map((backend): WeightedBackend => ({ ...backend, port }))
  const hasWeight = weighted.some(({ weight }) => weight > 0)
  return { name, matches: matches ?? [], backends: hasWeight ? weighted : [{ service: apex, port, weight: 1 }] }
}

function label(apex: ServiceRef, name: string): string {
  return `TrafficSplit ${apex.namespace}/${name}`
}
