import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../support/call-ap.ts'

const documents = (...all: string[]) => all.join('\n---\n')
const service = (name: string, annotations = '') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, annotations: { ${annotations} } }
spec: { selector: { app: ${name} }, ports: [{ port: 80 }] }
`
const profile = (spec: string) => `
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: web.default.svc.cluster.local }
spec: ${spec}
`
const to = (backend: string) => ({ share: 1, backend: `default/${backend}`, port: 80, subset: null })

async function decide(objects: string, request: string, mesh = 'linkerd'): Promise<unknown> {
  const { code, stdout, stderr } = await callAp(
    ['route', '--mesh', mesh, '-f', '-', '--request', request, '-o', 'json'],
    objects,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

async function translate(objects: string, mesh = 'istio') {
  const { code, stdout, stderr } = await callAp(['translate', '--to', mesh, '-f', '-'], objects)
  return { code, stdout, stderr, objects: parseAllDocuments(stdout).map((document) => document.toJS()) }
}

describe('the routes of a ServiceProfile', () => {
  const routes = `{ routes: [
    { name: slow, condition: { all: [{ method: POST }, { pathRegex: /slow(/.*)? }] }, timeout: 9s },
    { name: reads, condition: { any: [{ method: GET }, { method: HEAD }], not: { pathRegex: /admin.* } }, timeout: 300ms },
    { name: writes, condition: { method: PUT, not: [{ pathRegex: /a }, { pathRegex: /b }] }, timeout: 1s },
    { name: loose, condition: { pathRegex: /x|/y }, timeout: 2s }] }`

  test.each([
    ['POST http://web/slow/1', 'slow', '9s'],
    ['POST http://web/slower', null, undefined],
    ['GET http://web/slow', 'reads', '300ms'],
    ['GET http://web/admin/1', null, undefined],
    ['PUT http://web/c?x=1', 'writes', '1s'],
    ['PUT http://web/b', null, undefined],
    // The proxy anchors the two ends of the expression and not its alternatives.
    ['POST http://web/xyz', 'loose', '2s'],
    ['POST http://web/a/y', 'loose', '2s'],
    ['POST http://web/a/x', null, undefined],
  ])('%s is taken by %s', async (request, rule, timeout) => {
    expect(await decide(profile(routes), request)).toEqual({
      outcomes: [to('web')],
      rule: rule ?? 'web.default.svc.cluster.local',
      ...(timeout && { timeout }),
    })
  })

  test('say nothing about connections, and say how often a request is tried by a budget only', async () => {
    const retried = profile('{ routes: [{ name: a, condition: { method: GET }, isRetryable: true }] }')
    expect(await decide(retried, 'POST http://web/')).toMatchObject({ outcomes: [to('web')] })
    const { code, stderr } = await callAp(
      ['route', '--mesh', 'linkerd', '-f', '-', '--request', 'GET http://web/'],
      retried,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/^stdin:5:\d+ AP7203 .*whose spec\.routes\[0\]\.isRetryable/)
    const opaque = profile('{ opaquePorts: ["70-90"], routes: [{ name: a, condition: { method: GET }, timeout: 1s }] }')
    expect(await decide(opaque, 'GET http://web/')).not.toHaveProperty('timeout')
  })

  test('become rules in their order, down to the last one with a timeout', async () => {
    const said = profile(`{ dstOverrides: [{ authority: a.default.svc.cluster.local, weight: 1 }], routes: [
      { name: all, condition: { pathRegex: /all } }, { name: reads, condition: { method: GET }, timeout: 1s }, { name: rest, condition: { pathRegex: .* } }] }`)
    const { code, stderr, objects } = await translate(documents(service('web'), service('a'), said))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(objects[0].spec.http).toMatchObject([
      { match: [{ uri: { exact: '/all' } }], route: [{ destination: { host: 'a.default.svc.cluster.local' } }] },
      { match: [{ method: { exact: 'GET' } }], timeout: '1s' },
      { match: [{ port: 80 }] },
    ])
    expect(objects[0].spec.http.map(({ timeout }: { timeout?: string }) => timeout)).toEqual([
      undefined,
      '1s',
      undefined,
    ])
  })

  test('that cannot be said in neutral words are refused at their place', async () => {
    const said = profile(
      '{ routes: [{ name: a, condition: { not: { method: GET } }, timeout: 1s }, { name: b, condition: { method: PUT }, isRetryable: true }] }',
    )
    const { code, stdout, stderr } = await translate(documents(service('web'), said))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/AP7102 spec\.routes\[0\]\.condition .* is not translated to istio/)
    expect(stderr).toMatch(/AP7102 spec\.routes\[1\]\.isRetryable of/)
  })

  test('and weights that say nothing keep another mesh’s route from the Service all the same', async () => {
    const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  parentRefs: [{ group: "", kind: Service, name: web, port: 80 }]
  rules: [{ backendRefs: [{ name: a, port: 80 }] }]
`
    // What linkerd-smi leaves behind when its TrafficSplit is deleted.
    const { code, stdout, stderr } = await translate(documents(route, profile('{ dstOverrides: [] }')), 'gateway-api')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^stdin:14:7 AP7107 HTTPRoute default\/web and ServiceProfile .* both route default\/web/)
  })

  test.each([
    ['{ name: a, condition: {} }', 'condition: a condition has to say something', '{} }'],
    ['{ name: a, condition: { pathRegex: "(" } }', 'condition.pathRegex: "(" is not usable', '"("'],
    ['{ name: a, condition: { all: [{ path: /a }] } }', 'condition.all[0].path: there is no such field', 'path:'],
    ['{ name: a, condition: { method: GET }, timeout: soon }', 'timeout: "soon" is no duration', 'soon'],
    [
      '{ name: a, condition: { method: GET }, responseClasses: [{ condition: { status: { min: 500, max: 400 } } }] }',
      'responseClasses[0].condition.status.max: 400 is below min',
      '400',
    ],
  ])('that Linkerd’s webhook refuses are refused: %s', async (route, problem, place) => {
    const text = profile(`{ routes: [${route}] }`)
    const { code, stdout, stderr } = await translate(text)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`spec.routes[0].${problem}`)
    const [, line, column] = /^stdin:(\d+):(\d+) AP7003/.exec(stderr) ?? []
    expect(
      text
        .split('\n')
        [Number(line) - 1]?.slice(Number(column) - 1)
        .startsWith(place),
    ).toBe(true)
  })
})

describe('annotations', () => {
  test('of a Service are timeouts and retries of its ports, also beside a route of Linkerd’s own kind', async () => {
    const annotated = service('web', 'retry.linkerd.io/http: "5xx", timeout.linkerd.io/request: 3s')
    const alone = await translate(annotated)
    expect(alone).toMatchObject({ code: 0, stderr: '' })
    expect(alone.objects[0].spec.http).toMatchObject([{ timeout: '3s', retries: { attempts: 1, retryOn: '5xx' } }])
    const route = `
apiVersion: policy.linkerd.io/v1beta3
kind: HTTPRoute
metadata: { name: web }
spec:
  parentRefs: [{ group: core, kind: Service, name: web, port: 80 }]
  rules: [{ timeouts: { request: 1s }, backendRefs: [{ name: a, port: 80 }] }]
`
    const { objects } = await translate(documents(annotated, service('a'), route))
    expect(objects[0].spec.http).toMatchObject([{ timeout: '1s', retries: { attempts: 1 } }])
  })

  test('of a backend are about requests that are sent to itself', async () => {
    const split = profile('{ dstOverrides: [{ authority: a.default.svc.cluster.local, weight: 1 }] }')
    const { objects } = await translate(
      documents(service('web'), service('a', 'timeout.linkerd.io/request: 3s'), split),
    )
    expect(objects.map(({ metadata, spec }) => [metadata.name, spec.http[0].timeout])).toEqual([
      ['a', '3s'],
      ['web', undefined],
    ])
  })

  test('of a Service stay where they are on Linkerd itself, and count for nothing beside a ServiceProfile', async () => {
    const annotated = service('web', 'timeout.linkerd.io/request: 3s')
    expect((await translate(annotated, 'linkerd')).stderr).toMatch(/^AP7109/)
    const split = profile('{ dstOverrides: [{ authority: a.default.svc.cluster.local, weight: 1 }] }')
    const { code, stderr } = await translate(documents(annotated, service('a'), split))
    expect(code).toBe(1)
    expect(stderr).toMatch(/AP2122 the annotation timeout\.linkerd\.io\/request of default\/web/)
  })

  test.each([
    ['retry.linkerd.io/http: "5xx,5x"', {}],
    ['retry.linkerd.io/http: "5xx", retry.linkerd.io/limit: some', {}],
    ['retry.linkerd.io/http: "5xx", retry.linkerd.io/timeout: "1"', {}],
    ['timeout.linkerd.io/request: 1s, timeout.linkerd.io/response: soon', {}],
    ['retry.linkerd.io/http: "5xx", timeout.linkerd.io/request: soon', { retries: { attempts: 1, on: ['5xx'] } }],
    [
      'retry.linkerd.io/http: "5XX,502-503", retry.linkerd.io/limit: "0"',
      { retries: { attempts: 1, on: ['5xx', '502', '503'] } },
    ],
  ])('one that cannot be read voids those of its kind, and is not translated: %s', async (annotations, treatment) => {
    const annotated = service('web', annotations)
    expect(await decide(annotated, 'GET http://web/')).toEqual({ outcomes: [to('web')], rule: null, ...treatment })
    if (annotations.includes('"0"')) return
    const { code, stderr } = await translate(annotated)
    expect(code).toBe(1)
    expect(stderr).toContain('AP7102 metadata.annotations.')
  })
})
