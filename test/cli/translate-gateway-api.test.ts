import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { documents } from './support/documents.ts'
import { httpRoute, translate, translated, web, weights } from './support/translate.ts'

describe('from the Gateway API and Linkerd', () => {
  test('rules are followed in the order of the Gateway API, not as written', async () => {
    const objects = httpRoute(`
- backendRefs: [{ name: a, port: 80 }]
- matches: [{ path: { type: Exact, value: /x } }]
  backendRefs: [{ name: b, port: 80 }]`)
    const [virtual] = await translated('istio', objects)
    expect(
      virtual.spec.http.map(
        (rule: { route: { destination: { host: string } }[] }) => rule.route[0]?.destination.host.split('.')[0],
      ),
    ).toEqual(['b', 'a'])
  })

  test('an expression for the path comes after every prefix, and is told where one for every path keeps it from being tried', async () => {
    const objects = httpRoute(`
- matches: [{ path: { type: RegularExpression, value: /.* }, method: POST }]
  backendRefs: [{ name: c, port: 80 }]
- backendRefs: [{ name: a, port: 80 }]
- matches: [{ path: { type: Exact, value: /x } }]
  backendRefs: [{ name: b, port: 80 }]`)
    const { code, stdout, stderr } = await callAp(['translate', '--to', 'istio', '-f', '-', '--partial'], objects)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^stdin:\d+:\d+ AP7102 spec.rules\[0\].matches\[0\].path \(an expression that a rule for all/,
    )
    expect(stdout.match(/host: \w/g)).toEqual(['host: b', 'host: a'])
  })

  test('expressions that make rules compete are refused where the mesh leaves their order open, and others stay sorted', async () => {
    const route = (expression: string) => `
apiVersion: kuma.io/v1alpha1
kind: MeshHTTPRoute
metadata: { name: web, namespace: shop, labels: { kuma.io/mesh: default } }
spec:
  to:
  - targetRef: { kind: MeshService, name: web }
    rules:
    - matches: [{}${expression}]
      default: { backendRefs: [{ kind: MeshService, name: a, port: 80 }] }
    - matches: [{ path: { type: PathPrefix, value: /x } }, { path: { type: Exact, value: /y } }]
      default: { backendRefs: [{ kind: MeshService, name: b, port: 80 }] }`
    const [virtual] = await translated('istio', documents(route(', { method: POST }'), web))
    expect(virtual.spec.http.map(({ match }: { match: unknown[] }) => match.length)).toEqual([1, 2, 1])
    const open = route(', { path: { type: RegularExpression, value: "/x/.*" } }')
    expect((await translate('istio', documents(open, web))).stderr[0]).toMatch(
      /^stdin:8:5 AP7102 spec.to\[0\].rules \(rules of which the mesh does not say which it tries first\) of MeshHTTPRoute/,
    )
  })

  test.each([
    ['a|ab', 1],
    ['(a*)(ab)?', 1],
    ['^(?:a|ab)$', 0],
    ['(a|ab).*', 0],
    ['(?i)[a-z]+$', 0],
  ])(
    'the expression %s, of which Linkerd looks at the leftmost-first match, is read with exit code %d',
    async (expression, expected) => {
      const own = httpRoute(`
- matches: [{ headers: [{ name: x, type: RegularExpression, value: "${expression}" }] }]
  backendRefs: [{ name: b, port: 80 }]
- backendRefs: [{ name: a, port: 80 }]`).replace('gateway.networking.k8s.io/v1', 'policy.linkerd.io/v1beta3')
      const { code, stderr } = await translate('istio', documents(own, web))
      expect(code).toBe(expected)
      if (expected === 1)
        expect(stderr[0]).toContain(
          'spec.rules[0].matches[0] (an expression by which the mesh misses some of its values)',
        )
    },
  )

  test('a prefix by segments becomes two matches on Istio', async () => {
    const [virtual] = await translated(
      'istio',
      httpRoute(
        '\n- matches: [{ path: { value: /foo } }]\n  backendRefs: [{ name: a, port: 80 }]\n- backendRefs: [{ name: b, port: 80 }]',
      ),
    )
    expect(virtual.spec.http[0].match).toEqual([
      { uri: { exact: '/foo' }, port: 80 },
      { uri: { prefix: '/foo/' }, port: 80 },
    ])
  })

  test.each([
    [
      'a filter',
      '\n- filters: [{ type: ExtensionRef, extensionRef: { group: x.dev, kind: Limit, name: x } }]\n  backendRefs: [{ name: a, port: 80 }]',
      'spec.rules[0].filters[0] (the filter ExtensionRef)',
    ],
    [
      'a redirect to a part of the path',
      '\n- filters: [{ type: RequestRedirect, requestRedirect: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /x } } }]',
      'spec.rules[0].filters[0].requestRedirect.path (the filter RequestRedirect)',
    ],
    [
      'a timeout of each attempt',
      '\n- timeouts: { backendRequest: 5s }\n  backendRefs: [{ name: a, port: 80 }]',
      'spec.rules[0].timeouts.backendRequest',
    ],
    [
      'a filter of one backend',
      '\n- backendRefs: [{ name: a, port: 80, filters: [{ type: ExtensionRef, extensionRef: { group: x.dev, kind: Limit, name: x } }] }]',
      'spec.rules[0].backendRefs[0].filters',
    ],
  ])('%s is said, with its place', async (_what, rules, what) => {
    const { code, stdout, stderr } = await translate('istio', httpRoute(rules))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr[0]).toMatch(/^stdin:8:\d+ AP7102 /)
    expect(stderr[0]).toContain(`${what} of HTTPRoute shop/web is not translated to istio`)
  })

  test('a ServiceProfile as linkerd-smi writes it', async () => {
    const profile = `
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: web.shop.svc.cluster.local, namespace: shop }
spec: { dstOverrides: [{ authority: web-v1.shop.svc.cluster.local, weight: 900m }, { authority: web-v2.shop.svc.cluster.local, weight: 100m }] }`
    expect(weights(await translated('linkerd', documents(profile, web)))).toEqual([
      [
        ['web-v1', 90],
        ['web-v2', 10],
      ],
    ])
  })

  test('Linkerd’s own HTTPRoutes are read by Linkerd’s meaning', async () => {
    const own = httpRoute('\n- backendRefs: [{ name: a, port: 80, weight: 0 }]').replace(
      'gateway.networking.k8s.io/v1',
      'policy.linkerd.io/v1beta3',
    )
    expect(weights(await translated('gateway-api', own))).toEqual([[['a', 100]]])
  })
})
