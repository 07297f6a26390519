import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import type { TrafficSplit } from '../../src/mesh/outputs.ts'
import type { MetricResult } from '../../src/metrics/metrics.ts'
import type { Lister, MetricsInput, TrafficInput } from '../../src/operator/worker.ts'

/** A lister over objects that are at hand. What it gives out is frozen, as readers must not change it. */
export function listerOf<T extends KubeObject>(objects: readonly T[]): Lister<T> {
  const frozen = objects.map((object) => deepFreeze(structuredClone(object)))
  return {
    get: (name) => frozen.find(({ metadata }) => metadata.name === name),
    list: (labels = {}) =>
      frozen.filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)),
  }
}

export interface Measurements {
  readonly successRate: MetricResult
  readonly latency: MetricResult
}

export function percentage(value: number): MetricResult {
  return { state: 'ok', value: value / 100, text: `${value} %` }
}

export function milliseconds(value: number): MetricResult {
  return { state: 'ok', value, text: `${value} ms` }
}

/** Measurements that are always the same. */
export function metricsOf({ successRate, latency }: Measurements): MetricsInput {
  const always = {
    successRate: async () => successRate,
    errorRate: async () => successRate,
    requestRate: async () => successRate,
    latency: async () => latency,
  }
  return {
    ...always,
    edge: () => always,
    service: () => always,
    backend: () => always,
    query: async () => successRate,
  }
}

/** What a mesh that has these splits says: positive backends only, on every port of the apex. */
export function trafficOf(
  splits: readonly TrafficSplit[],
  namespace: string,
  portsOf: (service: string) => readonly number[],
): TrafficInput {
  return {
    observed(service): ObservedTraffic {
      const split = splits.find((candidate) => candidate.service === service)
      if (split === undefined) return { traffic: undefined, problems: [] }
      const ports = portsOf(service).map((port) => ({
        port,
        rules: [
          {
            name: 'default',
            matches: [],
            backends: split.backends
              .filter(({ weight }) => weight > 0)
              .map((backend) => ({ service: { namespace, name: backend.service }, port, weight: backend.weight })),
          },
        ],
      }))
      return { traffic: { service: { namespace, name: service }, ports }, problems: [] }
    },
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
