import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { smi, smiWithoutMatches } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const services: ServiceDirectory = {
  ports: ({ name }) => (['web', 'web-v1', 'web-v2'].includes(name) ? [80] : undefined),
}

test('a canary step is one TrafficSplit, in the version asked for', () => {
  const step = traffic(rule('default', [], { 'web-v1': 90, 'web-v2': 10 }))
  const split = (version: string) =>
    parse(`
      apiVersion: split.smi-spec.io/${version}
      kind: TrafficSplit
      metadata: { name: web, namespace: shop }
      spec:
        service: web
        backends:
          - { service: web-v1, weight: 90 }
          - { service: web-v2, weight: 10 }
    `)
  expect(smi.translate(step)).toEqual([split('v1alpha4')])
  expect(smiWithoutMatches.translate(step)).toEqual([split('v1alpha2')])
})

test('a rule that takes every request is the plain split, and what stands behind it gets no connections', () => {
  const bare = traffic(rule('all', [{}], { 'web-v2': 1 }), rule('default', [], { 'web-v1': 1 }))
  expect(smi.translate(bare)).toEqual(smi.translate(traffic(rule('default', [], { 'web-v2': 1 }))))
})

test('an A/B test is a split with a route group; what it leaves needs no split', () => {
  const matches: HttpMatch[] = [
    { headers: [{ name: 'x-beta', exact: 'yes' }], methods: ['GET'] },
    { path: { prefixPath: '/shop' }, cookies: [{ name: 'beta', exact: '1' }] },
  ]
  expect(smi.translate(traffic(rule('beta', matches, { 'web-v2': 1 }), rule('default', [], { web: 100 })))).toEqual([
    parse(`
      apiVersion: specs.smi-spec.io/v1alpha4
      kind: HTTPRouteGroup
      metadata: { name: web.beta, namespace: shop }
      spec:
        matches:
          - { name: match-1, methods: [GET], headers: [{ x-beta: ^yes$ }] }
          - { name: match-2, pathRegex: '/shop(/.*)?$', headers: [{ cookie: '^(.*?;\\s*)?beta=1(;.*)?$' }] }
    `),
    parse(`
      apiVersion: split.smi-spec.io/v1alpha4
      kind: TrafficSplit
      metadata: { name: web.beta, namespace: shop }
      spec:
        service: web
        matches: [{ kind: HTTPRouteGroup, name: web.beta }]
        backends: [{ service: web-v2, weight: 1 }]
    `),
  ])
})

describe('splits that others wrote', () => {
  test('a path expression is anchored at its start only', () => {
    const objects = [group('g', [{ name: 'm', pathRegex: '/api' }]), split('ab', { 'web-v2': 1 }, ['g'])]
    expect(target(objects, { path: '/api/users' })).toEqual(['web-v2:1'])
    expect(target(objects, { path: '/v2/api' })).toEqual(['web:1'])
  })

  test('several groups are alternatives, the conditions of a match are not', () => {
    const objects = [
      group('g', [{ name: 'm', methods: ['PUT'], headers: [{ x: '1' }] }]),
      group('h', [{ name: 'm', methods: ['*'], headers: { y: '1' } }]),
      split('ab', { 'web-v2': 1 }, ['g', 'h']),
    ]
    expect(target(objects, { method: 'PUT' })).toEqual(['web:1'])
    expect(target(objects, { method: 'PUT', headers: { x: '1' } })).toEqual(['web-v2:1'])
    expect(target(objects, { headers: { y: '1' } })).toEqual(['web-v2:1'])
  })

  test('a split without any weight leaves the requests to the service', () => {
    expect(target([split('web', { 'web-v1': 0, 'web-v2': 0 })])).toEqual(['web:1'])
    expect(smi.observe([split('web', { 'web-v1': 0 })], apex, services).traffic?.ports[0]?.rules[0]?.backends).toEqual([
      { service: apex, port: 80, weight: 1 },
    ])
  })

  test('a missing group is reported, and its split takes nothing', () => {
    const objects = [split('ab', { 'web-v2': 1 }, ['gone'])]
    expect(target(objects)).toEqual(['web:1'])
    expect(smi.observe(objects, apex, services).problems).toMatchObject([{ code: 'AP2121' }])
  })

  test('a service may be named in full, and a second plain split is reported', () => {
    const full = split('a', { 'web-v1': 1 })
    const objects = [
      { ...full, spec: { ...(full.spec as object), service: 'web.shop.svc.cluster.local' } },
      split('b', { 'web-v2': 1 }),
    ]
    expect(target(objects)).toEqual(['web-v1:1'])
    expect(smi.observe(objects, apex, services).problems).toMatchObject([{ code: 'AP2122' }])
  })

  test('weights in thousandths are exact, and other shapes are reported, not guessed', () => {
    const backends = [{ service: 'web-v1', weight: '500m' }, { service: 'web-v2', weight: 1 }, 7]
    const observed = smi.observe([{ ...split('web', {}), spec: { service: 'web', backends } }], apex, services)
    expect(observed.traffic?.ports[0]?.rules[0]?.backends.map(({ weight }) => weight)).toEqual([1, 2])
    expect(observed.problems.map(({ code }) => code)).toEqual(['AP2121'])
  })
})

test('SMI has no status: what is stored is accepted', () => {
  expect(smi.accepted(split('web', { 'web-v1': 1 }))).toEqual({ state: 'accepted' })
})

test('groups have to exist before the splits that refer to them', () => {
  expect(smi.kinds.map(({ plural }) => plural)).toEqual(['httproutegroups', 'trafficsplits'])
  expect(smiWithoutMatches.kinds.map(({ plural, version }) => `${plural} ${version}`)).toEqual([
    'trafficsplits v1alpha2',
  ])
})

function rule(name: string, matches: HttpMatch[], weights: Record<string, number>): TrafficRule {
  const backends = Object.entries(weights).map(
    ([backend, weight]): WeightedBackend => ({ service: { ...apex, name: backend }, port: 80, weight }),
  )
  return { name, matches, backends }
}

function traffic(...rules: TrafficRule[]): ServiceTraffic {
  return { service: apex, ports: [{ port: 80, rules }] }
}

function split(name: string, weights: Record<string, number>, groups?: string[]): KubeObject {
  const backends = Object.entries(weights).map(([service, weight]) => ({ service, weight }))
  const matches = groups?.map((group) => ({ kind: 'HTTPRouteGroup', name: group }))
  return {
    apiVersion: 'split.smi-spec.io/v1alpha4',
    kind: 'TrafficSplit',
    metadata: { name, namespace: 'shop' },
    spec: { service: 'web', backends, ...(matches && { matches }) },
  }
}

function group(name: string, matches: object[]): KubeObject {
  return {
    apiVersion: 'specs.smi-spec.io/v1alpha4',
    kind: 'HTTPRouteGroup',
    metadata: { name, namespace: 'shop' },
    spec: { matches },
  }
}

function target(objects: KubeObject[], changes: Partial<MeshRequest> = {}): string[] {
  const request = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {}, ...changes }
  return smi
    .route(request, objects, services)
    .outcomes.map((outcome) =>
      'service' in outcome ? `${outcome.service.name}:${outcome.share}` : `${outcome.status}`,
    )
}
