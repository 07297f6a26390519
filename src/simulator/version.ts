import type { Random } from './random.ts'

/** How one version of a program behaves; versions are told apart by their image. */
export interface Version {
  /** Share of requests answered with 500, 0 to 1. */
  readonly errorRate: number
  /** Latency in milliseconds: half of the requests stay below `median`, 99 % below `p99`. */
  readonly latency: { readonly median: number; readonly p99: number }
}

export const healthy: Version = { errorRate: 0, latency: { median: 12, p99: 60 } }

/** The 99th percentile of the normal distribution, in deviations from its mean. */
const deviationsAt99 = 2.3263478740408408

/** Draws a latency of the log-normal distribution with this median and 99th percentile. */
export function drawLatency({ latency: { median, p99 } }: Version, random: Random): number {
  return median * Math.exp((Math.log(p99 / median) / deviationsAt99) * random.normal())
}

/** A request either fails or not, independently of all others. */
export function drawStatus({ errorRate }: Version, random: Random): number {
  return random.next() < errorRate ? 500 : 200
}
