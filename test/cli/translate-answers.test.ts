import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide } from './support/route.ts'
import { httpRoute, service, translate, translated, virtualService, web } from './support/translate.ts'

const backends = documents(service('a'), service('b'))
const toB = '{ route: [{ destination: { host: b, port: { number: 80 } } }] }'

describe('a rule that the mesh answers itself', () => {
  test.each([
    ['has a backend of no weight', 'backendRefs: [{ name: a, port: 80, weight: 0 }]'],
    ['has none but such', 'backendRefs: [{ name: a, port: 80, weight: 0 }, { name: b, port: 80, weight: 0 }]'],
    ['has no backends', 'timeouts: { request: 1s }'],
  ])('is an abort of all of its requests, where it %s', async (_, rest) => {
    const route = httpRoute(
      `\n- { matches: [{ path: { type: Exact, value: /x } }], ${rest} }\n- { backendRefs: [{ name: b, port: 80 }] }`,
    )
    const [object] = await translated('istio', documents(route, web, backends))
    expect(object.spec.http).toMatchObject([
      { match: [{ uri: { exact: '/x' } }], fault: { abort: { percentage: { value: 100 }, httpStatus: 500 } } },
      { route: [{ destination: { host: 'b.shop.svc.cluster.local' } }] },
    ])
    expect(object.spec.http[0]).not.toHaveProperty('timeout')
  })

  test('goes to a backend of ours on a mesh without faults', async () => {
    const objects = documents(
      virtualService(`\n- { match: [{ uri: { exact: /x } }], directResponse: { status: 418 } }\n- ${toB}`),
      web,
      backends,
    )
    const { stdout } = await translate('linkerd', objects)
    const answer = await decide('linkerd', documents(stdout, web, backends), 'GET http://web.shop/x')
    expect(answer).toMatchObject({ outcomes: [{ share: 1, backend: 'shop/fault-418', port: 80 }] })
  })

  test.each([
    ['a text', 'directResponse: { status: 503, body: { string: later } }'],
    ['headers', 'directResponse: { status: 503 }, headers: { response: { set: { retry-after: "9" } } }'],
  ])('is refused with %s, of which an abort has none', async (_, answer) => {
    const { code, stdout, stderr } = await translate('istio', documents(virtualService(`\n- { ${answer} }`), web))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toEqual([expect.stringMatching(/^stdin:8:\d+ AP7102 spec\.http\[0\]\.directResponse/)])
  })

  test.each(['gateway-api', 'istio'])('does on %s what can be done to an answer, and nothing else', async (mesh) => {
    const filters = `filters:
    - { type: RequestMirror, requestMirror: { backendRef: { name: b, port: 80 } } }
    - { type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: retry-after, value: "9" }] } }`
    const route = httpRoute(`\n- timeouts: { request: 1s }\n  ${filters}`)
    expect(await decide(mesh, route, 'GET http://web.shop/')).toEqual({
      outcomes: [{ share: 1, status: 500 }],
      rule: '0',
      responseHeaders: { set: { 'retry-after': '9' }, add: {}, remove: [] },
    })
    const { code, stderr } = await translate('istio', documents(route, web))
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: [expect.stringMatching(/AP7102 spec\.rules\[0\] \(a rule that answers 500 itself\)/)],
    })
  })

  test('is refused where the proxy fails on it', async () => {
    const rules = '\n- { backendRefs: [{ name: a, port: 80, weight: 0 }, { name: b, port: 80, weight: 0 }] }'
    const route = httpRoute(rules)
      .replace('gateway.networking.k8s.io/v1', 'policy.linkerd.io/v1beta3')
      .replace('group: ""', 'group: core')
    const { code, stderr } = await translate('istio', documents(route, web, backends))
    expect(code).toBe(1)
    expect(stderr).toEqual([expect.stringMatching(/AP7102 spec\.rules\[0\] \(a rule that answers 500 itself\)/)])
  })
})
