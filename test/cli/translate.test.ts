import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../support/call-ap.ts'
import { runAp } from '../support/run-ap.ts'

async function translate(target: string, objects: string, ...options: string[]) {
  const { code, stdout, stderr } = await callAp(['translate', '--to', target, '-f', '-', ...options], objects)
  return {
    code,
    stderr: stderr.split('\n').slice(0, -1),
    stdout,
    objects: parseAllDocuments(stdout).map((one) => one.toJS()),
  }
}

/** The objects of a translation that left nothing out. */
async function translated(target: string, objects: string, ...options: string[]) {
  const result = await translate(target, objects, ...options)
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: [] })
  return result.objects
}

const documents = (...all: string[]) => all.join('\n---\n')
const service = (name: string, ports = '[{ port: 80 }]', rest = '') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: ${ports}${rest} }`
const web = service('web')
const split = (spec: string, version = 'split.smi-spec.io/v1alpha4', name = 'web') => `
apiVersion: ${version}
kind: TrafficSplit
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`
const canary = split('{ service: web, backends: [{ service: web-v1, weight: 90 }, { service: web-v2, weight: 10 }] }')
const group = (matches: string, version = 'v1alpha4') => `
apiVersion: specs.smi-spec.io/${version}
kind: HTTPRouteGroup
metadata: { name: beta, namespace: shop }
spec: { matches: ${matches} }`
const virtualService = (http: string, rest = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [web]${rest}
  http:${http.replaceAll('\n', '\n  ')}`
const httpRoute = (rules: string, name = 'web') => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web, port: 80 }]
  rules:${rules.replaceAll('\n', '\n  ')}`

/** Backends and weights of every rule of the first object: enough to see a division. */
function weights(objects: readonly { spec: { rules?: { backendRefs: { name: string; weight: number }[] }[] } }[]) {
  return objects[0]?.spec.rules?.map((rule) => rule.backendRefs.map(({ name, weight }) => [name, weight]))
}

test('a group has the versions of all of its definitions among the files', async () => {
  const crd = (plural: string, kind: string, version: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.networking.istio.io }
spec: { group: networking.istio.io, names: { kind: ${kind} }, versions: [{ name: ${version}, served: true }] }`
  const definitions = [
    crd('virtualservices', 'VirtualService', 'v1beta1'),
    crd('envoyfilters', 'EnvoyFilter', 'v1alpha3'),
  ]
  const [route] = await translated(
    'istio',
    documents(web, service('web-v1'), service('web-v2'), canary, ...definitions),
  )
  expect(route).toMatchObject({ kind: 'VirtualService', apiVersion: 'networking.istio.io/v1beta1' })
})

test('the release of the Gateway API that is among the files decides what can be written', async () => {
  const retried = virtualService(
    '\n- { route: [{ destination: { host: web } }], retries: { attempts: 2, retryOn: "503" } }',
  )
  const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: { gateway.networking.k8s.io/bundle-version: v1.6.0, gateway.networking.k8s.io/channel: experimental }
spec: { group: gateway.networking.k8s.io, names: { kind: HTTPRoute }, versions: [{ name: v1, served: true }] }`
  const refused = await translate('gateway-api', documents(web, retried))
  expect(refused).toMatchObject({ code: 1, stderr: [expect.stringContaining('install the Experimental channel')] })
  const [route] = await translated('gateway-api', documents(web, retried, crd))
  expect(route?.spec.rules[0].retry).toEqual({ codes: [503], attempts: 2 })
})

describe('from SMI', () => {
  test('a plain split becomes one HTTPRoute with the port of the Service', async () => {
    expect(await translated('gateway-api', documents(canary, web))).toEqual([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'web-80', namespace: 'shop' },
        spec: {
          parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }],
          rules: [
            {
              backendRefs: [
                { name: 'web-v1', port: 80, weight: 90 },
                { name: 'web-v2', port: 80, weight: 10 },
              ],
            },
          ],
        },
      },
    ])
  })

  test.each<[string, string, string, (string | number)[][]]>([
    [
      'v1alpha1: thousandths',
      'v1alpha1',
      '[{ service: a, weight: 900m }, { service: b, weight: 100m }]',
      [
        ['a', 900],
        ['b', 100],
      ],
    ],
    [
      'v1alpha1: 1 and 500m are two to one',
      'v1alpha1',
      '[{ service: a, weight: 1 }, { service: b, weight: 500m }]',
      [
        ['a', 1000],
        ['b', 500],
      ],
    ],
    [
      'v1alpha1: 0.5 and 1',
      'v1alpha1',
      '[{ service: a, weight: "0.5" }, { service: b, weight: "1" }]',
      [
        ['a', 500],
        ['b', 1000],
      ],
    ],
    [
      'v1alpha1: whole numbers stay',
      'v1alpha1',
      '[{ service: a, weight: 2 }, { service: b, weight: "3" }]',
      [
        ['a', 2],
        ['b', 3],
      ],
    ],
    [
      'v1alpha2: three equal ones and a zero',
      'v1alpha2',
      '[{ service: a, weight: 1 }, { service: b, weight: 1 }, { service: c, weight: 1 }, { service: d, weight: 0 }]',
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
        ['d', 0],
      ],
    ],
    [
      'v1alpha3: a sum beyond 100',
      'v1alpha3',
      '[{ service: a, weight: 101 }, { service: b, weight: 99 }, { service: c, weight: 0 }]',
      [
        ['a', 101],
        ['b', 99],
        ['c', 0],
      ],
    ],
    [
      'v1alpha4: 1 and 500 are not 0 and 100',
      'v1alpha4',
      '[{ service: a, weight: 1 }, { service: b, weight: 500 }]',
      [
        ['a', 1],
        ['b', 500],
      ],
    ],
  ])('%s', async (_rule, version, backends, expected) => {
    const object = split(`{ service: web, backends: ${backends} }`, `split.smi-spec.io/${version}`)
    expect(weights(await translated('gateway-api', documents(object, web)))).toEqual([expected])
  })

  test('what no split takes goes to the service itself, by a last rule', async () => {
    const matched = split(
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
    )
    const objects = documents(matched, group('[{ name: a, headers: [{ x-beta: "yes" }] }]'), web)
    expect(weights(await translated('gateway-api', objects))).toEqual([[['web-v2', 1]], [['web', 100]]])
  })

  test.each(['[{ x-beta: "yes" }, { x-b: ".+" }]', '{ x-beta: "yes", x-b: ".+" }'])(
    'headers may be written as %s',
    async (headers) => {
      const matched = split(
        '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
      )
      const [route] = await translated('istio', documents(matched, group(`[{ name: a, headers: ${headers} }]`), web))
      expect(route.spec.http[0].match).toEqual([
        { headers: { 'x-b': { regex: '.+' }, 'x-beta': { exact: 'yes' } }, port: 80 },
      ])
    },
  )

  test('a path is anchored at its start only, and conditions of a match are all needed', async () => {
    const matched = split(
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
    )
    const [route] = await translated(
      'istio',
      documents(
        matched,
        group('[{ name: a, pathRegex: /api, methods: [GET] }, { name: b, pathRegex: /api2$, methods: ["*"] }]'),
        web,
      ),
    )
    expect(route.spec.http[0].match).toEqual([
      { uri: { prefix: '/api' }, method: { exact: 'GET' }, port: 80 },
      { uri: { exact: '/api2' }, port: 80 },
    ])
  })

  test('a route group of v1alpha1 has its matches beside its metadata', async () => {
    const matched = split(
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
    )
    const old =
      '{ apiVersion: specs.smi-spec.io/v1alpha1, kind: HTTPRouteGroup, metadata: { name: beta, namespace: shop }, matches: [{ name: a, pathRegex: /a$ }] }'
    const [route] = await translated('gateway-api', documents(matched, old, web))
    expect(route.spec.rules[0].matches).toEqual([{ path: { type: 'Exact', value: '/a' } }])
  })

  test('every TCP port of the Service is split, and no other', async () => {
    const ports = '[{ name: http, port: 80 }, { name: admin, port: 8080 }, { name: dns, port: 53, protocol: UDP }]'
    const objects = await translated('linkerd', documents(canary, service('web', ports)))
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['web-80', 'web-8080'])
  })

  test('the service may be named in full and be its own backend', async () => {
    const object = split(
      '{ service: web.shop.svc.cluster.local, backends: [{ service: web, weight: 3 }, { service: web-v2, weight: 1 }] }',
    )
    expect(weights(await translated('gateway-api', documents(object, web)))).toEqual([
      [
        ['web', 3],
        ['web-v2', 1],
      ],
    ])
  })

  test('to a newer version of itself no Services are needed, as it has no ports', async () => {
    const old = split(
      '{ service: web, backends: [{ service: a, weight: 500m }, { service: b, weight: 1500m }] }',
      'split.smi-spec.io/v1alpha1',
    )
    expect(await translated('smi', old)).toEqual([
      {
        apiVersion: 'split.smi-spec.io/v1alpha4',
        kind: 'TrafficSplit',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          service: 'web',
          backends: [
            { service: 'a', weight: 500 },
            { service: 'b', weight: 1500 },
          ],
        },
      },
    ])
  })
})

describe('from Istio', () => {
  test('prefixes by characters stay such, or are refused where they cannot', async () => {
    const objects = documents(
      virtualService(
        '\n- match: [{ uri: { prefix: /foo } }]\n  route: [{ destination: { host: a } }]\n- route: [{ destination: { host: web } }]',
      ),
      web,
    )
    expect((await translated('linkerd', objects))[0].spec.rules[0].matches).toEqual([
      { path: { type: 'RegularExpression', value: '^(?:/foo.*)$' } },
    ])
    const { code, stdout, stderr } = await translate('gateway-api', objects)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toEqual([
      expect.stringMatching(
        /^stdin:4:19 AP2101 gateway-api cannot carry a path prefix by characters asked of shop\/web/,
      ),
    ])
  })

  test('exact and prefix together are the prefix by segments, which the Gateway API has', async () => {
    const objects = documents(
      virtualService(
        '\n- match: [{ uri: { exact: /foo } }, { uri: { prefix: /foo/ } }]\n  route: [{ destination: { host: a } }]\n- route: [{ destination: { host: web } }]',
      ),
      web,
    )
    expect((await translated('gateway-api', objects))[0].spec.rules[0].matches).toEqual([
      { path: { type: 'PathPrefix', value: '/foo' } },
    ])
  })

  test('a weight that means nothing, as its destination is alone, becomes one that does', async () => {
    const objects = documents(virtualService('\n- route: [{ destination: { host: a }, weight: 0 }]'), web)
    expect(weights(await translated('gateway-api', objects))).toEqual([[['a', 100]]])
  })

  test('a split that is attached to a route of the user is refused: it is about an object of the cluster', async () => {
    const attached = `apiVersion: mesh-autopilot.dev/v1
kind: TrafficSplit
metadata: { name: web, namespace: shop }
spec: { service: web, attachTo: { kind: HTTPRoute, name: web }, backends: [{ service: web, weight: 1 }] }`
    const { code, stderr, stdout } = await translate('gateway-api', documents(web, attached))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toEqual([expect.stringMatching(/AP2101 gateway-api cannot carry weights in a route of the user's/)])
  })

  test('an order that the target would turn around is refused', async () => {
    const objects = documents(
      virtualService(`
- match: [{ headers: { x: { exact: "1" } } }]
  route: [{ destination: { host: a } }]
- match: [{ uri: { exact: /a/b } }]
  route: [{ destination: { host: b } }]
- route: [{ destination: { host: web } }]`),
      web,
    )
    expect(await translate('gateway-api', objects)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: [expect.stringContaining('AP2102 gateway-api tries rule-2 before rule-1')],
    })
  })

  test('rules without a default stay without where the answer is 404, and SMI refuses them', async () => {
    const objects = documents(
      virtualService('\n- match: [{ headers: { x: { exact: "1" } } }]\n  route: [{ destination: { host: a } }]'),
      web,
    )
    expect((await translated('gateway-api', objects))[0].spec.rules).toHaveLength(1)
    expect((await translate('smi', objects)).stderr).toEqual([
      expect.stringContaining('AP2101 smi cannot carry rules without one for all other requests asked of shop/web'),
    ])
  })

  test('the ports of a Service that is not given are those of the backends, and that is said', async () => {
    const objects = virtualService('\n- route: [{ destination: { host: a, port: { number: 8080 } } }]')
    const {
      code,
      stderr,
      objects: [route],
    } = await translate('gateway-api', objects)
    expect(code).toBe(0)
    expect(route.spec.parentRefs[0].port).toBe(8080)
    expect(stderr).toEqual([
      expect.stringContaining(
        'AP7104 VirtualService shop/web is about all ports of shop/web, which is not among the files',
      ),
    ])
  })
})

describe('subsets of Istio', () => {
  const objects = virtualService(`
- route:
  - { destination: { host: web, subset: v1 }, weight: 90 }
  - { destination: { host: web, subset: v2 }, weight: 10 }`)
  const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]`
  const given = documents(
    objects,
    rule,
    service('web', '[{ name: http, port: 80, targetPort: 8080, nodePort: 30080 }]', ', type: NodePort'),
  )

  test('become Services of their own, with the labels in the selector and the same ports', async () => {
    const [v1, v2, route] = await translated('linkerd', given)
    expect(v1).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web-v1', namespace: 'shop' },
      spec: { selector: { app: 'web', version: 'v1' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })
    expect(v2.spec.selector).toEqual({ app: 'web', version: 'v2' })
    expect(weights([route])).toEqual([
      [
        ['web-v1', 90],
        ['web-v2', 10],
      ],
    ])
  })

  test('stay subsets on Istio, with what defines them', async () => {
    const [destinationRule, route] = await translated('istio', given)
    expect(destinationRule.spec).toEqual({
      host: 'web',
      subsets: [
        { name: 'v1', labels: { version: 'v1' } },
        { name: 'v2', labels: { version: 'v2' } },
      ],
    })
    expect(route.spec.http[0].route[0]).toEqual({
      destination: { host: 'web.shop.svc.cluster.local', subset: 'v1', port: { number: 80 } },
      weight: 90,
    })
  })

  test.each<[string, string, string]>([
    [
      'nothing defines one',
      documents(objects, web),
      'AP7105 VirtualService shop/web cannot be translated to smi: no DestinationRule defines the subset v1 of shop/web',
    ],
    ['the Service is not given', documents(objects, rule), 'AP7103'],
    [
      'another Service has the name',
      documents(given, service('web-v1')),
      'there is a Service web-v1 with another selector',
    ],
    [
      'the Service has no selector',
      documents(objects, rule, web.replace('selector: { app: web }, ', '')),
      'the Service shop/web has no selector',
    ],
  ])('are refused where %s', async (_why, files, message) => {
    const { code, stdout, stderr } = await translate(message === 'AP7103' ? 'linkerd' : 'smi', files)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr[0]).toContain(message)
  })
})

describe('what is done to requests besides dividing them', () => {
  const patient =
    '\n- timeout: 5s\n  retries: { attempts: 2, retryOn: 5xx, perTryTimeout: 1s }\n  route: [{ destination: { host: a } }]'

  test('retries and a timeout of Istio are annotations on Linkerd, and come back from there', async () => {
    const [route] = await translated('linkerd', documents(virtualService(patient), web))
    expect(route.metadata.annotations).toEqual({
      'retry.linkerd.io/http': '5xx',
      'retry.linkerd.io/limit': '2',
      'retry.linkerd.io/timeout': '1000ms',
      'timeout.linkerd.io/request': '5000ms',
    })
    const [virtual] = await translated('istio', documents(JSON.stringify(route), web))
    expect(virtual.spec.http[0]).toMatchObject({
      timeout: '5s',
      retries: { attempts: 2, retryOn: '5xx', perTryTimeout: '1s' },
    })
  })

  test('retries are refused by the Gateway API', async () => {
    const { code, stdout, stderr } = await translate('gateway-api', documents(virtualService(patient), web))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr[0]).toMatch(/^stdin:4:\d+ AP2101 gateway-api cannot carry retries/)
  })

  test('a fault is a backend where there are no faults, printed with the rest when it is not among the files', async () => {
    const faulty =
      '\n- fault: { abort: { percentage: { value: 20 }, httpStatus: 503 } }\n  route: [{ destination: { host: a } }]'
    const { code, stdout, stderr, objects } = await translate('smi', documents(virtualService(faulty), web))
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] })
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap fault-503',
      'Deployment fault-503',
      'Service fault-503',
      'TrafficSplit web',
    ])
    expect(objects[0].data['default.conf']).toBe('server { listen 8080; location / { return 503; } }\n')
    expect(objects[3].spec.backends).toEqual([
      { service: 'a', weight: 4 },
      { service: 'fault-503', weight: 1 },
    ])
    const [virtual] = await translated('istio', documents(stdout, web))
    expect(virtual.spec.http[0].fault.abort).toEqual({ percentage: { value: 20 }, httpStatus: 503 })
  })
})

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

  test('an expression for the path comes after every prefix, and so not at all after one for every path', async () => {
    const objects = httpRoute(`
- matches: [{ path: { type: RegularExpression, value: /.* }, method: POST }]
  backendRefs: [{ name: c, port: 80 }]
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
      'a rule that answers 500 itself, as nothing has weight',
      '\n- backendRefs: [{ name: a, port: 80, weight: 0 }]',
      'spec.rules[0] (a rule that answers 500 itself)',
    ],
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

describe('neutral outputs as documents', () => {
  const neutral = (spec: string) => split(spec, 'mesh-autopilot.dev/v1')

  test('have ports and matches of their own', async () => {
    const object = neutral(
      '{ service: web, ports: [80], matches: [{ path: { prefixPath: /a } }], backends: [{ service: a, port: 8080, weight: 1 }] }',
    )
    const [route] = await translated('gateway-api', object)
    expect(route.spec.rules[0]).toEqual({
      matches: [{ path: { type: 'PathPrefix', value: '/a' } }],
      backendRefs: [{ name: 'a', port: 8080, weight: 1 }],
    })
  })

  test.each([
    [
      '{ service: web, backends: [{ service: a, weight: -1 }] }',
      'stdin:5:56 AP2109 TrafficSplit web gives a the weight -1',
    ],
    ['{ service: web, backends: [] }', 'AP2107 TrafficSplit web has no backends'],
    ['{ service: web, bakends: [] }', 'AP2104 TrafficSplit web is malformed: it has the unknown field bakends'],
    [
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: none }], backends: [{ service: a, weight: 1 }] }',
      'AP2112',
    ],
  ])('%s is refused', async (spec, message) => {
    const { code, stderr } = await translate('istio', documents(neutral(spec), web))
    expect(code).toBe(1)
    expect(stderr[0]).toContain(message)
  })
})

describe('what is not translated is said', () => {
  test('other kinds, each at its place', async () => {
    const other = '{ apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: { name: all } }'
    const { code, stdout, stderr } = await translate('linkerd', documents(canary, web, other))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toEqual([
      'stdin:13:43 AP7101 RequestAuthentication default/all is not translated to linkerd: this kind is not one that ap translate reads. Carry it over by hand, or take it out of the files; --partial prints the rest.',
    ])
  })

  test('fields without words, and --partial prints the rest', async () => {
    const objects = documents(
      virtualService('\n- corsPolicy: {}\n  route: [{ destination: { host: a } }]\n  mirror: { host: b, subset: c }'),
      web,
    )
    const { code, stderr, objects: printed } = await translate('gateway-api', objects, '--partial')
    expect(code).toBe(1)
    expect(stderr.map((line) => line.split(' of ')[0])).toEqual([
      'stdin:8:5 AP7102 spec.http[0].corsPolicy',
      'stdin:10:24 AP7102 spec.http[0].mirror.subset (copies for the subset c)',
    ])
    expect(weights(printed)).toEqual([[['a', 100]]])
  })

  test('what holds for the pods of a Service, and --partial prints where its requests go', async () => {
    const breaker =
      '{ apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: a, namespace: shop }, spec: { host: a, trafficPolicy: { connectionPool: { http: { http2MaxRequests: 9 } } } } }'
    const canary = virtualService('\n- route: [{ destination: { host: a } }]')
    const { code, stderr, objects } = await translate('linkerd', documents(canary, breaker, web), '--partial')
    expect(code).toBe(1)
    expect(stderr).toEqual([
      expect.stringContaining('AP2101 linkerd cannot carry limits for connections and requests under way'),
    ])
    expect(weights(objects)).toEqual([[['a', 100]]])
    const { code: same, objects: written } = await translate('istio', documents(canary, breaker, web))
    expect(same).toBe(0)
    expect(written.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'DestinationRule web.a',
      'DestinationRule web.web',
      'VirtualService web',
    ])
  })

  test('the policy of a DestinationRule that no VirtualService is beside', async () => {
    const alone =
      '{ apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: own, namespace: shop }, spec: { host: web, trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } } }'
    const { code, objects } = await translate('istio', alone)
    expect(code).toBe(0)
    expect(objects).toMatchObject([
      {
        metadata: { name: 'web.web' },
        spec: { trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } },
      },
    ])
    const { stderr } = await translate('smi', alone)
    expect(stderr).toEqual([expect.stringContaining('AP2101 smi cannot carry clients kept on a pod by their address')])
  })

  test('annotations by which Linkerd is told about a Service', async () => {
    const annotated = `{ apiVersion: v1, kind: Service, metadata: { name: web, namespace: shop, annotations: { timeout.linkerd.io/request: 1s } }, spec: { ports: [{ port: 80 }] } }`
    const canary = httpRoute('\n- backendRefs: [{ name: a, port: 80 }]')
    const { code, stderr } = await translate('istio', documents(canary, annotated))
    expect(code).toBe(1)
    expect(stderr).toEqual([
      expect.stringContaining('AP7102 metadata.annotations.timeout.linkerd.io/request of Service shop/web'),
    ])
    expect((await translate('linkerd', documents(canary, annotated))).code).toBe(0)
  })

  test('annotations about failures of which Linkerd would take none, or which have no neutral words', async () => {
    const service = (annotations: string) =>
      `{ apiVersion: v1, kind: Service, metadata: { name: web, namespace: shop, annotations: { ${annotations} } }, spec: { ports: [{ port: 80 }] } }`
    const accrual = 'balancer.linkerd.io/failure-accrual'
    const told = async (annotations: string) => (await translate('istio', service(annotations))).stderr
    expect(await told(`${accrual}: unified`)).toEqual([
      expect.stringContaining(`AP7102 metadata.annotations.${accrual} of`),
    ])
    expect(await told(`${accrual}: consecutive, ${accrual}-consecutive-min-penalty: 2m`)).toEqual([
      expect.stringContaining('-min-penalty of Service shop/web'),
    ])
    expect(await told(`${accrual}: consecutive, ${accrual}-consecutive-jitter-ratio: "1"`)).toEqual([
      expect.stringContaining('-jitter-ratio of Service shop/web'),
    ])
  })

  test('a rule that is lost takes its apex along, for the rest would mean something else', async () => {
    const objects = virtualService(`
- match: [{ port: 80, authority: { exact: x } }]
  route: [{ destination: { host: a } }]
- match: [{ port: 80 }]
  route: [{ destination: { host: web } }]`)
    const { stderr, stdout } = await translate('gateway-api', objects, '--partial')
    expect(stderr).toEqual([expect.stringContaining('spec.http[0].match[0].authority of VirtualService shop/web')])
    expect(stdout).toBe('')
  })

  test.each<[string, string, string]>([
    [
      'labels of clients',
      virtualService(
        '\n- match: [{ sourceLabels: { a: b } }]\n  route: [{ destination: { host: a } }]\n- route: [{ destination: { host: b } }]',
      ),
      'spec.http[0].match[0].sourceLabels',
    ],
    [
      'a host outside',
      virtualService('\n- route: [{ destination: { host: a } }]').replace('[web]', '[web, example.com]'),
      'spec.hosts[1] (the host example.com)',
    ],
    [
      'another gateway',
      virtualService('\n- route: [{ destination: { host: a } }]', '\n  gateways: [mesh, ingress]'),
      'spec.gateways',
    ],
    [
      'connections',
      virtualService(
        '\n- route: [{ destination: { host: a } }]',
        '\n  tcp: [{ route: [{ destination: { host: a } }] }]',
      ),
      'spec.tcp',
    ],
    [
      'a policy for connections',
      documents(
        virtualService('\n- route: [{ destination: { host: a } }]'),
        '{ apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: a }, spec: { host: a, trafficPolicy: { tls: { mode: DISABLE } } } }',
      ),
      'spec.trafficPolicy.tls of DestinationRule default/a',
    ],
    [
      'a route of a gateway',
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]').replace(
        'group: "", kind: Service, name: web, port: 80',
        'name: ingress',
      ),
      'traffic that is not of a Service of HTTPRoute shop/web',
    ],
    [
      'a route of a consumer',
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]').replace(
        'name: web, port: 80',
        'name: web, namespace: pay, port: 80',
      ),
      'a parent in another namespace',
    ],
    [
      'annotations of Linkerd',
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]').replace(
        'namespace: shop',
        'namespace: shop, annotations: { retry.linkerd.io/grpc: internal }',
      ),
      'metadata.annotations.retry.linkerd.io/grpc',
    ],
    [
      'host names of a route',
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]').replace('  rules:', '  hostnames: [a.b]\n  rules:'),
      'spec.hostnames',
    ],
  ])('%s', async (_what, objects, message) => {
    const { code, stderr } = await translate('linkerd', documents(objects, web))
    expect(code).toBe(1)
    expect(stderr.join('\n')).toContain(message)
  })

  test.each<[string, string, string]>([
    [
      'a split and a VirtualService',
      documents(canary, virtualService('\n- route: [{ destination: { host: a } }]'), web),
      'AP7107 TrafficSplit shop/web and VirtualService shop/web both route shop/web',
    ],
    [
      'two plain splits',
      documents(canary, canary.replace('name: web,', 'name: other,'), web),
      'AP2103 TrafficSplit web and TrafficSplit other both split shop/web:80 without matches',
    ],
    [
      'two VirtualServices of one host',
      documents(
        virtualService('\n- route: [{ destination: { host: a } }]'),
        virtualService('\n- route: [{ destination: { host: a } }]').replace('name: web,', 'name: z,'),
        web,
      ),
      'AP2122 VirtualService shop/z speaks of shop/web as well, and VirtualService shop/web has precedence',
    ],
    [
      'splits whose order SMI does not define',
      documents(
        split(
          '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: a, weight: 1 }] }',
          undefined,
          'one',
        ),
        split(
          '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: b, weight: 1 }] }',
          undefined,
          'two',
        ),
        group('[{ name: a, pathRegex: /a }]'),
        web,
      ),
      'AP7108 TrafficSplit one and TrafficSplit two both take some requests to shop/web',
    ],
  ])('%s, by name', async (_what, objects, message) => {
    const { code, stdout, stderr } = await translate('istio', objects)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.join('\n')).toContain(message)
  })

  test.each<[string, string, string]>([
    [
      'no Service tells the ports',
      canary,
      'stdin:5:18 AP7103 TrafficSplit shop/web cannot be translated to linkerd: it names no ports, and there is no Service shop/web',
    ],
    [
      'a group is missing',
      documents(
        split(
          '{ service: web, matches: [{ kind: HTTPRouteGroup, name: none }], backends: [{ service: a, weight: 1 }] }',
        ),
        web,
      ),
      'AP2112',
    ],
    [
      'all weights are zero',
      documents(split('{ service: web, backends: [{ service: a, weight: 0 }] }'), web),
      'AP2108',
    ],
    [
      'the port speaks no HTTP',
      documents(
        split(
          '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: a, weight: 1 }] }',
        ),
        group('[{ name: a, pathRegex: /a }]'),
        service('web', '[{ name: mysql, port: 80 }]'),
      ),
      'AP2160',
    ],
    ['there is nothing', web, 'AP7109 nothing in these files asks for traffic'],
  ])('%s', async (_why, objects, message) => {
    const { code, stdout, stderr } = await translate('linkerd', objects)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr[0]).toContain(message)
  })
})

describe('ap translate', () => {
  test('reads Lists and JSON, and gives a namespace to what has none', async () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } },
        {
          apiVersion: 'split.smi-spec.io/v1alpha4',
          kind: 'TrafficSplit',
          metadata: { name: 'web' },
          spec: { service: 'web', backends: [{ service: 'a', weight: 1 }] },
        },
      ],
    })
    expect((await translated('linkerd', list))[0].metadata.namespace).toBe('default')
    expect((await translated('linkerd', list, '--namespace', 'pay'))[0].metadata.namespace).toBe('pay')
  })

  test('prints a List with -o json', async () => {
    const { stdout } = await translate('smi', documents(canary, web), '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'TrafficSplit' }] })
  })

  test('quotes what YAML 1.1 would take for something else', async () => {
    const object = split(
      '{ service: web, matches: [{ headers: [{ name: x, exact: "yes" }] }], backends: [{ service: a, weight: 1 }] }',
      'mesh-autopilot.dev/v1',
    )
    expect((await translate('gateway-api', documents(object, web))).stdout).toContain('value: "yes"')
  })

  test.each<[string, string[], string]>([
    ['no target', ['-f', '-'], 'name a mesh with --to: istio, linkerd, smi, gateway-api'],
    ['an unknown target', ['--to', 'linkered', '-f', '-'], '--to linkered is not a mesh (did you mean "linkerd"?)'],
    ['no file', ['--to', 'smi'], 'name a file with -f, or - for standard input'],
    [
      'a namespace that is none',
      ['--to', 'smi', '-f', '-', '--namespace', 'A'],
      '--namespace A is no name of a namespace',
    ],
    [
      'a format that is none',
      ['--to', 'smi', '-f', '-', '-o', 'toml'],
      '-o toml is not a format; there are yaml, json',
    ],
    ['an unknown option', ['--too', 'smi'], "unknown option '--too'\n(Did you mean --to?)"],
  ])('%s is a wrong call and exits with 2', async (_what, args, message) => {
    const { code, stdout, stderr } = await callAp(['translate', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('explains itself with examples', async () => {
    expect((await runAp(['translate', '--help'])).stdout).toContain('Examples:\n  ap translate --to gateway-api')
  })
})

describe('neutral policies as documents', () => {
  const policy = (kind: string, spec: string) => `
apiVersion: mesh-autopilot.dev/v1
kind: ${kind}
metadata: { name: web, namespace: shop }
spec: ${spec}`
  const neutral = policy(
    'TrafficSplit',
    '{ service: web, backends: [{ service: web-v1, weight: 9 }, { service: web-v2, weight: 1 }] }',
  )

  test('are merged with the splits of their service', async () => {
    const retries = policy(
      'RetryPolicy',
      '{ service: web, timeout: 5000, retries: { attempts: 2, conditions: [5xx] } }',
    )
    const [virtual] = await translated('istio', documents(web, neutral, retries))
    expect(virtual.spec.http).toMatchObject([{ timeout: '5s', retries: { attempts: 2, retryOn: '5xx' } }])
    expect(virtual.spec.http[0].route).toHaveLength(2)
  })

  test('hold for a service without a split', async () => {
    const mirror = policy('TrafficMirror', '{ service: web, to: web-v2, percent: 20 }')
    const [route] = await translated('gateway-api', documents(web, mirror))
    expect(route.spec.rules[0].filters[0].requestMirror).toMatchObject({ backendRef: { name: 'web-v2' }, percent: 20 })
  })

  test('a value that a policy may not have is told at its place', async () => {
    const fault = policy('FaultInjection', '{ service: web, abort: { status: 503, percent: 101 } }')
    const { code, stderr } = await translate('istio', documents(web, fault))
    expect(code).toBe(1)
    expect(stderr[0]).toMatch(/^stdin:11:\d+ AP2140 FaultInjection web: abort.percent is 101/)
  })
})
