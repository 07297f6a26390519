/** What keeps the requests of one client on one pod. Times in milliseconds. */
export type AffinityKey =
  | {
      /** A cookie that the mesh sets itself where a request has none; without `ttl` it lasts as long as the browser. */
      readonly cookie: { readonly name: string; readonly ttl?: number; readonly path?: string }
    }
  | { readonly header: string }
  | { readonly queryParameter: string }
  | 'sourceIp'

/** When pods are left out for a while, and how much may be under way. What is not given is left to the mesh. */
export interface Breaker {
  /** 5xx answers, or none at all, in a row after which a pod is left out. */
  readonly consecutiveErrors?: number
  /** Milliseconds between two looks at the pods. */
  readonly interval?: number
  /** Milliseconds for which a pod is left out the first time. */
  readonly ejectionTime?: number
  /** Of the pods, at most; all of them unless given, whatever a mesh does by itself. */
  readonly maxEjectionPercent?: number
  /** Connections to the whole Service, from one client. */
  readonly maxConnections?: number
  /** Requests that wait for a connection. */
  readonly maxPendingRequests?: number
  /** Requests at once. */
  readonly maxRequests?: number
  /** After so many a connection is closed. */
  readonly maxRequestsPerConnection?: number
}

/** How many requests a second each pod takes; more are answered 429. */
export interface RateLimit {
  readonly requestsPerSecond: number
  /** Of these, from one client by its mesh identity. */
  readonly perClient?: number
}

/** What holds for a Service as a whole, on all of its ports: of each kind at most one. */
export interface ServicePolicies {
  readonly affinity?: AffinityKey
  readonly breaker?: Breaker
  readonly rateLimit?: RateLimit
}

/** The policies in the form in which they are compared; undefined when there are none. */
export function normalPolicies({ affinity, breaker, rateLimit }: ServicePolicies = {}): ServicePolicies | undefined {
  const breaks = breaker !== undefined && Object.values(breaker).some((limit) => limit !== undefined)
  const policies = {
    ...(affinity !== undefined && { affinity: normalAffinity(affinity) }),
    ...(breaks && { breaker: normalBreaker(breaker) }),
    ...(rateLimit && { rateLimit: inOrder(rateLimit) }),
  }
  return Object.keys(policies).length === 0 ? undefined : policies
}

/** All pods are what may be left out anyway. */
function normalBreaker({ maxEjectionPercent, ...rest }: Breaker): Breaker {
  return inOrder({ ...rest, ...(isBound(maxEjectionPercent) && { maxEjectionPercent }) })
}

/** Whether a `maxEjectionPercent` keeps any pod from being left out. */
export function isBound(maxEjectionPercent: number | undefined): boolean {
  return maxEjectionPercent !== undefined && maxEjectionPercent < 100
}

function normalAffinity(key: AffinityKey): AffinityKey {
  if (key === 'sourceIp') return key
  if ('header' in key) return { header: key.header.toLowerCase() }
  if ('queryParameter' in key) return { queryParameter: key.queryParameter }
  const { name, ttl, path } = key.cookie
  return { cookie: { name, ...(ttl !== undefined && { ttl }), ...(path !== undefined && { path }) } }
}

function inOrder<T extends object>(fields: T): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) as T
}
