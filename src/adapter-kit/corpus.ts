import type { MeshAdapter } from '../mesh/adapter.ts'
import { checkTraffic } from '../mesh/check.ts'
import { withFaultBackends } from '../mesh/fault-backend.ts'
import type { MeshRequest, ServiceDirectory } from '../mesh/routing.ts'
import { sameService } from '../mesh/service.ts'
import type { ServiceTraffic, TrafficRule, WeightedBackend } from '../mesh/traffic.ts'
import { comparable } from './comparable-decision.ts'
import { difference, type Law, singleLaw } from './law.ts'

/** Traffic that people ask for, with what becomes of some requests: no rule of ours has computed the answers. */
interface Example {
  readonly name: string
  readonly rules: readonly TrafficRule[]
  readonly requests: readonly {
    readonly request: Partial<MeshRequest>
    readonly goes: Readonly<Record<string, number>>
  }[]
}

const apex = { namespace: 'shop', name: 'web' }
const v1 = 'shop/web-v1:80'
const v2 = 'shop/web-v2:80'

const examples: readonly Example[] = [
  {
    name: 'a canary with a tenth of the requests',
    rules: [rule('default', [], [to('web-v1', 90), to('web-v2', 10)])],
    requests: [{ request: {}, goes: { [v1]: 0.9, [v2]: 0.1 } }],
  },
  {
    name: 'weights that are no percentages',
    rules: [rule('default', [], [to('web-v1', 3), to('web-v2', 1)])],
    requests: [{ request: { path: '/any' }, goes: { [v1]: 0.75, [v2]: 0.25 } }],
  },
  {
    name: 'a backend of no weight',
    rules: [rule('default', [], [to('web-v1', 1), to('web-v2', 0)])],
    requests: [{ request: {}, goes: { [v1]: 1 } }],
  },
  {
    name: 'a backend that does not exist fails its share',
    rules: [rule('default', [], [to('web-v1', 3), to('gone', 1)])],
    requests: [{ request: {}, goes: { [v1]: 0.75, '5xx': 0.25 } }],
  },
  {
    name: 'an A/B test by a header',
    rules: [
      rule('beta', [{ headers: [{ name: 'x-beta', exact: 'yes' }] }], [to('web-v2', 1)]),
      rule('default', [], [to('web-v1', 1)]),
    ],
    requests: [
      { request: { headers: { 'x-beta': 'yes' } }, goes: { [v2]: 1 } },
      { request: { headers: { 'x-beta': 'no' } }, goes: { [v1]: 1 } },
      { request: {}, goes: { [v1]: 1 } },
    ],
  },
  {
    name: 'a prefix goes by segments',
    rules: [rule('api', [{ path: { prefixPath: '/api' } }], [to('web-v2', 1)]), rule('default', [], [to('web-v1', 1)])],
    requests: [
      { request: { path: '/api' }, goes: { [v2]: 1 } },
      { request: { path: '/api/users' }, goes: { [v2]: 1 } },
      { request: { path: '/apis' }, goes: { [v1]: 1 } },
    ],
  },
  {
    name: 'an exact path goes before the prefix it is under',
    rules: [
      rule('login', [{ path: { exact: '/shop/login' } }], [to('web-v2', 1)]),
      rule('shop', [{ path: { prefixPath: '/shop' } }], [to('web-v1', 1), to('web-v2', 1)]),
      rule('default', [], [to('web-v1', 1)]),
    ],
    requests: [
      { request: { path: '/shop/login' }, goes: { [v2]: 1 } },
      { request: { path: '/shop/cart' }, goes: { [v1]: 0.5, [v2]: 0.5 } },
      { request: { path: '/' }, goes: { [v1]: 1 } },
    ],
  },
  {
    name: 'stickiness to a version by a cookie among others',
    rules: [
      rule('sticky', [{ cookies: [{ name: 'version', exact: 'v2' }] }], [to('web-v2', 1)]),
      rule('default', [], [to('web-v1', 1)]),
    ],
    requests: [
      { request: { headers: { cookie: 'a=b; version=v2; c=d' } }, goes: { [v2]: 1 } },
      { request: { headers: { cookie: 'version=v22' } }, goes: { [v1]: 1 } },
      { request: {}, goes: { [v1]: 1 } },
    ],
  },
  {
    name: 'a share of the requests is aborted',
    rules: [{ ...rule('default', [], [to('web-v1', 1)]), fault: { abort: { status: 503, percent: 25 } } }],
    requests: [{ request: {}, goes: { '5xx': 0.25, [v1]: 0.75 } }],
  },
  {
    name: 'the apex as its own backend',
    rules: [rule('default', [], [to('web', 1), to('web-v2', 1)])],
    requests: [{ request: {}, goes: { 'shop/web:80': 0.5, [v2]: 0.5 } }],
  },
]

/** What each example asks for happens on this mesh, unless it is refused. */
export function corpusLaws(adapter: MeshAdapter): Law[] {
  return examples.map((example) =>
    singleLaw(`${example.name}: the requests go where they should, or it is refused`, () => {
      const traffic: ServiceTraffic = { service: apex, ports: [{ port: 80, rules: example.rules }] }
      const services = servicesOf(traffic)
      if (checkTraffic(traffic, adapter, services).length > 0) return undefined
      const objects = adapter.translate(traffic)
      for (const { request, goes } of example.requests) {
        const whole = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {}, ...request }
        const { facts, ...shares } = comparable(adapter.route(whole, objects, services))
        const expected = Object.fromEntries(Object.entries(goes).map(([place, share]) => [place, share.toFixed(9)]))
        const found = difference(expected, shares)
        if (found !== undefined) return { traffic, request: whole, objects, ...found }
      }
      return undefined
    }),
  )
}

/** The Services of the examples, on port 80, and those that stand in for faults. */
function servicesOf(traffic: ServiceTraffic): ServiceDirectory {
  const standIns = withFaultBackends(traffic).ports.flatMap(({ rules }) =>
    rules.flatMap(({ backends }) => backends.map(({ service }) => service)),
  )
  const there = [...standIns, apex].filter(({ name }) => name !== 'gone')
  return { ports: (service) => (there.some((one) => sameService(one, service)) ? [80] : undefined) }
}

function rule(name: string, matches: TrafficRule['matches'], backends: readonly WeightedBackend[]): TrafficRule {
  return { name, matches, backends }
}

function to(name: string, weight: number): WeightedBackend {
  return { service: { namespace: apex.namespace, name }, port: 80, weight }
}
