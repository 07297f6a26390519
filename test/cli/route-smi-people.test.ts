import { expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const service = (name: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80 }] }
`
const split = (backends: string, version = 'v1alpha4', spec = '') => `
apiVersion: split.smi-spec.io/${version}
kind: TrafficSplit
metadata: { name: split }
spec: { service: web, backends: ${backends}${spec} }
`
const group = (matches: string) => `
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: g }
spec: { matches: ${matches} }
`
const inGroup = ', matches: [{ kind: HTTPRouteGroup, name: g }]'
const services = ['web', 'a', 'b'].map(service)

async function shares(mesh: string, objects: string, ...options: string[]) {
  const args = ['route', '--mesh', mesh, '-f', '-', '--request', 'GET http://web/api', '-o', 'json', ...options]
  const { code, stdout, stderr } = await callAp(args, objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { outcomes }: { outcomes: { share: number; backend: string }[] } = JSON.parse(stdout)
  return outcomes.map(({ share, backend }) => [backend, Number(share.toFixed(6))])
}

/** Where requests go by the split and by what it becomes, which has to be the same. */
async function sharesHereAndOn(mesh: string, objects: readonly string[]) {
  const here = await shares('smi', [...services, ...objects].join('---'))
  const translated = await callAp(['translate', '--to', mesh, '-f', '-'], [...services, ...objects].join('---'))
  expect(translated).toMatchObject({ code: 0, stderr: '' })
  expect(await shares(mesh, [...services, translated.stdout].join('---\n'))).toEqual(here)
  return here
}

test.each([
  ['1Ki', '1024', 0.5],
  ['"1e3"', '1k', 0.5],
  ['500m', '1.5', 0.25],
  ['1000u', '3m', 0.25],
  ['2M', '2000k', 0.5],
])('weights of v1alpha1 are any quantities of Kubernetes: %s beside %s', async (a, b, share) => {
  const found = await sharesHereAndOn('istio', [
    split(`[{ service: a, weight: ${a} }, { service: b, weight: ${b} }]`, 'v1alpha1'),
  ])
  expect(found).toEqual([
    ['default/a', share],
    ['default/b', 1 - share],
  ])
})

test('a backend that is named twice gets both weights', async () => {
  const backends = '[{ service: a, weight: 1 }, { service: b, weight: 2 }, { service: a, weight: 1 }]'
  expect(await sharesHereAndOn('linkerd', [split(backends)])).toEqual([
    ['default/a', 0.5],
    ['default/b', 0.5],
  ])
})

test.each(['[{ name: any }]', '[{ name: any, methods: ["*"] }]', '[{ name: any, headers: [] }]'])(
  'a match without a condition takes every request: %s',
  async (matches) => {
    const objects = [group(matches), split('[{ service: b, weight: 1 }]', 'v1alpha4', inGroup)]
    expect(await sharesHereAndOn('gateway-api', objects)).toEqual([['default/b', 1]])
  },
)

test('a split is about a Service of its own namespace and no other', async () => {
  const foreign = split('[{ service: a, weight: 1 }]').replace('service: web', 'service: web.shop.svc.cluster.local')
  expect(await shares('smi', [...services, foreign].join('---'))).toEqual([['default/web', 1]])
  const { code, stdout, stderr } = await callAp(['translate', '--to', 'istio', '-f', '-'], foreign)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^stdin:5:18 AP7140 TrafficSplit default\/split is about the service web\.shop\.svc/)
  const own = foreign.replace('web.shop', 'web.default')
  expect(await shares('smi', [...services, own].join('---'))).toEqual([['default/a', 1]])
})

test.each([
  '[{ name: m, headers: [{ x: a }, { y: "(" }] }]',
  '[{ name: m, headers: { x: a, y: "(" } }]',
  '[{ name: m, pathRegex: "(" }]',
])('an expression that cannot be used is told where it stands: %s', async (matches) => {
  const text = group(matches)
  const { stderr } = await callAp(['route', '--mesh', 'smi', '-f', '-', '--request', 'GET http://web/'], text)
  const [, line, column] = /^stdin:(\d+):(\d+) AP7003 .*missing closing/.exec(stderr) ?? []
  expect(text.split('\n')[Number(line) - 1]?.slice(Number(column) - 1)).toMatch(/^"\("/)
})
