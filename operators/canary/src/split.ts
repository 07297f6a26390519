import type { ObservedTraffic } from '../../../src/mesh/adapter.ts'
import type { AttachTo, TrafficSplit } from '../../../src/mesh/outputs.ts'
import type { WeightedBackend } from '../../../src/mesh/traffic.ts'
import type { CanaryDeployment } from './generated/phases.ts'

export interface SplitNames {
  readonly service: string
  readonly primary: string
  readonly canary: string
  /** The user's route in which the weights are set; without it the operator makes one. */
  readonly route?: AttachTo | undefined
}

/** The split that gives `weight` percent of all requests to the canary and the rest to the primary. */
export function split(names: SplitNames, weight: number): TrafficSplit {
  const { service, canary, route } = names
  return {
    name: service,
    service,
    backends: [
      { service: stable(names), weight: 100 - weight },
      { service: canary, weight },
    ],
    ...(route && { attachTo: route }),
  }
}

/** A user's route sends requests to the Service itself, and goes on doing so: it selects the primary. */
function stable({ primary, route, service }: SplitNames): string {
  return route ? service : primary
}

/** Why the weight is not in effect yet, or undefined when the mesh's objects say it and the mesh took them. */
export function notInEffect(
  names: SplitNames,
  weight: number,
  observed: ObservedTraffic,
  resource: CanaryDeployment,
): string | undefined {
  const defaults = observed.attached ?? (observed.traffic?.ports ?? []).flatMap(({ rules }) => rules.slice(-1))
  const asWanted = (rule: Divided) =>
    Math.abs(shareOf(names.canary, rule) - weight / 100) < 0.005 &&
    Math.abs(shareOf(stable(names), rule) - (1 - weight / 100)) < 0.005
  if (defaults.length === 0 || !defaults.every(asWanted))
    return `the mesh does not route ${weight} % of ${names.service} to ${names.canary} yet`
  const accepted = resource.status?.conditions?.find(({ type }) => type === 'TrafficAccepted')
  return accepted?.status === 'False'
    ? `the mesh refuses the route of ${names.service}: ${accepted.message}`
    : undefined
}

/**
 * The weight that was last asked for the canary. It runs ahead of `status.weight` while the mesh is waited for: the runtime
 * notes what was asked at once, and what a worker wants remembered only when the mesh has taken it up.
 */
export function askedWeight({ service, canary }: SplitNames, { status }: CanaryDeployment): number | undefined {
  const asked = status?.outputs?.trafficsplits?.find(({ name }) => name === service)
  return asked?.backends.find((backend) => backend.service === canary)?.weight
}

/** Whether any request can still go to the service by the mesh's objects. */
export function carriesTraffic(service: string, observed: ObservedTraffic): boolean {
  const rules = observed.attached ?? (observed.traffic?.ports ?? []).flatMap((port) => port.rules)
  return rules.some((rule) => shareOf(service, rule) > 0)
}

interface Divided {
  readonly backends: readonly Pick<WeightedBackend, 'service' | 'weight'>[]
}

function shareOf(service: string, rule: Divided): number {
  let [mine, all] = [0, 0]
  for (const { service: backend, weight } of rule.backends) {
    all += weight
    if (backend.name === service) mine += weight
  }
  return all === 0 ? 0 : mine / all
}
