import type { TrafficRule, WeightedBackend } from './traffic.ts'

/** The cookie by which a client stays with the version that answered it first. */
export interface VersionCookie {
  readonly name: string
  /** Milliseconds, in whole seconds; without, it lasts as long as the browser. */
  readonly ttl?: number
  /** Only these versions are remembered; all unless given. */
  readonly backends?: readonly string[]
}

/**
 * The plain rule of a port as rules that remember: before it one for each backend, for requests that bring its cookie; in it each
 * backend sets that cookie. No mesh has this by itself, and any with conditions on cookies and changed response headers can.
 * A backend without weight is forgotten, so that a rolled back version keeps nobody; where one backend alone has weight there is
 * nothing to remember, and clients are left as they come. `nameOf` finds a name that no other rule has.
 */
export function withVersionCookie(
  plain: TrafficRule,
  cookie: VersionCookie,
  nameOf: (wanted: string) => string,
): TrafficRule[] {
  const weighted = plain.backends.filter(({ weight }) => weight > 0)
  if (weighted.length < 2) return [plain]
  const remembered = weighted.filter(({ service }) => cookie.backends?.includes(service.name) ?? true)
  const cookieValue = (backend: WeightedBackend) => {
    const name = backend.service.name
    return weighted.filter(({ service }) => service.name === name).length > 1 ? `${name}.${backend.port}` : name
  }
  const sticky = remembered.map((backend): TrafficRule => {
    const matches = [{ cookies: [{ name: cookie.name, exact: cookieValue(backend) }] }]
    return {
      name: nameOf(`stay-${backend.service.name}`.slice(0, 60)),
      matches,
      backends: [{ ...backend, weight: 100 }],
    }
  })
  const backends = plain.backends.map((backend) => {
    if (!remembered.includes(backend)) return backend
    return { ...backend, responseHeaders: { add: { 'set-cookie': setCookie(cookie, cookieValue(backend)) } } }
  })
  return [...sticky, { ...plain, backends }]
}

/** RFC 6265; for the whole host, as rules are about paths of their own. Scripts have no use for it. */
function setCookie({ name, ttl }: VersionCookie, value: string): string {
  const age = ttl === undefined ? [] : [`Max-Age=${ttl / 1000}`]
  return [`${name}=${value}`, 'Path=/', ...age, 'HttpOnly'].join('; ')
}
