import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const documents = (...all: string[]) => all.join('\n---\n')
const service = (name: string, labels = `{ app: ${name} }`) => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: ${labels}, ports: [{ port: 80, appProtocol: http }] }
`
const services = documents(...['web', 'a', 'b'].map((name) => service(name)))
const policy = (kind: string, spec: string, metadata = 'name: x') => `
apiVersion: kuma.io/v1alpha1
kind: ${kind}
metadata: { ${metadata}, labels: { kuma.io/mesh: default } }
spec: ${spec}
`
const toWeb = (rest: string) => `{ to: [{ targetRef: { kind: MeshService, name: web }, ${rest} }] }`
const toMesh = (rest: string) => `{ to: [{ targetRef: { kind: Mesh }, ${rest} }] }`
const http = (fields: string) => `default: { http: { ${fields} } }`
const split = policy(
  'MeshHTTPRoute',
  toWeb(
    'rules: [{ matches: [{ path: { type: PathPrefix, value: / } }], default: { backendRefs: [{ kind: MeshService, name: a, port: 80, weight: 9 }, { kind: MeshService, name: b, port: 80, weight: 1 }] } }]',
  ),
)
const route = ['route', '--mesh', 'kuma', '-f', '-', '--request', 'GET http://web.default/', '-o', 'json']

async function decide(objects: string, ...options: string[]) {
  const { code, stdout, stderr } = await callAp([...route, ...options], objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { outcomes, rule, ...treatment } = JSON.parse(stdout)
  const shares = outcomes.map((one: { share: number; backend?: string; status?: number }) => [
    one.backend ?? one.status,
    Number(one.share.toFixed(6)),
  ])
  return { shares, ...treatment }
}

describe('a MeshFaultInjection', () => {
  const aborts = 'default: { http: [{ abort: { httpStatus: 503, percentage: "10" } }] }'

  test('acts on the pods of a backend, whoever calls and by whatever Service', async () => {
    const fault = policy(
      'MeshFaultInjection',
      `{ targetRef: { kind: Dataplane, labels: { app: b } }, rules: [{ ${aborts} }] }`,
    )
    expect(await decide(documents(services, split, fault))).toEqual({
      shares: [
        ['default/a', 0.9],
        ['default/b', 0.09],
        [503, 0.01],
      ],
    })
    expect((await decide(documents(services, fault))).shares).toEqual([['default/web', 1]])
  })

  test('delays a share, and aborts one, each drawn by itself', async () => {
    const faults =
      'default: { http: [{ delay: { value: 2s, percentage: 5 }, abort: { httpStatus: 500, percentage: 20 } }] }'
    for (const said of [`rules: [{ ${faults} }]`, `from: [{ targetRef: { kind: Mesh }, ${faults} }]`]) {
      const fault = policy('MeshFaultInjection', `{ targetRef: { kind: Mesh }, ${said} }`)
      expect(await decide(documents(services, fault))).toEqual({
        shares: [
          ['default/web', 0.8],
          [500, 0.2],
        ],
        delays: [{ percent: 5, duration: '2s' }],
      })
    }
  })

  test.each([
    `{ targetRef: { kind: Dataplane, labels: { version: v1 } }, rules: [{ ${aborts} }] }`,
    `{ targetRef: { kind: Mesh }, from: [{ targetRef: { kind: MeshSubset, tags: { a: b } }, ${aborts} }] }`,
  ])('that may be about other pods or callers leaves the answer open: %s', async (spec) => {
    const { code, stdout, stderr } = await callAp(route, documents(services, policy('MeshFaultInjection', spec)))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^stdin:\d+:\d+ AP7203 .*MeshFaultInjection default\/x, whose spec\./)
  })

  test.each([
    ['{ abort: { httpStatus: 99, percentage: 1 } }', '99 is less than 100'],
    ['{ abort: { httpStatus: 503, percentage: "101" } }', 'it must be a number from 0 to 100'],
    ['{ delay: { value: 2s } }', 'percentage is missing'],
    ['{ pause: {} }', 'there is no such field'],
  ])('that Kuma refuses is refused: %s', async (fault, problem) => {
    const spec = `{ rules: [{ default: { http: [${fault}] } }] }`
    const { code, stderr } = await callAp(route, policy('MeshFaultInjection', spec))
    expect(code).toBe(1)
    expect(stderr).toContain(problem)
  })
})

describe('timeouts and retries', () => {
  test('for the whole mesh count for the callers of their namespace, where none for the Service says otherwise', async () => {
    const wide = policy('MeshTimeout', toMesh(http('requestTimeout: 5s')))
    expect(await decide(documents(services, wide))).toMatchObject({ timeout: '5s' })
    expect(await decide(documents(services, wide), '--from-namespace', 'shop')).not.toHaveProperty('timeout')
    const everyone = policy('MeshTimeout', toMesh(http('requestTimeout: 9s')), 'name: all, namespace: kuma-system')
    expect(await decide(documents(services, everyone), '--from-namespace', 'default')).toMatchObject({ timeout: '9s' })
    expect(await decide(documents(services, everyone, wide))).toMatchObject({ timeout: '5s' })
    const own = policy('MeshTimeout', toWeb(http('requestTimeout: 1s')), 'name: own')
    expect(await decide(documents(services, everyone, wide, own))).toMatchObject({ timeout: '1s' })
  })

  test('are put together field by field', async () => {
    const wide = policy('MeshRetry', toMesh(http('numRetries: 5, perTryTimeout: 2s, retryOn: ["5XX"]')))
    const own = policy('MeshRetry', toWeb(http('numRetries: 2')), 'name: own')
    expect(await decide(documents(services, wide, own))).toMatchObject({
      retries: { attempts: 2, perTryTimeout: '2s', on: ['5xx'] },
    })
  })

  test('of connections have no say in where a request goes', async () => {
    const said = policy(
      'MeshTimeout',
      toWeb('default: { connectionTimeout: 2s, idleTimeout: 1h, http: { requestTimeout: 3s, streamIdleTimeout: 1m } }'),
    )
    expect(await decide(documents(services, said))).toMatchObject({ timeout: '3s' })
  })
})

test.each([
  ['{ matches: [{ path: { type: PathPrefix, value: /a/ } }], default: {} }', 'path.value: a prefix goes by segments'],
  [
    '{ matches: [{ method: GET }], default: { filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 304 } }] } }',
    'statusCode: 304 is none of 301, 302, 303, 307, 308',
  ],
])('a rule that Kuma refuses is refused: %s', async (rule, problem) => {
  const { code, stderr } = await callAp(route, policy('MeshHTTPRoute', toWeb(`rules: [${rule}]`)))
  expect(code).toBe(1)
  expect(stderr).toContain(problem)
})
