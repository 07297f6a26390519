import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'

const [port = 0] = await freePorts(1)
const namespace = 'shop'
const taken = { namespace, name: 'match-taken' }
const left = { namespace, name: 'match-left' }

type Changes = Partial<Pick<MeshRequest, 'method' | 'path' | 'headers' | 'query'>>

/** A kind of match, requests that satisfy it and requests that do not. */
interface Kind {
  readonly kind: string
  readonly matches: readonly HttpMatch[]
  readonly holds: readonly Changes[]
  readonly fails: readonly Changes[]
}

const path = (...paths: string[]) => paths.map((one): Changes => ({ path: one }))
const header = (...values: string[]) => values.map((value): Changes => ({ headers: { 'x-a': value } }))
const cookie = (...values: string[]) => values.map((value): Changes => ({ headers: { cookie: value } }))
const query = (...values: string[]) => values.map((value): Changes => ({ query: { q: value } }))
const none: Changes = {}

const kinds: readonly Kind[] = [
  {
    kind: 'an exact path',
    matches: [{ path: { exact: '/foo' } }],
    holds: path('/foo'),
    fails: path('/foo/', '/foo/bar', '/foobar', '/Foo', '/fo', '/'),
  },
  {
    kind: 'a path by segments',
    matches: [{ path: { prefixPath: '/foo' } }],
    holds: path('/foo', '/foo/', '/foo/bar', '/foo//'),
    fails: path('/foobar', '/foo.', '/fo', '/FOO', '/a/foo'),
  },
  {
    kind: 'a path by segments, written with a slash at its end',
    matches: [{ path: { prefixPath: '/foo/' } }],
    holds: path('/foo', '/foo/', '/foo/bar'),
    fails: path('/foobar', '/fo'),
  },
  {
    kind: 'a path by characters',
    matches: [{ path: { prefixString: '/foo' } }],
    holds: path('/foo', '/foo/', '/foobar', '/foo/bar'),
    fails: path('/fo', '/a/foo'),
  },
  {
    kind: 'an expression for the path',
    matches: [{ path: { regex: '/foo|/a[0-9]+' } }],
    holds: path('/foo', '/a1', '/a123'),
    fails: path('/foobar', '/a', '/a1b', '/x/foo'),
  },
  {
    kind: 'methods',
    matches: [{ methods: ['PUT', 'DELETE'] }],
    holds: [{ method: 'PUT' }, { method: 'DELETE' }],
    fails: [{ method: 'GET' }, { method: 'POST' }, { method: 'PATCH' }],
  },
  {
    kind: 'an exact header, whatever the letters of its name',
    matches: [{ headers: [{ name: 'X-A', exact: 'yes' }] }],
    holds: [...header('yes'), { headers: { 'X-a': 'yes', 'x-b': 'no' } }],
    fails: [none, ...header('', 'no', 'YES', 'yes-no', 'yes,yes')],
  },
  {
    kind: 'the beginning of a header',
    matches: [{ headers: [{ name: 'x-a', prefix: 'a.b' }] }],
    holds: header('a.b', 'a.bc', 'a.b.c'),
    fails: [none, ...header('', 'a', 'axb', 'xa.b')],
  },
  {
    kind: 'an expression for a header',
    matches: [{ headers: [{ name: 'x-a', regex: 'foo|foobar|[0-9]{2}' }] }],
    holds: header('foo', 'foobar', '42'),
    fails: [none, ...header('', 'fooba', '421', 'a foo')],
  },
  {
    kind: 'a header that is there',
    matches: [{ headers: [{ name: 'x-a', present: true }] }],
    holds: header('', 'yes'),
    fails: [none, { headers: { 'x-b': 'yes' } }],
  },
  {
    kind: 'a header that is not there',
    matches: [{ headers: [{ name: 'x-a', absent: true }] }],
    holds: [none, { headers: { 'x-b': 'yes' } }],
    fails: header('', 'yes'),
  },
  {
    kind: 'an exact cookie',
    matches: [{ cookies: [{ name: 'u', exact: 'yes' }] }],
    holds: cookie('u=yes', 'a=1; u=yes', 'a=1;u=yes; b=2', 'u=no; u=yes'),
    fails: [none, ...cookie('', 'u=', 'u=yes2', 'uu=yes', 'u=YES', 'a=u=yes', 'u=no')],
  },
  {
    kind: 'an expression for a cookie',
    matches: [{ cookies: [{ name: 'u', regex: 'y.*' }] }],
    holds: cookie('u=yes', 'a=1; u=y', 'u=y z; b=2'),
    fails: [none, ...cookie('u=', 'u=no; b=y', 'a=y')],
  },
  {
    kind: 'a cookie that is there',
    matches: [{ cookies: [{ name: 'u', present: true }] }],
    holds: cookie('u=', 'u=yes', 'a=1; u='),
    fails: [none, ...cookie('', 'uu=1', 'u', 'a=1')],
  },
  {
    kind: 'an exact query parameter',
    matches: [{ queryParams: [{ name: 'q', exact: 'yes' }] }],
    holds: query('yes'),
    fails: [none, ...query('', 'no', 'yes2', 'ye%73', 'YES'), { query: { p: 'yes' } }],
  },
  {
    kind: 'an expression for a query parameter',
    matches: [{ queryParams: [{ name: 'q', regex: '[0-9]+' }] }],
    holds: query('1', '42'),
    fails: [none, ...query('', '4a', 'a')],
  },
  {
    kind: 'a query parameter that is there',
    matches: [{ queryParams: [{ name: 'q', present: true }] }],
    holds: query('', 'yes'),
    fails: [none, { query: { p: 'q' } }],
  },
  {
    kind: 'all conditions of one match',
    matches: [
      {
        path: { prefixPath: '/foo' },
        methods: ['GET'],
        headers: [{ name: 'x-a', exact: 'yes' }],
        cookies: [{ name: 'u', exact: '1' }],
        queryParams: [{ name: 'q', exact: '2' }],
      },
    ],
    holds: [{ path: '/foo/x', headers: { 'x-a': 'yes', cookie: 'u=1' }, query: { q: '2' } }],
    fails: [
      { path: '/bar', headers: { 'x-a': 'yes', cookie: 'u=1' }, query: { q: '2' } },
      { path: '/foo', method: 'PUT', headers: { 'x-a': 'yes', cookie: 'u=1' }, query: { q: '2' } },
      { path: '/foo', headers: { cookie: 'u=1' }, query: { q: '2' } },
      { path: '/foo', headers: { 'x-a': 'yes' }, query: { q: '2' } },
      { path: '/foo', headers: { 'x-a': 'yes', cookie: 'u=1' } },
    ],
  },
  {
    kind: 'any of several matches',
    matches: [{ path: { exact: '/foo' } }, { headers: [{ name: 'x-a', exact: 'yes' }] }],
    holds: [{ path: '/foo' }, ...header('yes'), { path: '/foo', headers: { 'x-a': 'no' } }],
    fails: [none, ...header('no')],
  },
]

describeDataPlane('a match on a real proxy', (mesh) => {
  beforeAll(async () => {
    for (const service of [taken, left]) await mesh.addService(service, [port])
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => everyKind(mesh, adapter))
})

function everyKind(mesh: DataPlane, adapter: MeshAdapter): void {
  const cases = kinds.map((one, index) => {
    const traffic: ServiceTraffic = {
      service: { namespace, name: `match-${adapter.name}-${index}` },
      ports: [
        {
          port,
          rules: [
            { name: 'r1', matches: one.matches, backends: [{ service: taken, port, weight: 1 }] },
            { name: 'default', matches: [], backends: [{ service: left, port, weight: 1 }] },
          ],
        },
      ],
    }
    return { ...one, traffic, refusals: checkTraffic(traffic, adapter, { ports: () => [port] }) }
  })
  const carried = cases.filter(({ refusals }) => refusals.length === 0)

  beforeAll(async () => {
    for (const { traffic } of carried) await mesh.addService(traffic.service, [port])
    await mesh.reachable()
    for (const { traffic } of carried) await mesh.apply(adapter, adapter.translate(traffic))
    await mesh.settled(adapter)
  })

  test.each(carried)('$kind', async ({ holds, fails, traffic: { service } }) => {
    const places = async (all: readonly Changes[]) => {
      const answers = await Promise.all(all.map((changes) => mesh.send({ ...plainRequest, service, port, ...changes })))
      return all.map((changes, index) => [changes, answers[index]?.echo?.service])
    }
    expect(await places(holds)).toEqual(holds.map((changes) => [changes, 'shop/match-taken']))
    expect(await places(fails)).toEqual(fails.map((changes) => [changes, 'shop/match-left']))
  })

  test('of every kind can be carried, but for those that the adapter’s table calls unsupported', () => {
    const refused = cases.filter(({ refusals }) => refusals.length > 0).map(({ kind }) => kind)
    expect(refused).toEqual(
      adapter.name === 'istio'
        ? []
        : ['a path by characters', 'an expression for the path', 'a header that is not there'],
    )
  })

  test('reaches the backend with its path, query and headers untouched', async () => {
    const { service } = carried[0]?.traffic ?? { service: left }
    const { echo } = await mesh.send({
      service,
      port,
      method: 'POST',
      path: '/a//b%20c',
      headers: { 'x-a': 'a,  b', cookie: 'u=1; v=2' },
      query: { q: 'a+b%2F', p: '' },
    })
    expect(echo).toMatchObject({
      method: 'POST',
      url: '/a//b%20c?q=a+b%2F&p=',
      headers: { 'x-a': 'a,  b', cookie: 'u=1; v=2' },
    })
  })
}
