import type { HttpMatch, PathMatch } from './match.ts'
import { alwaysHolds, normalMatch } from './normal-match.ts'
import type { PortTraffic, ServiceTraffic, TrafficRule } from './traffic.ts'

/**
 * The rules of a port in terms of what is spoken there. Of gRPC every request is a POST without a query to a path of two
 * parts: conditions that this decides are left out, and so are matches and rules that no call satisfies or gets to.
 */
export function spokenRules({ protocol, rules }: PortTraffic): readonly TrafficRule[] {
  if (protocol !== 'grpc') return rules
  const spoken = rules.flatMap((rule) => {
    const matches = rule.matches.flatMap((match) => callMatch(match) ?? [])
    if (matches.length === 0 && rule.matches.length > 0) return []
    return [{ ...rule, matches: matches.some(alwaysHolds) ? [] : matches }]
  })
  const last = spoken.findIndex(({ matches }) => matches.length === 0)
  return last < 0 ? spoken : spoken.slice(0, last + 1)
}

/** Traffic with the rules of each port in terms of what is spoken there. */
export function spokenTraffic(traffic: ServiceTraffic): ServiceTraffic {
  return { ...traffic, ports: traffic.ports.map((port) => ({ ...port, rules: spokenRules(port) })) }
}

/** Undefined when no call satisfies it. */
function callMatch(match: HttpMatch): HttpMatch | undefined {
  const { methods, queryParams = [], path: asked, ...rest } = normalMatch(match)
  if (methods !== undefined && methods.length > 0 && !methods.includes('POST')) return undefined
  if (queryParams.length > 0) return undefined
  const path = asked && callPath(asked)
  if (path === 'never') return undefined
  return { ...(path && { path }), ...rest }
}

/** Of a path in normal form, which a prefix that every path has is not. */
function callPath(path: PathMatch): PathMatch | 'never' {
  if ('regex' in path) return path
  const [text = ''] = Object.values(path)
  const parts = text.slice(1).split('/')
  const [service = '', method = ''] = parts
  if (parts.length > 2 || service === '') return 'never'
  const isWhole = 'exact' in path || ('prefixPath' in path && parts.length === 2)
  if (isWhole) return method === '' ? 'never' : { exact: text }
  return 'prefixPath' in path || (parts.length === 2 && method === '') ? { prefixPath: `/${service}` } : path
}
