import type { HttpMatch } from '../mesh/match.ts'
import type { PortTraffic, TrafficRule, WeightedBackend } from '../mesh/traffic.ts'
import type { Treatment } from '../mesh/treatment.ts'
import { callPort } from './generated-services.ts'
import type { RelativeTreatment } from './treatment-arbitraries.ts'

export interface RelativeRule {
  readonly treatment?: RelativeTreatment
  readonly matches: readonly HttpMatch[]
  readonly backends: readonly (Omit<WeightedBackend, 'port'> & { readonly port: number | undefined })[]
}

export function portTraffic(rules: readonly RelativeRule[], port: number): PortTraffic {
  return { port, ...(port === callPort && { protocol: 'grpc' }), rules: onPort(rules, port) }
}

export function onPort(rules: readonly RelativeRule[], port: number): TrafficRule[] {
  return rules.map(({ backends, matches, treatment }, index) => ({
    matches,
    name: index === rules.length - 1 ? 'default' : `r${index + 1}`,
    backends: backends.map(({ port: own, ...backend }) => ({ ...backend, port: own ?? port })),
    ...(treatment && treatmentOnPort(treatment, port)),
  }))
}

function treatmentOnPort({ mirrors, ...treatment }: RelativeTreatment, port: number): Treatment {
  if (mirrors === undefined) return treatment
  return { ...treatment, mirrors: mirrors.map(({ port: own, ...mirror }) => ({ ...mirror, port: own ?? port })) }
}
