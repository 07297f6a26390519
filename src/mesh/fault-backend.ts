import { greatestCommonDivisor } from './normal-backends.ts'
import { isAbortedWhole } from './normal-treatment.ts'
import type { ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from './traffic.ts'
import type { AbortAnswer } from './treatment.ts'

/** Percentages have four decimals, so that they are whole numbers of this many in a hundred. */
const whole = 1_000_000

/** The Service that answers every request in one way; it stands in for a fault on meshes that have none. */
export function faultBackendName(answer: AbortAnswer): string {
  return 'status' in answer ? `fault-${answer.status}` : `fault-grpc-${answer.grpcStatus}`
}

/** How a Service of that name answers; undefined for other names. */
export function faultBackendAnswer(name: string): AbortAnswer | undefined {
  const status = /^fault-([2-5]\d\d)$/.exec(name)?.[1]
  if (status !== undefined) return { status: Number(status) }
  const grpcStatus = /^fault-grpc-([0-9]|1[0-6])$/.exec(name)?.[1]
  return grpcStatus === undefined ? undefined : { grpcStatus: Number(grpcStatus) }
}

/**
 * The same traffic for a mesh without faults: an abort becomes a backend named `fault-<status>` or `fault-grpc-<code>`, in the namespace of the apex and
 * on its port, with the abort's share of the weight. `withFaults` is the way back. Delays have no such form.
 */
export function withFaultBackends(traffic: ServiceTraffic): ServiceTraffic {
  const ports = traffic.ports.map((port) => {
    return { ...port, rules: port.rules.map((rule) => divideFault(rule, traffic.service, port.port)) }
  })
  return { ...traffic, ports }
}

/** Backends with such a name beside the apex are faults; of several the first, the rest stay backends. */
export function withFaults(traffic: ServiceTraffic): ServiceTraffic {
  const ports = traffic.ports.map((port) => {
    if (port.protocol === 'tcp' || port.protocol === 'tls') return port
    return { ...port, rules: port.rules.map((rule) => readFault(rule, traffic.service, port.port)) }
  })
  return { ...traffic, ports }
}

function divideFault(rule: TrafficRule, apex: ServiceRef, port: number): TrafficRule {
  const { fault, ...rest } = rule
  const abort = fault?.abort
  if (abort === undefined || abort.percent <= 0 || rule.redirect !== undefined) return rest
  const service = { namespace: apex.namespace, name: faultBackendName(abort) }
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
    return beside && faultBackendAnswer(backend.service.name) !== undefined
  })
  const answer = found && faultBackendAnswer(found.service.name)
  if (found === undefined || answer === undefined) return rule
  const others = rule.backends.filter((backend) => backend !== found && backend.weight > 0)
  const percent = (Math.round((found.weight * whole) / total) * 100) / whole
  const backends = others.length === 0 ? [{ service: apex, port, weight: 1 }] : others
  return { ...rule, backends, fault: { abort: { ...answer, percent: others.length === 0 ? 100 : percent } } }
}

function reduced(backends: readonly WeightedBackend[]): WeightedBackend[] {
  const divisor = backends.map(({ weight }) => weight).reduce(greatestCommonDivisor)
  return backends.map((backend) => ({ ...backend, weight: backend.weight / divisor }))
}
