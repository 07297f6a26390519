import type { BackendRef, MetricTarget, WorkloadRef } from '../mesh/metric-queries.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { LatencyHistogram } from './latency-histogram.ts'

/** One request that was answered, by a workload or in its place. */
export interface Answered {
  readonly time: number
  readonly from: WorkloadRef
  /** The workload it was meant for; absent when the mesh answered by itself. */
  readonly to: WorkloadRef | undefined
  /** The Service that was called, and the one the mesh sent it to; absent when the mesh answered by itself. */
  readonly backend: BackendRef | undefined
  /** False when it never got there, as when nothing was available. Then only its caller has seen it. */
  readonly arrived: boolean
  readonly status: number
  /** Milliseconds. */
  readonly latency: number
}

interface Second {
  readonly second: number
  requests: number
  failures: number
  readonly latencies: LatencyHistogram
}

/** What was measured over some time. */
export interface Measurement {
  readonly requests: number
  readonly failures: number
  readonly latencies: LatencyHistogram
}

/** Older measurements are forgotten; no window can be longer. */
const kept = 3600

/** What the proxies of a mesh would have counted, second by second. A failure is an HTTP 5xx. */
export class Telemetry {
  readonly #series = new Map<string, Second[]>()

  record(answered: Answered): void {
    const { to, from, backend } = answered
    if (backend !== undefined) {
      this.#count(serviceKey(backend.service), answered)
      this.#count(backendKey(backend), answered)
    }
    if (to === undefined) return
    if (answered.arrived) this.#count(workloadKey(to), answered)
    this.#count(edgeKey(from, to), answered)
  }

  /** The measurements of the `length` milliseconds before `now`, in whole seconds: the present one, and those that lie within. */
  measure(target: MetricTarget, now: number, length: number): Measurement {
    const key = keyOf(target)
    const first = Math.ceil((now - length) / 1000)
    const last = Math.floor(now / 1000)
    const latencies = new LatencyHistogram()
    let [requests, failures] = [0, 0]
    const seconds = this.#series.get(key) ?? []
    for (let index = seconds.length - 1; index >= 0; index--) {
      const second = seconds[index]
      if (second === undefined || second.second < first) break
      if (second.second > last) continue
      requests += second.requests
      failures += second.failures
      latencies.merge(second.latencies)
    }
    return { requests, failures, latencies }
  }

  #count(key: string, { time, status, latency }: Answered): void {
    let seconds = this.#series.get(key)
    if (seconds === undefined) {
      seconds = []
      this.#series.set(key, seconds)
    }
    const second = Math.floor(time / 1000)
    let current = seconds.at(-1)
    if (current === undefined || current.second < second) {
      current = { second, requests: 0, failures: 0, latencies: new LatencyHistogram() }
      seconds.push(current)
      if (seconds.length > 2 * kept) seconds.splice(0, seconds.length - kept)
    }
    current.requests += 1
    if (status >= 500) current.failures += 1
    current.latencies.add(latency)
  }
}

function keyOf(target: MetricTarget): string {
  if ('workload' in target) return workloadKey(target.workload)
  if ('edge' in target) return edgeKey(target.edge.from, target.edge.to)
  return 'service' in target ? serviceKey(target.service) : backendKey(target.backend)
}

function serviceKey({ namespace, name }: ServiceRef): string {
  return `service ${namespace}/${name}`
}

function backendKey({ apex, service }: BackendRef): string {
  return `${serviceKey(apex)} ${serviceKey(service)}`
}

function workloadKey({ namespace, name }: WorkloadRef): string {
  return `${namespace}/${name}`
}

function edgeKey(from: WorkloadRef, to: WorkloadRef): string {
  return `${workloadKey(from)} ${workloadKey(to)}`
}
