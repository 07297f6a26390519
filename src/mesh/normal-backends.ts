import { compareServices, compareText } from './service.ts'
import type { WeightedBackend } from './traffic.ts'

/**
 * The backends of one rule in the form in which they are compared: equal ones added up, zero weights dropped (unless all are
 * zero), weights reduced to the smallest integers of the same ratio, in a stable order.
 */
export function normalBackends(backends: readonly WeightedBackend[]): WeightedBackend[] {
  const sums = new Map<string, WeightedBackend>()
  for (const { service, port, weight, subset } of backends) {
    const key = `${service.namespace}/${service.name}:${port}:${subset ?? ''}`
    const place = { service, port, ...(subset !== undefined && { subset }) }
    sums.set(key, { ...place, weight: weight + (sums.get(key)?.weight ?? 0) })
  }
  const merged = [...sums.values()].sort(
    (a, b) => compareServices(a.service, b.service) || a.port - b.port || compareText(a.subset ?? '', b.subset ?? ''),
  )
  const positive = merged.filter((backend) => backend.weight > 0)
  if (positive.length === 0) return merged
  const divisor = positive.map((backend) => backend.weight).reduce(greatestCommonDivisor)
  return positive.map((backend) => ({ ...backend, weight: backend.weight / divisor }))
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
