import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import {
  canary,
  group,
  httpRoute,
  service,
  split,
  translate,
  virtualService,
  web,
  weights,
} from './support/translate.ts'

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
      expect.stringMatching(
        /^stdin:\d+:\d+ AP7102 metadata\.annotations \(.*\) of Service shop\/web is not translated/,
      ),
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
