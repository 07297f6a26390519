import type { ServiceTraffic, TrafficRule } from '../../../src/mesh/traffic.ts'

const longestDelay = 250
const shortestTimeout = 5_000

/** Generated traffic with times that a test can wait for: delays are short, and no answer of a backend takes as long as a timeout. */
export function bounded(traffic: ServiceTraffic): ServiceTraffic {
  return { ...traffic, ports: traffic.ports.map((one) => ({ ...one, rules: one.rules.map(boundedRule) })) }
}

function boundedRule(rule: TrafficRule): TrafficRule {
  const { timeout, retries, fault } = rule
  return {
    ...rule,
    ...(timeout !== undefined && { timeout: longer(timeout) }),
    ...(retries && {
      retries: {
        ...retries,
        ...(retries.perTryTimeout !== undefined && { perTryTimeout: longer(retries.perTryTimeout) }),
      },
    }),
    ...(fault?.delay && {
      fault: { ...fault, delay: { ...fault.delay, duration: Math.min(fault.delay.duration, longestDelay) } },
    }),
  }
}

/** Different ones stay different. */
function longer(timeout: number): number {
  return shortestTimeout + (timeout % shortestTimeout)
}
