import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { parse } from 'yaml'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshProvider } from '../../src/mesh/adapter.ts'
import type { AttachableKind, AttachedSplit } from '../../src/mesh/attachment.ts'
import { editRoute } from '../../src/mesh/edit-route.ts'

const context = { clusterDomain: 'cluster.local', apiVersions: {} }
const virtualService = attachable(istioProvider, 'VirtualService')
const httpRoute = attachable(gatewayApiProvider, 'HTTPRoute')
const grpcRoute = attachable(gatewayApiProvider, 'GRPCRoute')

function attachable(provider: MeshProvider, name: string): AttachableKind {
  const found = provider.create(context).attachable?.find(({ kind }) => kind.kind === name)
  if (found === undefined) throw new Error(`${provider.name} attaches to no ${name}`)
  return found
}

/** `web` and `web-canary` by weight, in one rule of the VirtualService or HTTPRoute shop/web. */
function split(weights: Readonly<Record<string, number>>, rules?: readonly (string | number)[]): AttachedSplit {
  return {
    output: 'Flow shop/web: TrafficSplit web',
    source: 'Flow shop/web',
    apex: { namespace: 'shop', name: 'web' },
    route: { kind: 'VirtualService', namespace: 'shop', name: 'web' },
    rules,
    backends: Object.entries(weights).map(([service, weight]) => ({ service, weight })),
  }
}

const canary = (weight: number, rules?: readonly (string | number)[]) =>
  split({ web: 100 - weight, 'web-canary': weight }, rules)

const published: KubeObject = parse(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
  namespace: shop
  labels: { team: storefront }
  annotations: { argocd.argoproj.io/tracking-id: "shop:web" }
spec:
  hosts: [web.example.com]
  gateways: [public]
  aFieldOfTomorrow: { x: 1 }
  http:
  - name: testers
    match: [{ headers: { user: { exact: tester } } }]
    route: [{ destination: { host: web-canary } }]
  - name: everybody
    timeout: 3s
    corsPolicy: { allowOrigins: [{ exact: "https://example.com" }] }
    route:
    - destination: { host: web.shop.svc.cluster.local, port: { number: 8080 } }
      headers: { response: { set: { x-served-by: web } } }
  - name: old
    redirect: { uri: / }
`)

describe('a split that is attached to a VirtualService', () => {
  test('gets its weights in the rule that is named; a backend that is not there is a copy of the one that is', () => {
    const { object, problems } = editRoute(published, virtualService, [canary(5, ['everybody'])], [])
    expect(problems).toEqual([])
    expect(object).toEqual({
      ...published,
      spec: {
        ...(published.spec as object),
        http: [
          parsedRule(0),
          {
            ...parsedRule(1),
            route: [
              {
                destination: { host: 'web.shop.svc.cluster.local', port: { number: 8080 } },
                headers: { response: { set: { 'x-served-by': 'web' } } },
                weight: 95,
              },
              {
                destination: { host: 'web-canary.shop.svc.cluster.local', port: { number: 8080 } },
                headers: { response: { set: { 'x-served-by': 'web' } } },
                weight: 5,
              },
            ],
          },
          parsedRule(2),
        ],
      },
    })
  })

  test('leaves the rule as it is while it asks for what the rule says', () => {
    const { object, after } = editRoute(published, virtualService, [canary(0, ['everybody'])], [])
    expect(JSON.stringify(object)).toBe(JSON.stringify(published))
    expect(after).toEqual([])
  })

  test('finds the rule when its route was reordered and edited meanwhile, and keeps what was edited', () => {
    const first = editRoute(published, virtualService, [canary(5, ['everybody'])], [])
    const [testers, everybody, old] = (first.object.spec as { http: Record<string, unknown>[] }).http
    const moved = withHttp(first.object, [old, { ...everybody, timeout: '9s' }, testers])
    const { object } = editRoute(moved, virtualService, [], first.after)
    expect(object.spec).toMatchObject({
      http: [{ name: 'old' }, { ...parsedRule(1), timeout: '9s' }, { name: 'testers' }],
    })
  })

  test('takes what its owner wrote anew for what was there before', () => {
    const first = editRoute(published, virtualService, [canary(5, ['everybody'])], [])
    const rewritten = withHttp(published, [{ name: 'everybody', route: [{ destination: { host: 'web' }, weight: 7 }] }])
    const second = editRoute(rewritten, virtualService, [canary(10, ['everybody'])], first.after)
    expect(second.after).toMatchObject([{ before: [{ service: 'web', weight: 7 }] }])
    expect(editRoute(second.object, virtualService, [], second.after).object).toEqual(rewritten)
  })
})

describe('what is refused', () => {
  const rule = (route: object[]) => withHttp(published, [{ name: 'everybody', route }])
  const host = (name: string, more: object = {}) => ({ destination: { host: name, ...more } })

  test.each<[string, KubeObject, AttachedSplit, string]>([
    ['a rule that is not there', published, canary(5, ['everyone']), 'AP2214'],
    ['a rule without destinations', published, canary(5, ['old']), 'AP2214'],
    ['a number that is not there', published, canary(5, [7]), 'AP2214'],
    ['no name where several rules have a backend', published, canary(5), 'AP2216'],
    ['no name where no rule has a backend', published, split({ a: 1, b: 1 }), 'AP2216'],
    ['a destination that the split does not name', rule([host('web'), host('other')]), canary(5), 'AP2215'],
    ['a subset', rule([host('web', { subset: 'v1' })]), canary(5, ['everybody']), 'AP2215'],
    ['a Service of another namespace', rule([host('web.other.svc.cluster.local')]), canary(5, [0]), 'AP2215'],
    ['a destination twice', rule([host('web'), host('web', { port: { number: 1 } })]), canary(5), 'AP2218'],
  ])('%s', (_what, object, wanted, code) => {
    const { object: left, problems } = editRoute(object, virtualService, [wanted], [])
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(left).toBe(object)
  })

  test('two splits on one rule, of one resource or of two, by what they ask and by what they have done', () => {
    const one = canary(5, ['everybody'])
    const other = { ...canary(9, [1]), output: 'Flow shop/other: TrafficSplit web', source: 'Flow shop/other' }
    const { after } = editRoute(published, virtualService, [other], [])
    const both = (...[splits, claims]: [AttachedSplit[], Parameters<typeof editRoute>[4]?]) =>
      editRoute(published, virtualService, splits, [], claims).problems.map(({ message }) => message)
    expect(both([one, other])).toEqual([
      'Flow shop/web: TrafficSplit web and Flow shop/other: TrafficSplit web both set the weights of http[1] (everybody) of VirtualService shop/web',
    ])
    expect(both([one], { splits: [other], records: [] })).toHaveLength(1)
    expect(both([one], { splits: [], records: [{ source: 'Flow shop/other', rules: after }] })).toHaveLength(1)
  })
})

function parsedRule(index: number): Record<string, unknown> | undefined {
  return (published.spec as { http: Record<string, unknown>[] }).http[index]
}

function withHttp(object: KubeObject, http: unknown[]): KubeObject {
  return { ...object, spec: { ...(object.spec as object), http } }
}

const weight = fc.integer({ min: 0, max: 100 })
const json = fc.dictionary(fc.stringMatching(/^x[a-z]{0,5}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
const services = ['web', 'web-canary', 'web-third'] as const

/** A rule of a user that divides requests among some of three Services, with fields that nobody knows. */
const destinations = fc
  .uniqueArray(fc.constantFrom(...services), { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.record({ name: fc.constant(name), weight: fc.option(weight), more: json }))),
  )

const userRoute = (kind: AttachableKind) =>
  fc
    .record({
      metadata: json,
      spec: json,
      rules: fc.array(fc.record({ name: fc.option(fc.constantFrom('a', 'b', 'c')), more: json, destinations }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    .map(({ metadata, spec, rules }): KubeObject => {
      const named = rules.map(({ name, more, destinations: listed }, index) => ({
        ...more,
        ...(name !== null && rules.findIndex((rule) => rule.name === name) === index && { name }),
        ...(kind === virtualService
          ? { route: listed.map((one) => ({ destination: { host: one.name }, ...written(one) })) }
          : { backendRefs: listed.map((one) => ({ name: one.name, port: 80, ...written(one) })) }),
      }))
      return {
        apiVersion: `${kind.kind.group}/${kind.kind.version}`,
        kind: kind.kind.kind,
        metadata: { ...metadata, name: 'web', namespace: 'shop' },
        spec: { ...spec, ...(kind === virtualService ? { http: named } : { rules: named }) },
      }
    })

function written({ weight: own, more }: { weight: number | null; more: Record<string, unknown> }) {
  return { ...(own !== null && { weight: own }), ...more }
}

const weights = fc.tuple(weight, weight, weight).filter((all) => all.some((one) => one > 0))
const toSplit = ([web, second, third]: readonly number[], rule: number) =>
  split({ web: web ?? 0, 'web-canary': second ?? 0, 'web-third': third ?? 0 }, [rule])

describe.each([
  ['VirtualService', virtualService],
  ['HTTPRoute', httpRoute],
  ['GRPCRoute', grpcRoute],
])('whatever a %s says', (_name, kind) => {
  const lists = kind === virtualService ? /^spec\.http\.\d+\.route\b/ : /^spec\.rules\.\d+\.backendRefs\b/

  test.prop([userRoute(kind), fc.array(fc.tuple(weights, fc.nat(3)), { minLength: 1, maxLength: 6 })])(
    'editing it step by step and then detaching gives the same bytes',
    (route, steps) => {
      let now = route
      let records: ReturnType<typeof editRoute>['after'] = []
      for (const [asked, rule] of steps) {
        const { object, after, problems } = editRoute(now, kind, [toSplit(asked, rule)], records)
        if (problems.length > 0) continue
        now = object
        records = after
      }
      expect(JSON.stringify(editRoute(now, kind, [], records).object)).toBe(JSON.stringify(route))
    },
  )

  test.prop([userRoute(kind), weights, fc.nat(3)])(
    'the rule divides as asked, and nothing but weights and added destinations is touched',
    (route, asked, rule) => {
      const wanted = toSplit(asked, rule)
      const { object, problems, after } = editRoute(route, kind, [wanted], [])
      if (problems.length > 0) {
        expect(object).toBe(route)
        return
      }
      const differences = changedPaths(route, object)
      expect(differences.filter((path) => !lists.test(path))).toEqual([])
      expect(differences.filter((path) => !/\.\d+\.weight$|\.(route|backendRefs)\.\d+$/.test(path))).toEqual([])
      expect(shares(kind, object, rule)).toEqual(
        sharesOf(new Map(wanted.backends.map((one) => [one.service, one.weight]))),
      )
      const again = editRoute(object, kind, [wanted], after)
      expect(again.object).toEqual(object)
      expect(again.after).toEqual(after)
    },
  )

  test.prop([userRoute(kind), weights, fc.nat(3)])(
    'a record that was written before an edit that never came to be restores what is there',
    (route, asked, rule) => {
      const { during } = editRoute(route, kind, [toSplit(asked, rule)], [])
      expect(JSON.stringify(editRoute(route, kind, [], during).object)).toBe(JSON.stringify(route))
    },
  )
})

function shares(kind: AttachableKind, object: KubeObject, index: number) {
  const rule = kind.rules(object).find((one) => one.index === index)
  const spec = object.spec as Record<string, Record<string, { weight?: number }[]>[]>
  const [, list = '', , field = ''] = (rule?.path ?? []).map(String)
  const entries = spec[list]?.[index]?.[field] ?? []
  return sharesOf(
    new Map(
      entries.map((entry, at) => [
        rule?.destinations[at]?.service?.name ?? '',
        kind.weightOf(entry.weight, entries.length === 1),
      ]),
    ),
  )
}

function sharesOf(all: ReadonlyMap<string, number>): Record<string, number> {
  const sum = [...all.values()].reduce((a, b) => a + b, 0)
  const positive = [...all].filter(([, one]) => one > 0).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(positive.map(([name, one]) => [name, Math.round((one / sum) * 1e9) / 1e9]))
}

/** Paths of the smallest values in which two differ. */
function changedPaths(a: unknown, b: unknown, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return [path]
  if (Array.isArray(a) !== Array.isArray(b)) return [path]
  const [left, right] = [a, b] as Record<string, unknown>[]
  const keys = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])
  return [...keys].flatMap((key) => changedPaths(left?.[key], right?.[key], path === '' ? key : `${path}.${key}`))
}
