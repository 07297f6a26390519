import { expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const route = ['route', '--mesh', 'linkerd', '-f', '-', '--request', 'GET http://web/', '-o', 'json']

const service = (metadata: string, ports = '[{ port: 80 }]') => `apiVersion: v1
kind: Service
metadata: ${metadata}
spec: { ports: ${ports} }
`

test.each([
  ['{ name: 5 }', 'stdin:3:19 AP7001 this is no object of the Kubernetes API: metadata.name is 5, which is no text.'],
  ['{ name: yes }', 'stdin:3:19 AP7001 this is no object of the Kubernetes API: metadata.name is true'],
  ['{ labels: {} }', 'stdin:1:1 AP7001 this is no object of the Kubernetes API: it has no metadata.name.'],
  ['{ name: web, namespace: 5 }', 'stdin:3:35 AP7003 Service default/web: metadata.namespace: 5 is not a text.'],
  [
    '{ name: web, annotations: { retry.linkerd.io/limit: 3 } }',
    'stdin:3:63 AP7003 Service default/web: metadata.annotations.retry.linkerd.io/limit: 3 is not a text.',
  ],
  ['{ name: web, labels: { on: true } }', 'stdin:3:38 AP7003 Service default/web: metadata.labels.on: true is not a'],
  ['{ name: web, labels: [a] }', 'stdin:3:32 AP7003 Service default/web: metadata.labels: ["a"] is not a map.'],
])('metadata that an API server could not decode is refused where it stands: %s', async (metadata, message) => {
  const { code, stdout, stderr } = await callAp(route, service(metadata))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.startsWith(message), stderr).toBe(true)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('metadata without a value is metadata left out', async () => {
  const { code } = await callAp(route, service('{ name: web, namespace: , labels: { a: }, annotations: }'))
  expect(code).toBe(0)
})

test.each([
  ['[{ name: Http, port: 80 }]', 'stdin:4:25 AP7003 Service default/web: spec.ports[0].name: "Http" is no name of a'],
  [
    '[{ name: a, port: 80 }, { name: a, port: 81 }]',
    'stdin:4:48 AP7003 Service default/web: spec.ports[1].name: a port is called "a" already.',
  ],
])('names of ports are labels, each of them once: %s', async (ports, message) => {
  const { code, stderr } = await callAp(route, service('{ name: web }', ports))
  expect({ code, isTold: stderr.startsWith(message) }, stderr).toEqual({ code: 1, isTold: true })
})

test.each([
  ['policy.linkerd.io/v1', 'HTTPRoute', '{}'],
  ['policy.linkerd.io/v1', 'Server', '{ port: 80, podSelector: {} }'],
  ['linkerd.io/v1', 'ServiceProfile', '{}'],
  ['kuma.io/v1', 'MeshHTTPRoute', '{}'],
  ['mesh-autopilot.dev/v2', 'TrafficSplit', '{ service: web, ports: [80], backends: [{ service: a, weight: 1 }] }'],
])('a version that there is not is refused: %s %s', async (apiVersion, kind, spec) => {
  const name = kind === 'ServiceProfile' ? 'web.default.svc.cluster.local' : 'web'
  const text = `kind: ${kind}\napiVersion: ${apiVersion}\nmetadata: { name: ${name} }\nspec: ${spec}\n`
  for (const args of [route, ['translate', '--to', 'istio', '-f', '-']]) {
    const { code, stdout, stderr } = await callAp(args, text)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^stdin:2:13 AP7003 .*: apiVersion: there is no version v\d of /)
  }
})

test('what nests too deeply to be read is told as that', async () => {
  const { code, stderr } = await callAp(route, '['.repeat(100_000))
  expect(code).toBe(1)
  expect(stderr).toContain('AP1011')
  expect(stderr).not.toContain('call stack')
})

test('where a file cannot be read, that nothing asks for traffic is no news', async () => {
  const translate = (input: string) => callAp(['translate', '--to', 'istio', '-f', '-'], input)
  expect((await translate('a: [')).stderr).not.toContain('AP7109')
  expect((await translate(service('{ name: 5 }'))).stderr).not.toContain('AP7109')
  expect((await translate('')).stderr).toContain('AP7109')
})
