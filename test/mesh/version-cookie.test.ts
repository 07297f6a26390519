import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { checkTraffic } from '../../src/mesh/check.ts'
import { mergeTraffic, type TrafficRequest } from '../../src/mesh/merge.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import type { NeutralOutputs } from '../../src/mesh/outputs.ts'
import type { MeshRequest, Outcome, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio, linkerd, smi } from '../adapters/adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const services: ServiceDirectory = {
  ports: () => [80, 5432, 9000],
  application: (_service, port) => (port === 5432 ? 'tcp' : port === 9000 ? 'grpc' : 'http'),
}

function from(source: string, outputs: NeutralOutputs): TrafficRequest {
  return { source, namespace: 'shop', outputs }
}

function split(...weights: readonly number[]): NeutralOutputs {
  const backends = weights.map((weight, index) => ({ service: `web-v${index + 1}`, weight }))
  return { trafficsplits: [{ name: 'web', service: 'web', ports: [80], backends }] }
}

const sticky: NeutralOutputs = {
  sessionaffinities: [{ name: 'web', service: 'web', versionCookie: { name: 'v', ttl: 3_600_000 } }],
}

function merged(...requests: readonly TrafficRequest[]): ServiceTraffic {
  const { traffic, diagnostics } = mergeTraffic(requests, services)
  expect(diagnostics).toEqual([])
  return traffic[0] ?? { service: apex, ports: [] }
}

function get(cookie?: string): MeshRequest {
  return { service: apex, port: 80, method: 'GET', path: '/', headers: { ...(cookie && { cookie }) }, query: {} }
}

const places = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => ('service' in outcome ? [outcome.service.name, Number(outcome.share.toFixed(9))] : []))

/** The cookie that each backend sets, as clients send it back. */
function cookiesOf(outcomes: readonly Outcome[]): Record<string, string> {
  const pairs = outcomes.flatMap((outcome) => {
    if (!('service' in outcome)) return []
    return [[outcome.service.name, outcome.responseHeaders?.add?.['set-cookie']?.split(';')[0] ?? '']]
  })
  return Object.fromEntries(pairs)
}

describe('a version cookie', () => {
  const canary = merged(from('Canary shop/web', { ...split(90, 10), ...sticky }))

  test('is set by each version, and brings the client back to it', () => {
    expect(canary.ports).toEqual([
      {
        port: 80,
        rules: [
          {
            name: 'stay-web-v1',
            matches: [{ cookies: [{ name: 'v', exact: 'web-v1' }] }],
            backends: [{ service: { namespace: 'shop', name: 'web-v1' }, port: 80, weight: 100 }],
          },
          {
            name: 'stay-web-v2',
            matches: [{ cookies: [{ name: 'v', exact: 'web-v2' }] }],
            backends: [{ service: { namespace: 'shop', name: 'web-v2' }, port: 80, weight: 100 }],
          },
          {
            name: 'default',
            matches: [],
            backends: [
              {
                service: { namespace: 'shop', name: 'web-v1' },
                port: 80,
                weight: 90,
                responseHeaders: { add: { 'set-cookie': 'v=web-v1; Path=/; Max-Age=3600; HttpOnly' } },
              },
              {
                service: { namespace: 'shop', name: 'web-v2' },
                port: 80,
                weight: 10,
                responseHeaders: { add: { 'set-cookie': 'v=web-v2; Path=/; Max-Age=3600; HttpOnly' } },
              },
            ],
          },
        ],
      },
    ])
  })

  test.each([
    ['istio', istio],
    ['gateway-api', gatewayApi],
    ['linkerd', linkerd],
  ])('does so by the objects of %s', (_name, adapter) => {
    expect(checkTraffic(canary, adapter, services)).toEqual([])
    const objects = adapter.translate(canary)
    const first = adapter.route(get(), objects, services).outcomes
    expect(places(first)).toEqual([
      ['web-v1', 0.9],
      ['web-v2', 0.1],
    ])
    expect(cookiesOf(first)).toEqual({ 'web-v1': 'v=web-v1', 'web-v2': 'v=web-v2' })
    for (const [version, cookie] of Object.entries(cookiesOf(first))) {
      const again = adapter.route(get(`theme=dark; ${cookie}`), objects, services).outcomes
      expect(places(again)).toEqual([[version, 1]])
    }
  })

  test('is refused on SMI, which changes no headers', () => {
    expect(checkTraffic(canary, smi, services)).toContainEqual(
      expect.objectContaining({ code: 'AP2101', message: expect.stringContaining('response headers changed for one') }),
    )
  })

  test('counts for nothing once its version has no weight: a rollback takes everybody back', () => {
    const rolledBack = merged(from('Canary shop/web', { ...split(100, 0), ...sticky }))
    expect(places(routeNeutral(get('v=web-v2'), rolledBack, services).outcomes)).toEqual([['web-v1', 1]])
    const three = merged(from('Canary shop/web', { ...split(50, 0, 50), ...sticky }))
    expect(places(routeNeutral(get('v=web-v2'), three, services).outcomes)).toEqual([
      ['web-v1', 0.5],
      ['web-v3', 0.5],
    ])
  })

  test('is not set while there is nothing to choose, so that nobody is kept from the next canary', () => {
    const whole = merged(from('Canary shop/web', { ...split(100, 0), ...sticky }))
    expect(whole.ports[0]?.rules).toHaveLength(1)
    expect(JSON.stringify(whole)).not.toContain('set-cookie')
  })

  test('remembers only the versions it names', () => {
    const policy = { name: 'web', service: 'web', versionCookie: { name: 'v', backends: ['web-v2'] } }
    const traffic = merged(from('Canary shop/web', { ...split(90, 10), sessionaffinities: [policy] }))
    const { outcomes } = routeNeutral(get(), traffic, services)
    expect(cookiesOf(outcomes)).toEqual({ 'web-v1': '', 'web-v2': 'v=web-v2' })
    expect(places(routeNeutral(get('v=web-v1'), traffic, services).outcomes)).toHaveLength(2)
  })

  test('comes after splits with matches, and before what policies do', () => {
    const beta = [{ headers: [{ name: 'x-beta', exact: 'yes' }] }]
    const traffic = merged(
      from('A shop/a', {
        trafficsplits: [
          { name: 'beta', service: 'web', ports: [80], matches: beta, backends: [{ service: 'web-v3', weight: 1 }] },
        ],
        faultinjections: [{ name: 'chaos', service: 'web', ports: [80], abort: { status: 503, percent: 20 } }],
      }),
      from('B shop/b', { ...split(90, 10), ...sticky }),
    )
    const { rules = [] } = traffic.ports[0] ?? {}
    expect(rules.map(({ name, fault }) => [name, fault?.abort?.percent])).toEqual([
      ['beta', 20],
      ['stay-web-v1', 20],
      ['stay-web-v2', 20],
      ['default', 20],
    ])
  })

  test('leaves ports alone whose clients keep no cookies', () => {
    const { trafficsplits = [] } = split(90, 10)
    const everywhere = trafficsplits.map(({ ports, ...rest }) => rest)
    const traffic = merged(from('Canary shop/web', { trafficsplits: everywhere, ...sticky }))
    expect(traffic.ports.map(({ port, rules }) => [port, rules.length])).toEqual([
      [80, 3],
      [5432, 1],
      [9000, 1],
    ])
  })

  test('may be one for a service: two conflict, with both parties named', () => {
    const { diagnostics, refused } = mergeTraffic([from('A shop/a', sticky), from('B shop/b', sticky)], services)
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'AP2191 A shop/a: SessionAffinity web and B shop/b: SessionAffinity web both say which version a client stays with of shop/web',
    ])
    expect(refused).toEqual([apex])
  })

  test('and a header policy that replaces cookies are refused, as meshes differ in the last word', () => {
    const policy = { name: 'web', service: 'web', ports: [80], response: { remove: ['Set-Cookie'] } }
    const traffic = merged(from('Canary shop/web', { ...split(90, 10), ...sticky, headerpolicies: [policy] }))
    expect(checkTraffic(traffic, istio, services).map(({ code }) => code)).toEqual(['AP2190', 'AP2190'])
  })

  property.prop([fc.array(fc.constantFrom(0, 1, 10, 50), { minLength: 2, maxLength: 4 })])(
    'keeps every client where it was, and divides new ones by weight as if there were no cookie',
    (weights) => {
      fc.pre(weights.filter((weight) => weight > 0).length > 1)
      const plain = merged(from('Canary shop/web', split(...weights)))
      const traffic = merged(from('Canary shop/web', { ...split(...weights), ...sticky }))
      const { outcomes } = routeNeutral(get(), traffic, services)
      expect(places(outcomes)).toEqual(places(routeNeutral(get(), plain, services).outcomes))
      for (const [version, cookie] of Object.entries(cookiesOf(outcomes)))
        expect(places(routeNeutral(get(cookie), traffic, services).outcomes)).toEqual([[version, 1]])
    },
  )
})
