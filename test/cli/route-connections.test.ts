import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { all, decide, route, service, tcp, tls, to, virtualService } from './support/connections.ts'
import { documents } from './support/documents.ts'

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
