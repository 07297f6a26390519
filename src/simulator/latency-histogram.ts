/** Each bucket ends 5 % above the one before: no quantile is off by more than that. */
const growth = Math.log(1.05)
const smallest = 0.1
const buckets = 300

/** Latencies by size, in milliseconds; from a tenth of a millisecond to about three minutes. */
export class LatencyHistogram {
  readonly #counts = new Map<number, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  add(latency: number): void {
    const bucket = latency <= smallest ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(latency / smallest) / growth))
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
    this.#total += 1
  }

  merge(other: LatencyHistogram): void {
    for (const [bucket, count] of other.#counts) this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count)
    this.#total += other.#total
  }

  /** The latency below which this share of all stayed, read linearly within its bucket; undefined when there is none. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined
    const rank = share * this.#total
    let below = 0
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      const count = this.#counts.get(bucket) ?? 0
      if (below + count >= rank) {
        const from = bucket === 0 ? 0 : upperBound(bucket - 1)
        return from + (upperBound(bucket) - from) * Math.max(0, (rank - below) / count)
      }
      below += count
    }
    return undefined
  }
}

function upperBound(bucket: number): number {
  return smallest * Math.exp(bucket * growth)
}
