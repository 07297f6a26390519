import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../support/call-ap.ts'
import { documents } from './support/documents.ts'

const service = (name: string, ports: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: ${ports} }`
const tcp = (name: string) => service(name, '[{ name: tcp-pg, port: 5432 }]')
const tls = (name: string) => service(name, '[{ name: https, port: 443 }]')
const split = (fields: string) => `
apiVersion: mesh-autopilot.dev/v1
kind: TrafficSplit
metadata: { name: db, namespace: shop }
spec: { service: db, backends: [{ service: db-v1, weight: 90 }, { service: db-v2, weight: 10 }]${fields} }`
const virtualService = (rest: string, hosts = 'db') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: db, namespace: shop }
spec: { hosts: [${hosts}], ${rest} }`
const route = (kind: string, version: string, spec: string) => `
apiVersion: gateway.networking.k8s.io/${version}
kind: ${kind}
metadata: { name: db, namespace: shop }
spec: { parentRefs: [{ group: "", kind: Service, name: db }], ${spec} }`
const all = documents(tcp('db'), tcp('db-v1'), tcp('db-v2'))
const host = (name: string) => `${name}.shop.svc.cluster.local`

async function translate(mesh: string, objects: string) {
  const { code, stdout, stderr } = await callAp(['translate', '--to', mesh, '-f', '-'], objects)
  return { code, stderr, objects: parseAllDocuments(stdout).map((one) => one.toJS()) }
}

async function decide(mesh: string, objects: string, url = 'http://db.shop:5432/', ...options: string[]) {
  const args = ['route', '--mesh', mesh, '-f', '-', '--request', `GET ${url}`, '--protocol', 'tcp', '-o', 'json']
  const { code, stdout, stderr } = await callAp([...args, ...options], objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const to = (name: string, share: number, port = 5432) => ({ share, backend: `shop/${name}`, port, subset: null })

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

describe('ap route --protocol tcp', () => {
  const weighted = virtualService(
    'tcp: [{ match: [{ port: 5432 }], route: [{ destination: { host: db-v1 }, weight: 3 }, { destination: { host: db-v2 }, weight: 1 }] }]',
  )

  test('follows the tcp routes of Istio, the first for the port, and no HTTP routes', async () => {
    expect(await decide('istio', documents(weighted, all))).toEqual({
      outcomes: [to('db-v1', 0.75), to('db-v2', 0.25)],
      rule: '0',
    })
    const http = virtualService('http: [{ route: [{ destination: { host: db-v1 } }] }]')
    expect(await decide('istio', documents(http, all))).toEqual({ outcomes: [to('db', 1)], rule: null })
    expect(await decide('istio', weighted)).toMatchObject({ rule: '0' })
    expect(await decide('istio', weighted, 'http://db.shop:1/')).toEqual({ outcomes: [to('db', 1, 1)], rule: null })
  })

  test('a port that says HTTP answers what is none; an HTTP request to a TCP port is a connection', async () => {
    const web = documents(weighted, service('db', '[{ name: http, port: 5432 }]'), tcp('db-v1'), tcp('db-v2'))
    expect(await decide('istio', web)).toEqual({ outcomes: [{ share: 1, status: 400 }], rule: null })
    expect(await decide('istio', documents(weighted, all), 'http://db.shop:5432/', '--protocol', 'http')).toMatchObject(
      { rule: '0' },
    )
  })

  test('a route without a destination port means the only port of its Service', async () => {
    const other = documents(weighted, tcp('db'), service('db-v1', '[{ port: 6000 }]'), tcp('db-v2'))
    expect(await decide('istio', other)).toMatchObject({ outcomes: [to('db-v1', 0.75, 6000), to('db-v2', 0.25)] })
  })

  test('a TLS port follows no tcp routes, and closes connections for names that no tls route has', async () => {
    const named = virtualService(
      'tls: [{ match: [{ port: 443, sniHosts: [a.example.com] }], route: [{ destination: { host: db } }] }]',
      'db, a.example.com',
    )
    expect(await decide('istio', documents(named, tls('db')), 'http://db.shop:443/')).toEqual({
      outcomes: [{ share: 1, status: 503 }],
      rule: null,
    })
    const ignored = virtualService('tcp: [{ route: [{ destination: { host: gone } }] }]')
    expect(await decide('istio', documents(ignored, tls('db')), 'http://db.shop:443/')).toEqual({
      outcomes: [to('db', 1, 443)],
      rule: null,
    })
  })

  test('a TLS client is sent where the server name it asks for goes, the most specific one first', async () => {
    const routed = (names: string, backend: string) =>
      `{ match: [{ port: 443, sniHosts: [${names}] }], route: [{ destination: { host: ${backend} } }] }`
    const rules = `tls: [${routed("'*.example.com'", 'db-v1')}, ${routed('a.example.com', 'db-v2')}]`
    const services = documents(tls('db'), tls('db-v1'), tls('db-v2'))
    const istio = documents(virtualService(rules, "db, '*.example.com'"), services)
    const tlsRoute = (name: string, hostname: string, backend: string) =>
      route(
        'TLSRoute',
        'v1alpha2',
        `hostnames: ['${hostname}'], rules: [{ backendRefs: [{ name: ${backend}, port: 443 }] }]`,
      ).replace('name: db,', `name: ${name},`)
    const gateway = documents(
      tlsRoute('a', '*.example.com', 'db-v1'),
      tlsRoute('b', 'a.example.com', 'db-v2'),
      services,
    )
    for (const [mesh, objects] of [
      ['istio', istio],
      ['gateway-api', gateway],
    ] as const) {
      const ask = (name: string) => decide(mesh, objects, 'http://db.shop:443/', '--sni', name)
      expect(await ask('A.Example.com')).toMatchObject({ outcomes: [to('db-v2', 1, 443)] })
      expect(await ask('b.example.com')).toMatchObject({ outcomes: [to('db-v1', 1, 443)] })
      expect(await ask('example.com')).toEqual({ outcomes: [{ share: 1, status: 503 }], rule: null })
    }
  })

  test.each([
    ['a name of no host', ['--protocol', 'tcp', '--sni', 'a_b'], 'is no server name'],
    ['a pattern', ['--protocol', 'tcp', '--sni', '*.example.com'], 'clients ask for whole names'],
    ['a request', ['--sni', 'a.example.com'], '--sni is for --protocol tcp'],
  ])('takes no server name that is %s', async (_what, options, said) => {
    const args = ['route', '--mesh', 'istio', '-f', '-', '--request', 'GET http://db.shop:443/', ...options]
    const { code, stdout, stderr } = await callAp(args, tls('db'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(said)
  })

  test.each(['gateway-api', 'linkerd'])(
    'follows a TCPRoute on %s; what is missing refuses its share with 503',
    async (mesh) => {
      const own = route(
        'TCPRoute',
        'v1alpha2',
        'rules: [{ backendRefs: [{ name: db-v1, port: 5432, weight: 1 }, { name: gone, port: 5432, weight: 1 }] }]',
      )
      expect(await decide(mesh, documents(own, all))).toEqual({
        outcomes: [to('db-v1', 0.5), { share: 0.5, status: 503 }],
        rule: '0',
      })
      const named = own.replace('rules: [{', 'rules: [{ name: both,')
      expect(await decide(mesh, documents(named, all))).toMatchObject({ rule: 'both' })
    },
  )

  test('the plain split counts on SMI, whatever else there is', async () => {
    const smi = `
apiVersion: split.smi-spec.io/v1alpha2
kind: TrafficSplit
metadata: { name: db, namespace: shop }
spec: { service: db, backends: [{ service: db-v1, weight: 1 }] }`
    expect(await decide('smi', documents(smi, all))).toEqual({ outcomes: [to('db-v1', 1)], rule: 'db' })
  })

  test.each([
    [
      'istio',
      virtualService('tls: [{ match: [{ sniHosts: [a.example.com] }], route: [{ destination: { host: db } }] }]'),
      'it is none of the hosts',
    ],
    ['istio', virtualService('tcp: [{ match: [{ port: 1 }] }]'), 'route is required'],
    [
      'gateway-api',
      route(
        'TCPRoute',
        'v1',
        'rules: [{ backendRefs: [{ name: a, port: 1 }] }, { backendRefs: [{ name: a, port: 1 }] }]',
      ),
      'spec.rules',
    ],
    ['gateway-api', route('TLSRoute', 'v1', 'rules: [{ backendRefs: [{ name: a, port: 1 }] }]'), 'hostnames'],
    [
      'gateway-api',
      route('TLSRoute', 'v1alpha2', 'hostnames: [10.0.0.1], rules: [{ backendRefs: [{ name: a, port: 1 }] }]'),
      'clients ask for no addresses',
    ],
    [
      'linkerd',
      route('TCPRoute', 'v1alpha2', 'rules: [{ backendRefs: [{ name: a }] }]'),
      'Must have port for Service reference',
    ],
    ['gateway-api', route('TCPRoute', 'v2', 'rules: []'), 'there is no version v2'],
  ])('refuses what a cluster would refuse: %s %#', async (mesh, objects, message) => {
    const args = ['route', '--mesh', mesh, '-f', '-', '--request', 'GET http://db.shop:1/', '--protocol', 'tcp']
    const { code, stdout, stderr } = await callAp(args, objects)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
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
