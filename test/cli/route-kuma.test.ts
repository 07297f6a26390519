import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide, httpRoute, to as outcome, refuse, service } from './support/route.ts'

const kuma = (kind: string, spec: string, namespace = 'default') => `
apiVersion: kuma.io/v1alpha1
kind: ${kind}
metadata: { name: web, namespace: ${namespace}, labels: { kuma.io/mesh: default } }
spec: { to: [${spec}] }`
const target = (section: string) =>
  `targetRef: { kind: MeshService, name: web, namespace: default, sectionName: "${section}" }`
const meshRoute = (rules: string, { section = '80', namespace = 'default' } = {}) =>
  kuma('MeshHTTPRoute', `{ ${target(section)}, rules: ${rules} }`, namespace)
const to = (name: string) => `backendRefs: [{ kind: MeshService, name: ${name}, namespace: default, port: 80 }]`
const allTo = (name: string) => `[{ matches: [{ path: { type: PathPrefix, value: / } }], default: { ${to(name)} } }]`

describe('a MeshHTTPRoute', () => {
  test('for a port by its name is for the port that is asked for, where no Service is given', async () => {
    const objects = meshRoute(allTo('a'), { section: 'http' })
    expect(await decide('kuma', objects, 'GET http://web:8080/')).toMatchObject({
      outcomes: [{ backend: 'default/a' }],
    })
    const given = documents(
      objects,
      service('web', '{ ports: [{ name: http, port: 8080 }, { name: alt, port: 81 }] }'),
      service('a'),
    )
    expect(await decide('kuma', given, 'GET http://web:81/')).toMatchObject({ outcomes: [{ backend: 'default/web' }] })
  })

  test('beside another one for a port by its name leaves open which of them is meant', async () => {
    const other = meshRoute(allTo('b'), { section: 'grpc' }).replace('name: web,', 'name: other,')
    const { code, stderr } = await refuse('kuma', documents(meshRoute(allTo('a'), { section: 'http' }), other))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/AP7203 .*MeshHTTPRoute default\/web/) })
  })

  test.each([
    ['/foo', '/x', '/foo/bar', '/x/bar'],
    ['/foo', '/', '/foo/bar', '/bar'],
    ['/foo', '/', '/foo', '/'],
    ['/foo', '/x/', '/foo/', '/x/'],
  ])('of the prefix %s that becomes %s has %s rewritten as %s', async (prefix, replacement, path, result) => {
    const replaced = `path: { type: ReplacePrefixMatch, replacePrefixMatch: ${replacement} }`
    const rule = (filter: string, rest = '') =>
      meshRoute(
        `[{ matches: [{ path: { type: PathPrefix, value: ${prefix} } }], default: { filters: [${filter}]${rest} } }]`,
      )
    const rewritten = rule(`{ type: URLRewrite, urlRewrite: { ${replaced} } }`, `, ${to('a')}`)
    expect(await decide('kuma', rewritten, `GET http://web${path}`)).toMatchObject({ rewrite: { path: result } })
    const redirected = rule(`{ type: RequestRedirect, requestRedirect: { ${replaced} } }`)
    expect(await decide('kuma', redirected, `GET http://web${path}`)).toMatchObject({ location: `http://web${result}` })
  })

  const consumer = meshRoute(allTo('a'), { namespace: 'client' })
  const fromClient = ['--from-namespace', 'client']

  test('of the namespace of the callers is followed by them, where the Service has none', async () => {
    expect(await decide('kuma', consumer, 'GET http://web.default/', ...fromClient)).toMatchObject({
      outcomes: [{ backend: 'default/a' }],
    })
    expect(await decide('kuma', consumer, 'GET http://web.default/', '--from-namespace', 'other')).toMatchObject({
      outcomes: [{ backend: 'default/web' }],
    })
  })

  test('beside one of the Service is not answered for', async () => {
    const both = documents(meshRoute(allTo('b')), consumer)
    const { code, stderr } = await refuse('kuma', both, 'GET http://web.default/', ...fromClient)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/AP7203 .*MeshHTTPRoute client\/web/) })
  })
})

test('retries of calls have no say about requests', async () => {
  const retries = '{ http: { numRetries: 2, retryOn: [5xx] }, grpc: { numRetries: 5, retryOn: [Unavailable] } }'
  const objects = kuma('MeshRetry', `{ ${target('80')}, default: ${retries} }`)
  expect(await decide('kuma', objects, 'GET http://web/')).toMatchObject({ retries: { attempts: 2, on: ['5xx'] } })
  const { code, stderr } = await refuse('kuma', objects, 'POST http://web/shop.Cart/Add', '--protocol', 'grpc')
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/AP7203 .*default\.grpc/) })
})

test('Linkerd drops a field of the Experimental channel, and the rule counts without it', async () => {
  const objects = httpRoute('\n- { retry: { attempts: 3, codes: [503] }, backendRefs: [{ name: a, port: 80 }] }')
  expect(await decide('linkerd', objects, 'GET http://web/')).toEqual({ outcomes: [outcome('a')], rule: '0' })
})
