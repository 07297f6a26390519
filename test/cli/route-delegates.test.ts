import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

async function ask(objects: string, request: string, ...options: string[]) {
  const args = ['route', '--mesh', 'istio', '-f', '-', '--request', request, '-o', 'json', ...options]
  const { code, stdout, stderr } = await callAp(args, objects)
  return { code, stderr, decision: stdout === '' ? undefined : JSON.parse(stdout) }
}

async function placeOf(objects: string, request: string, ...options: string[]) {
  const { decision, stderr } = await ask(objects, request, ...options)
  expect(stderr).toBe('')
  const [{ backend, status }] = decision.outcomes
  return { to: backend ?? status, rule: decision.rule }
}

const services = (...names: string[]) =>
  names.map((name) => {
    const [plain, namespace = 'default'] = name.split('@')
    return `
apiVersion: v1
kind: Service
metadata: { name: ${plain}, namespace: ${namespace} }
spec: { ports: [{ name: http, port: 80 }] }
`
  })
const virtualService = (spec: string, metadata = 'name: web') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { ${metadata} }
spec:
  ${spec.trim().replaceAll('\n', '\n  ')}
`
const documents = (...all: readonly (string | string[])[]) => all.flat().join('\n---\n')

describe('a VirtualService that delegates', () => {
  const root = (match: string, rest = '') =>
    virtualService(`
hosts: [web]
http:
- match: [${match}]
  delegate: { name: api, namespace: pay }${rest}
- route: [{ destination: { host: web } }]`)
  const delegate = (http: string, metadata = 'name: api, namespace: pay', rest = '') =>
    virtualService(`${rest}http:\n${http.trim()}`, metadata)
  const given = services('web', 'a@pay', 'b@pay')
  const api = delegate(`
- name: v2
  match: [{ uri: { prefix: /api/v2 } }]
  route: [{ destination: { host: b } }]
- route: [{ destination: { host: a } }]`)

  test('has the routes of its delegate in that place, each with the conditions of both', async () => {
    const objects = documents(given, root('{ uri: { prefix: /api } }'), api)
    expect(await placeOf(objects, 'GET http://web/api/v2/x')).toEqual({ to: 'pay/b', rule: 'v2' })
    expect(await placeOf(objects, 'GET http://web/api/v1')).toEqual({ to: 'pay/a', rule: '0' })
    expect(await placeOf(objects, 'GET http://web/')).toEqual({ to: 'default/web', rule: '1' })
  })

  test('leaves out a route of the delegate that is about more than the root', async () => {
    const objects = documents(given, root('{ uri: { prefix: /api/v2/x } }'), api)
    expect(await placeOf(objects, 'GET http://web/api/v2/y')).toEqual({ to: 'default/web', rule: '1' })
    expect(await placeOf(objects, 'GET http://web/api/v2/x')).toEqual({ to: 'pay/a', rule: '0' })
  })

  test('gives what it says of requests to routes that do not say it themselves', async () => {
    const objects = documents(
      given,
      root('{ uri: { prefix: / } }', '\n  timeout: 3s\n  name: root'),
      delegate(`
- match: [{ uri: { prefix: /slow } }]
  timeout: 9s
  route: [{ destination: { host: a } }]
- name: rest
  route: [{ destination: { host: a } }]`),
    )
    const slow = await ask(objects, 'GET http://web/slow')
    expect(slow.decision).toMatchObject({ rule: 'root', timeout: '9s' })
    expect((await ask(objects, 'GET http://web/')).decision).toMatchObject({ rule: 'root-rest', timeout: '3s' })
  })

  test.each([
    ['is not there', ''],
    ['is of hosts itself', delegate('- route: [{ destination: { host: a } }]', undefined, 'hosts: [other]\n')],
    ['is not exported to its namespace', api.replace('spec:', 'spec:\n  exportTo: [.]')],
  ])('loses that route alone where the delegate %s', async (_why, other) => {
    const objects = documents(given, root('{ uri: { prefix: / } }'), other)
    expect(await placeOf(objects, 'GET http://web/')).toEqual({ to: 'default/web', rule: '1' })
  })

  test('is where what is not modelled of its delegate is told', async () => {
    const objects = documents(
      given,
      root('{ uri: { prefix: / } }'),
      delegate('- corsPolicy: { allowOrigins: [{ exact: a }] }\n  route: [{ destination: { host: a } }]'),
    )
    const { code, stderr } = await ask(objects, 'GET http://web/', '-H', 'origin: http://b')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^stdin:\d+:\d+ AP7203 .*VirtualService default\/web, whose spec\.http\[0\]\.delegate /)
  })
})

describe('a host that is no full name of a Service', () => {
  const objects = (host: string) =>
    documents(
      services('web', 'a'),
      virtualService(`hosts: [${host}]\nhttp:\n- route: [{ destination: { host: a, port: { number: 80 } } }]`),
    )

  test('counts for requests that spell it just so', async () => {
    expect(await placeOf(objects('web.default'), 'GET http://web.default/')).toEqual({ to: 'default/a', rule: '0' })
    for (const other of ['web', 'web.default.svc', 'web.default.svc.cluster.local'])
      expect(await placeOf(objects('web.default'), `GET http://${other}/`)).toEqual({ to: 'default/web', rule: null })
  })

  test.each(['example.com', 'api.example.com'])('may be outside of the cluster, as %s', async (host) => {
    expect(await placeOf(objects(host), `GET http://${host}/`)).toEqual({ to: 'default/a', rule: '0' })
    expect(
      await placeOf(
        virtualService(`hosts: [${host}]\nhttp:\n- route: [{ destination: { host: a } }]`),
        `GET http://${host}/`,
      ),
    ).toEqual({ to: 'default/a', rule: '0' })
    expect((await ask(objects(host), 'GET http://other.example.com/')).stderr).toContain(
      'AP7201 no rule names the host',
    )
  })
})
