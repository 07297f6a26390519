import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { all, decide, host, route, service, split, tls, to, translate, virtualService } from './support/connections.ts'
import { documents } from './support/documents.ts'

describe('ap translate writes a split of a TCP port', () => {
  test('as tcp routes of Istio', async () => {
    const { objects } = await translate('istio', documents(split(''), all))
    const destination = (name: string) => ({ host: host(name), port: { number: 5432 } })
    expect(objects).toMatchObject([
      {
        metadata: { name: 'db' },
        spec: {
          hosts: [host('db')],
          tcp: [
            {
              match: [{ port: 5432 }],
              route: [
                { destination: destination('db-v1'), weight: 90 },
                { destination: destination('db-v2'), weight: 10 },
              ],
            },
          ],
        },
      },
    ])
    expect(objects[0].spec).not.toHaveProperty('http')
  })

  test.each([
    ['gateway-api', 'v1'],
    ['linkerd', 'v1alpha2'],
  ])('as a TCPRoute of %s', async (mesh, version) => {
    const { objects } = await translate(mesh, documents(split(''), all))
    expect(objects).toEqual([
      {
        apiVersion: `gateway.networking.k8s.io/${version}`,
        kind: 'TCPRoute',
        metadata: { name: 'db-5432', namespace: 'shop' },
        spec: {
          parentRefs: [{ group: '', kind: 'Service', name: 'db', port: 5432 }],
          rules: [
            {
              backendRefs: [
                { name: 'db-v1', port: 5432, weight: 90 },
                { name: 'db-v2', port: 5432, weight: 10 },
              ],
            },
          ],
        },
      },
    ])
  })

  test('as a TrafficSplit of SMI, whose ports a TCPRoute may name', async () => {
    const smiRoute = `
apiVersion: specs.smi-spec.io/v1alpha4
kind: TCPRoute
metadata: { name: pg, namespace: shop }
spec: { matches: { ports: [5432] } }`
    const referring = split(', matches: [{ kind: TCPRoute, name: pg }]')
    const { objects } = await translate('smi', documents(referring, smiRoute, all))
    expect(objects).toMatchObject([{ kind: 'TrafficSplit', metadata: { name: 'db' } }])
    const missing = await translate('smi', documents(referring, all))
    expect(missing).toMatchObject({ code: 1, objects: [] })
    expect(missing.stderr).toContain('AP2162 TrafficSplit db refers to the TCPRoute pg')
  })
})

describe('ap translate writes a split by server name', () => {
  const asked = documents(split(', matches: [{ sniHosts: [a.example.com] }]'), tls('db'), tls('db-v1'), tls('db-v2'))

  test('as tls routes of a VirtualService of its own, which has the names among its hosts', async () => {
    const { objects } = await translate('istio', asked)
    expect(objects).toMatchObject([
      {
        metadata: { name: 'db.tls' },
        spec: { hosts: [host('db'), 'a.example.com'], tls: [{ match: [{ port: 443, sniHosts: ['a.example.com'] }] }] },
      },
    ])
  })

  test('as a TLSRoute', async () => {
    for (const mesh of ['gateway-api', 'linkerd']) {
      const { objects } = await translate(mesh, asked)
      expect(objects).toMatchObject([
        { kind: 'TLSRoute', metadata: { name: 'db-443.db' }, spec: { hostnames: ['a.example.com'] } },
      ])
    }
  })

  test('not on SMI', async () => {
    const { code, stderr } = await translate('smi', asked)
    expect(code).toBe(1)
    expect(stderr).toContain('AP2101 smi cannot carry a split of TLS connections by server name asked of shop/db')
  })
})

describe('ap translate reads routes for connections', () => {
  test('from Istio to the Gateway API and back', async () => {
    const own = virtualService(
      'tcp: [{ match: [{ port: 5432 }], route: [{ destination: { host: db-v1 }, weight: 3 }, { destination: { host: db-v2 }, weight: 1 }] }]',
    )
    const there = await translate('gateway-api', documents(own, all))
    expect(there.objects).toMatchObject([
      {
        kind: 'TCPRoute',
        spec: {
          rules: [
            {
              backendRefs: [
                { name: 'db-v1', weight: 75 },
                { name: 'db-v2', weight: 25 },
              ],
            },
          ],
        },
      },
    ])
    const { objects } = await translate(
      'istio',
      documents(route('TCPRoute', 'v1alpha2', 'rules: [{ backendRefs: [{ name: db-v2, port: 5432 }] }]'), all),
    )
    expect(objects).toMatchObject([{ kind: 'VirtualService', spec: { tcp: [{ match: [{ port: 5432 }] }] } }])
  })

  test('of TLS, with the names', async () => {
    const own = route(
      'TLSRoute',
      'v1',
      'hostnames: ["*.example.com"], rules: [{ backendRefs: [{ name: db-v2, port: 443 }] }]',
    )
    const { objects } = await translate('istio', documents(own, tls('db'), tls('db-v2')))
    expect(objects).toMatchObject([{ spec: { tls: [{ match: [{ port: 443, sniHosts: ['*.example.com'] }] }] } }])
  })

  test('and those of a ServiceProfile, which is about every port', async () => {
    const profile = `
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: ${host('db')}, namespace: shop }
spec: { dstOverrides: [{ authority: ${host('db-v2')}, weight: 1 }] }`
    const { objects } = await translate('istio', documents(profile, all))
    expect(objects).toMatchObject([{ spec: { tcp: [{ match: [{ port: 5432 }] }] } }])
  })

  test.each([
    [
      'addresses of clients',
      'tcp: [{ match: [{ port: 5432, destinationSubnets: [10.0.0.0/8] }], route: [{ destination: { host: a } }] }]',
      'spec.tcp[0].match[0].destinationSubnets',
    ],
    [
      'rules for both on a port that says nothing',
      'tcp: [{ route: [{ destination: { host: a } }] }], http: [{ route: [{ destination: { host: a } }] }]',
      'spec.tcp',
    ],
  ])('or says that it cannot: %s', async (_what, rest, field) => {
    const { code, stderr } = await translate(
      'linkerd',
      documents(virtualService(rest), service('db', '[{ port: 5432 }]')),
    )
    expect(code).toBe(1)
    expect(stderr).toContain(field)
  })
})

describe('Kuma', () => {
  const kumaService = (name: string) => service(name, '[{ port: 5432, appProtocol: tcp }]')
  const given = documents(kumaService('db'), kumaService('db-v1'), kumaService('db-v2'))
  const meshTcpRoute = (rules: string) => `
apiVersion: kuma.io/v1alpha1
kind: MeshTCPRoute
metadata: { name: db, namespace: shop, labels: { kuma.io/mesh: default } }
spec: { to: [{ targetRef: { kind: MeshService, name: db, sectionName: "5432" }, rules: ${rules} }] }`
  const weighted = (name: string, weight: number) =>
    `{ kind: MeshService, name: ${name}, port: 5432, weight: ${weight} }`
  const rule = `[{ default: { backendRefs: [${weighted('db-v1', 3)}, ${weighted('db-v2', 1)}] } }]`

  test('divides the connections to a TCP port by a MeshTCPRoute', async () => {
    const { objects, stderr } = await translate('kuma', documents(split(''), given))
    expect(stderr).toBe('')
    const backend = (name: string, weight: number) => {
      return { kind: 'MeshService', name, namespace: 'shop', port: 5432, weight }
    }
    expect(objects).toEqual([
      {
        apiVersion: 'kuma.io/v1alpha1',
        kind: 'MeshTCPRoute',
        metadata: { name: 'db-5432', namespace: 'shop', labels: { 'kuma.io/mesh': 'default' } },
        spec: {
          to: [
            {
              targetRef: { kind: 'MeshService', name: 'db', namespace: 'shop', sectionName: '5432' },
              rules: [{ default: { backendRefs: [backend('db-v1', 90), backend('db-v2', 10)] } }],
            },
          ],
        },
      },
    ])
  })

  test('is read back, and followed', async () => {
    const own = documents(meshTcpRoute(rule), given)
    expect(await decide('kuma', own)).toEqual({ outcomes: [to('db-v1', 0.75), to('db-v2', 0.25)], rule: '0' })
    const { objects } = await translate('istio', own)
    expect(objects).toMatchObject([{ spec: { tcp: [{ route: [{ weight: 75 }, { weight: 25 }] }] } }])
  })

  test.each([
    ['no backend is left', documents(meshTcpRoute(rule), kumaService('db')), 'AP7203'],
    [
      'the port says HTTP',
      documents(meshTcpRoute(rule), given).replace('appProtocol: tcp', 'appProtocol: http'),
      'AP7203',
    ],
    [
      'there are two rules',
      documents(meshTcpRoute(rule.replace('[', '[{ default: { backendRefs: [] } }, ')), given),
      'AP7003',
    ],
  ])('gives no answer where %s', async (_what, objects, code) => {
    const protocol = objects.includes('appProtocol: http') ? 'http' : 'tcp'
    const args = ['route', '--mesh', 'kuma', '-f', '-', '--request', 'GET http://db.shop:5432/', '--protocol', protocol]
    const { code: exit, stdout, stderr } = await callAp(args, objects)
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' })
    expect(stderr).toContain(code)
  })
})
