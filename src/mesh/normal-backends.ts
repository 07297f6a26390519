import { normalHeaders } from './header-changes.ts'
import { compareServices, compareText } from './service.ts'
import type { WeightedBackend } from './traffic.ts'

/**
 * The backends of one rule in the form in which they are compared: equal ones added up, zero weights dropped (unless all are
 * zero), weights reduced to the smallest integers of the same ratio, in a stable order.
 */
export function normalBackends(backends: readonly WeightedBackend[]): WeightedBackend[] {
  const sums = new Map<string, WeightedBackend>()
  for (const backend of backends) {
    const { service, port, weight, subset } = backend
    const changes = backendChanges(backend)
    const key = `${service.namespace}/${service.name}:${port}:${subset ?? ''} ${JSON.stringify(changes)}`
    const place = { service, port, ...(subset !== undefined && { subset }), ...changes }
    sums.set(key, { ...place, weight: weight + (sums.get(key)?.weight ?? 0) })
  }
  const merged = [...sums].sort(([keyOfA, a], [keyOfB, b]) => comparePlaces(a, b) || compareText(keyOfA, keyOfB))
  const positive = merged.map(([, backend]) => backend).filter(({ weight }) => weight > 0)
  if (positive.length === 0) return merged.map(([, backend]) => backend)
  const divisor = positive.map((backend) => backend.weight).reduce(greatestCommonDivisor)
  return positive.map((backend) => ({ ...backend, weight: backend.weight / divisor }))
}

/** The changes of headers that one backend has, in the form in which they are compared. */
export function backendChanges({
  requestHeaders,
  responseHeaders,
}: Pick<WeightedBackend, 'requestHeaders' | 'responseHeaders'>): Pick<
  WeightedBackend,
  'requestHeaders' | 'responseHeaders'
> {
  const request = requestHeaders && normalHeaders(requestHeaders)
  const response = responseHeaders && normalHeaders(responseHeaders)
  return { ...(request && { requestHeaders: request }), ...(response && { responseHeaders: response }) }
}

function comparePlaces(a: WeightedBackend, b: WeightedBackend): number {
  return compareServices(a.service, b.service) || a.port - b.port || compareText(a.subset ?? '', b.subset ?? '')
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
