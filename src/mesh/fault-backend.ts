import { greatestCommonDivisor } from './normal-backends.ts'
import { isAbortedWhole } from './normal-treatment.ts'
import type { ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from './traffic.ts'

/** Percentages have four decimals, so that they are whole numbers of this many in a hundred. */
const whole = 1_000_000

/** The Service that answers every request with one status; it stands in for a fault on meshes that have none. */
export function faultBackendName(status: number): string {
  return `fault-${status}`
}

/** The status with which a Service of that name answers; undefined for other names. */
export function faultBackendStatus(name: string): number | undefined {
  const status = Number(/^fault-([2-5]\d\d)$/.exec(name)?.[1] ?? Number.NaN)
  return Number.isNaN(status) ? undefined : status
}

/**
 * The same traffic for a mesh without faults: an abort becomes a backend named `fault-<status>`, in the namespace of the apex and
 * on its port, with the abort's share of the weight. `withFaults` is the way back. Delays have no such form.
 */
export function withFaultBackends(traffic: ServiceTraffic): ServiceTraffic {
  const ports = traffic.ports.map((port) => {
    return { ...port, rules: port.rules.map((rule) => divideFault(rule, traffic.service, port.port)) }
  })
  return { ...traffic, ports }
}

/** Backends named `fault-<status>` beside the apex are faults; of several the first, the rest stay backends. */
export function withFaults(traffic: ServiceTraffic): ServiceTraffic {
  const ports = traffic.ports.map((port) => {
    return { ...port, rules: port.rules.map((rule) => readFault(rule, traffic.service, port.port)) }
  })
  return { ...traffic, ports }
}

function divideFault(rule: TrafficRule, apex: ServiceRef, port: number): TrafficRule {
  const { fault, ...rest } = rule
  const abort = fault?.abort
  if (abort === undefined || abort.percent <= 0 || rule.redirect !== undefined) return rest
  const service = { namespace: apex.namespace, name: faultBackendName(abort.status) }
  if (isAbortedWhole(rule)) return { ...rest, backends: [{ service, port, weight: 1 }] }
  const share = Math.round((abort.percent / 100) * whole)
  const total = rule.backends.reduce((sum, { weight }) => sum + weight, 0)
  const backends = [
    ...rule.backends.map((backend) => ({ ...backend, weight: backend.weight * (whole - share) })),
    { service, port, weight: total * share },
  ]
  return { ...rest, backends: reduced(backends) }
}

function readFault(rule: TrafficRule, apex: ServiceRef, port: number): TrafficRule {
  const total = rule.backends.reduce((sum, { weight }) => sum + weight, 0)
  const found = rule.backends.find((backend) => {
    const beside = backend.service.namespace === apex.namespace && backend.port === port && backend.weight > 0
    return beside && faultBackendStatus(backend.service.name) !== undefined
  })
  if (found === undefined) return rule
  const status = faultBackendStatus(found.service.name) ?? 0
  const others = rule.backends.filter((backend) => backend !== found && backend.weight > 0)
  const percent = (Math.round((found.weight * whole) / total) * 100) / whole
  const backends = others.length === 0 ? [{ service: apex, port, weight: 1 }] : others
  return { ...rule, backends, fault: { abort: { status, percent: others.length === 0 ? 100 : percent } } }
}

function reduced(backends: readonly WeightedBackend[]): WeightedBackend[] {
  const divisor = backends.map(({ weight }) => weight).reduce(greatestCommonDivisor)
  return backends.map((backend) => ({ ...backend, weight: backend.weight / divisor }))
}
