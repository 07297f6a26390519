import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { service, translate, translated, virtualService, web, weights } from './support/translate.ts'

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
        /^stdin:8:15 AP2101 gateway-api cannot carry a path prefix by characters asked of shop\/web/,
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
      stderr: [expect.stringMatching(/^stdin:\d+:\d+ AP2102 gateway-api tries rule-2 before rule-1/)],
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
    expect(stderr[0]).toMatch(/^stdin:9:5 AP2101 gateway-api cannot carry retries/)
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
    const image = 'registry.example.com/nginx-unprivileged:1.29'
    const own = await translated('smi', documents(virtualService(faulty), web), '--fault-image', image)
    expect(own[1].spec.template.spec.containers[0].image).toBe(image)
    const wrong = await translate('smi', documents(virtualService(faulty), web), '--fault-image', 'not an image')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr[0]).toContain('--fault-image not an image is not an image, such as nginxinc/')
    expect(objects[0].data['default.conf']).toBe('server { listen 8080; location / { return 503; } }\n')
    expect(objects[3].spec.backends).toEqual([
      { service: 'a', weight: 4 },
      { service: 'fault-503', weight: 1 },
    ])
    const [virtual] = await translated('istio', documents(stdout, web))
    expect(virtual.spec.http[0].fault.abort).toEqual({ percentage: { value: 20 }, httpStatus: 503 })
  })
})
