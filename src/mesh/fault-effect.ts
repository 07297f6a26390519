import { faultBackendName } from './fault-backend.ts'
import type { ServiceTraffic, TrafficRule } from './traffic.ts'

/** The traffic without the aborts whose fault backend, a Service named so in the namespace of the apex, is not to be used. */
export function withoutAbortsBy(traffic: ServiceTraffic, isUnusable: (name: string) => boolean): ServiceTraffic {
  const spared = ({ fault, ...rule }: TrafficRule): TrafficRule => {
    if (fault?.abort === undefined || !isUnusable(faultBackendName(fault.abort)))
      return { ...rule, ...(fault && { fault }) }
    const { abort: _, ...others } = fault
    return { ...rule, ...(others.delay && { fault: others }) }
  }
  return { ...traffic, ports: traffic.ports.map((port) => ({ ...port, rules: port.rules.map(spared) })) }
}

/**
 * Whether what an object says names a Service, alone or at the beginning of a longer name such as a host's. For names that no
 * other word of an object is likely to be: it is enough to leave a Service where it is, not to tell what the object does with it.
 */
export function mentionsService(value: unknown, name: string): boolean {
  if (typeof value === 'string') return value === name || value.startsWith(`${name}.`) || value.startsWith(`${name}_`)
  if (Array.isArray(value)) return value.some((one) => mentionsService(one, name))
  return typeof value === 'object' && value !== null && mentionsService(Object.values(value), name)
}
