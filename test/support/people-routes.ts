import { fc } from '@fast-check/vitest'
import type { KubeObject } from '../../src/kube/object.ts'

/**
 * Objects as people write them about the Service shop/web, of each kind that `ap translate` reads: with defaults left out, in
 * any order, with expressions and spellings that no adapter writes. Their conditions are drawn from few values, so that rules compete.
 */
const namespace = 'shop'
const backendNames = ['web', 'a', 'b']
export const peoplesPorts: readonly number[] = [80, 81]

/** Some fields of an object and not others. */
const partly = <Part extends object>(parts: { [Key in keyof Part]: fc.Arbitrary<Part[Key]> }) =>
  fc.record(parts, { requiredKeys: [] })

const backend = fc.constantFrom(...backendNames)
const port = fc.constantFrom(80, 80, 81)
const weight = fc.constantFrom(0, 1, 2, 50, 90)
const path = fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab', '/api')
const pathRegex = fc.constantFrom('/a.*', '/a|/ab', '/a/[a-z]+', '/.*', '/a?')
const value = fc.constantFrom('1', 'ab', 'x y')
const valueRegex = fc.constantFrom('[0-9]+', 'a|ab', 'a.*', '.*', '.+', '^ab$', '(?i)AB')
const cookie = fc.constantFrom(String.raw`^(.*?;\s*)?beta=1(;.*)?$`, '(.*; )?beta=(1|2)(;.*)?')
const method = fc.constantFrom('GET', 'POST')
const several = <Item>(item: fc.Arbitrary<Item>, maxLength: number) => fc.array(item, { minLength: 1, maxLength })

const stringMatch = (exact: fc.Arbitrary<string>, regex: fc.Arbitrary<string>) =>
  fc.oneof(fc.record({ exact }), fc.record({ prefix: exact }), fc.record({ regex }))
const headerMatches = partly({
  'x-a': fc.oneof(stringMatch(value, valueRegex), fc.constant({})),
  'x-b': stringMatch(value, valueRegex),
  cookie: fc.record({ regex: cookie }),
})
const istioMatch = partly({
  uri: stringMatch(path, pathRegex),
  method: fc.record({ exact: method }),
  headers: headerMatches,
  withoutHeaders: fc.constant({ 'x-b': {} }),
  queryParams: fc.record({
    q: fc.oneof(fc.record({ exact: value }), fc.record({ regex: valueRegex }), fc.constant({})),
  }),
  port,
})
const istioRoute = several(
  fc.record({
    destination: fc.record({
      host: backend.map((name) => `${name}.${namespace}.svc.cluster.local`),
      port: fc.record({ number: port }),
    }),
    weight: fc.constantFrom(1, 2, 90),
  }),
  3,
)

const virtualService = fc
  .tuple(
    fc.array(fc.record({ match: several(istioMatch, 2), route: istioRoute }), { maxLength: 2 }),
    fc.option(istioRoute),
  )
  .map(([rules, rest]): KubeObject[] => [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'web', namespace },
      spec: {
        hosts: ['web'],
        http: [
          ...rules,
          ...(rest === null && rules.length > 0 ? [] : [{ route: rest ?? [{ destination: { host: 'a' } }] }]),
        ],
      },
    },
  ])

const named = (name: string) =>
  fc.oneof(
    value.map((one) => ({ name, value: one })),
    valueRegex.map((one) => ({ name, type: 'RegularExpression', value: one })),
  )
const conditions = (...names: readonly string[]) =>
  fc.subarray([...names], { minLength: 1 }).chain((some) => fc.tuple(...some.map(named)))
const routePath = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('Exact', 'PathPrefix'), value: path }) },
  { weight: 2, arbitrary: fc.record({ value: path }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('RegularExpression'), value: pathRegex }) },
)
const routeMatch = partly({ path: routePath, method, headers: conditions('X-A', 'x-b'), queryParams: conditions('q') })
const backendRef = fc.oneof(fc.record({ name: backend, port }), fc.record({ name: backend, port, weight }))
const routeRule = fc.oneof(
  fc.record({ backendRefs: several(backendRef, 3) }),
  fc.record({ matches: several(routeMatch, 2), backendRefs: several(backendRef, 3) }),
)
const httpRoutes = (apiVersion: string) =>
  several(fc.record({ parent: fc.option(port), rules: several(routeRule, 3) }), 2).map((routes) =>
    routes.map(
      ({ parent, rules }, index): KubeObject => ({
        apiVersion,
        kind: 'HTTPRoute',
        metadata: { name: `route-${index}`, namespace },
        spec: {
          parentRefs: [{ group: '', kind: 'Service', name: 'web', ...(parent !== null && { port: parent }) }],
          rules,
        },
      }),
    ),
  )

const smiMatch = partly({
  pathRegex,
  methods: fc.constantFrom(['GET'], ['*']),
  headers: several(fc.oneof(fc.record({ 'x-a': valueRegex }), fc.record({ cookie })), 2),
})
const smiBackends = fc
  .subarray(backendNames, { minLength: 1 })
  .chain((names) => fc.tuple(...names.map((service) => weight.map((one) => ({ service, weight: one })))))
const splits = fc
  .record({ match: smiMatch, matched: smiBackends, plain: fc.option(smiBackends) })
  .map(({ match, matched, plain }): KubeObject[] => {
    const version = 'v1alpha4'
    const split = (name: string, spec: object): KubeObject => {
      return {
        apiVersion: `split.smi-spec.io/${version}`,
        kind: 'TrafficSplit',
        metadata: { name, namespace },
        spec: { service: 'web', ...spec },
      }
    }
    const group = {
      apiVersion: `specs.smi-spec.io/${version}`,
      kind: 'HTTPRouteGroup',
      metadata: { name: 'group', namespace },
    }
    return [
      { ...group, spec: { matches: [{ name: 'match', ...match }] } },
      split('matched', { matches: [{ kind: 'HTTPRouteGroup', name: 'group' }], backends: matched }),
      ...(plain === null ? [] : [split('plain', { backends: plain })]),
    ]
  })

const meshHeader = (name: string) =>
  fc.oneof(
    value.map((one) => ({ name, value: one })),
    fc.constant({ name, type: 'Present' }),
    fc.constant({ name, type: 'Prefix', value: 'a' }),
    valueRegex.map((one) => ({ name, type: 'RegularExpression', value: one })),
  )
const meshMatch = partly({
  path: routePath
    .map((one) => ({ type: 'PathPrefix', ...one }))
    // Of a prefix Kuma refuses a slash at its end.
    .map((one) => (one.type === 'PathPrefix' && one.value === '/a/' ? { ...one, value: '/a' } : one)),
  method,
  headers: several(meshHeader('x-a'), 1),
})
const meshRule = fc.record({
  matches: several(meshMatch, 2),
  default: partly({
    backendRefs: several(fc.record({ kind: fc.constant('MeshService'), name: backend, port, weight }), 3),
  }),
})
const meshRoute = several(meshRule, 3).map((rules): KubeObject[] => [
  {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshHTTPRoute',
    metadata: { name: 'web', namespace, labels: { 'kuma.io/mesh': 'default' } },
    spec: { to: [{ targetRef: { kind: 'MeshService', name: 'web' }, rules }] },
  },
])

/** By the mesh whose rules decide over them. */
export const peoplesRoutes: readonly (readonly [kind: string, mesh: string, fc.Arbitrary<KubeObject[]>])[] = [
  ['VirtualService', 'istio', virtualService],
  ['HTTPRoute', 'gateway-api', httpRoutes('gateway.networking.k8s.io/v1')],
  ['HTTPRoute of policy.linkerd.io', 'linkerd', httpRoutes('policy.linkerd.io/v1beta3')],
  ['TrafficSplit', 'smi', splits],
  ['MeshHTTPRoute', 'kuma', meshRoute],
]

/** The Services that those are about, all of them with the same ports. */
export const peoplesServices: readonly KubeObject[] = backendNames.map((name) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { ports: peoplesPorts.map((number) => ({ name: `http-${number}`, port: number })) },
}))

/** Requests that their conditions tell apart. */
export const peoplesRequest = fc.record({
  service: fc.constant({ namespace, name: 'web' }),
  port: fc.constantFrom(...peoplesPorts),
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  path: fc.oneof(path, fc.constantFrom('/abc', '/a/b/c', '/api/v1', '/zzz', '//a')),
  headers: partly({
    'x-a': fc.constantFrom('1', 'ab', 'abc', '', 'x y', 'AB'),
    'x-b': fc.constantFrom('ab', 'a', '12'),
    cookie: fc.constantFrom('beta=1', 'a=b; beta=1', 'beta=2; c=d', 'beta=10'),
  }).map((headers) => ({ host: 'web.shop', ...headers })),
  query: partly({ q: fc.constantFrom('1', 'ab', '', '12') }),
  from: fc.constant(namespace),
})
