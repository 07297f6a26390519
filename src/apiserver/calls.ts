/** One kind of request and how often it came. */
export interface CallCount {
  /** The client: the part of its user agent before the first slash. */
  readonly client: string
  readonly method: string
  /** As audit logs call it: get, list, watch, create, update, patch, delete, deletecollection; empty outside resources. */
  readonly verb: string
  /** `deployments.apps/status`, or the path of a request outside resources. */
  readonly resource: string
  readonly count: number
}

/** Counts requests for reports and tests. */
export class CallCounter {
  #counts = new Map<string, { client: string; method: string; verb: string; resource: string; count: number }>()

  add(client: string, method: string, verb: string, resource: string): void {
    const key = `${client} ${method} ${verb} ${resource}`
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { client, method, verb, resource, count: 1 })
    else known.count += 1
  }

  list(client?: string): CallCount[] {
    return [...this.#counts.values()]
      .filter((one) => client === undefined || one.client === client)
      .map((one) => ({ ...one }))
  }

  byVerb(client?: string): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const { verb, count } of this.list(client)) if (verb !== '') sums[verb] = (sums[verb] ?? 0) + count
    return sums
  }

  reset(): void {
    this.#counts = new Map()
  }
}

export function clientOf(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/')[0] ?? ''
  return name === '' ? 'unknown' : name
}
