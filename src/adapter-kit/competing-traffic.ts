import fc from 'fast-check'
import type { Capabilities } from '../mesh/capabilities.ts'
import type { HttpMatch, PathMatch } from '../mesh/match.ts'
import type { MeshRequest } from '../mesh/routing.ts'
import type { ServiceTraffic } from '../mesh/traffic.ts'
import { apex, apexPorts, callPort } from './generated-services.ts'
import { onPort, portTraffic } from './relative-rules.ts'
import type { Supports } from './supports.ts'

/**
 * Rules that compete: every condition holds for a `competingRequests` one, and each rule has a backend of its own, so that any
 * change of order shows.
 */
export function competingTraffic(capabilities: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const supports: Supports = (feature) => capabilities[feature].support !== 'unsupported'
  const pool: PathMatch[] = [{ prefixPath: '/a' }, { prefixPath: '/a/b' }, { exact: '/a/b' }]
  if (supports('pathRegex')) pool.push({ regex: '/a/[b-d].*' }, { prefixString: '/a/b' })
  const held = <Condition>(...conditions: Condition[]) => fc.subarray(conditions)
  const match = fc
    .record({
      path: fc.option(fc.constantFrom(...pool), { nil: undefined }),
      methods: supports('methodMatch') ? held('GET') : fc.constant([]),
      headers: held({ name: 'x-a', exact: 'yes' }, { name: 'x-b', exact: 'yes' }),
      queryParams: supports('queryMatch')
        ? held({ name: 'q', exact: '1' }, { name: 'p', exact: '1' })
        : fc.constant([]),
    })
    .map(({ path, ...lists }): HttpMatch => {
      const conditions = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
      return { ...(path && { path }), ...conditions }
    })
    .filter((one) => Object.keys(one).length > 0)
  return fc.array(match, { minLength: 2, maxLength: 3 }).map((matches) => {
    const rules = [...matches.map((one) => [one]), []].map((own, index) => ({
      matches: own,
      backends: [{ service: { ...apex, name: `web-v${index + 1}` }, port: undefined, weight: 1 }],
    }))
    return { service: apex, ports: apexPorts.map((port) => ({ port, rules: onPort(rules, port) })) }
  })
}

export const competingRequests: readonly MeshRequest[] = ['/a', '/a/b', '/a/b/c', '/'].flatMap((path) =>
  ['GET', 'PUT'].map((method) => ({
    service: apex,
    port: 80,
    method,
    path,
    headers: { 'x-a': 'yes', 'x-b': 'yes' },
    query: { q: '1', p: '1' },
  })),
)

/** The same of calls, all on the port that speaks gRPC; for `competingCalls`. */
export function competingCallTraffic(capabilities: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const pool: PathMatch[] = [{ prefixPath: '/shop.Cart' }, { exact: '/shop.Cart/Add' }, { regex: '/[^/]+/Add' }]
  const match = fc
    .record({
      path: fc.option(fc.constantFrom(...pool), { nil: undefined }),
      headers: fc.subarray([
        { name: 'x-a', exact: 'yes' },
        { name: 'x-b', exact: 'yes' },
      ]),
    })
    .map(({ path, headers }): HttpMatch => ({ ...(path && { path }), ...(headers.length > 0 && { headers }) }))
    .filter((one) => Object.keys(one).length > 0)
  const ports = capabilities.portSplit.support === 'unsupported' ? [...apexPorts, callPort] : [callPort]
  return fc.array(match, { minLength: 2, maxLength: 3 }).map((matches) => {
    const rules = [...matches.map((one) => [one]), []].map((own, index) => ({
      matches: own,
      backends: [{ service: { ...apex, name: `web-v${index + 1}` }, port: undefined, weight: 1 }],
    }))
    return { service: apex, ports: ports.map((port) => portTraffic(rules, port)) }
  })
}

export const competingCalls: readonly MeshRequest[] = ['/shop.Cart/Add', '/shop.Cart/Clear', '/shop.Stock/Add'].map(
  (path) => ({
    service: apex,
    port: callPort,
    method: 'POST',
    path,
    headers: { 'x-a': 'yes', 'x-b': 'yes' },
    query: {},
  }),
)
