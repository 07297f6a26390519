import { expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const objects = `apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: split }
spec: { service: web, backends: [{ service: a, weight: 1 }] }
---
apiVersion: mesh-autopilot.dev/v1
kind: HeaderPolicy
metadata: { name: headers }
spec: { service: web, request: { set: { x-a: b } }, rewrite: { path: /c } }
---
apiVersion: mesh-autopilot.dev/v1
kind: RetryPolicy
metadata: { name: patience }
spec: { service: web, timeout: 5000 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
`

test('of several documents about one Service, the one that asks for what cannot be carried is told', async () => {
  const { code, stdout, stderr } = await callAp(['translate', '--to', 'smi', '-f', '-'], objects)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.trim().split('\n').toSorted()).toEqual([
    expect.stringMatching(/^stdin:13:19 AP2101 smi cannot carry a timeout asked of default\/web/),
    expect.stringMatching(/^stdin:8:19 AP2101 smi cannot carry another host or path for the backend asked of/),
    expect.stringMatching(/^stdin:8:19 AP2101 smi cannot carry changed request headers asked of default\/web/),
  ])
})

const virtualService = (...rules: string[]) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]
  http:
    - ${[...rules, 'route: [{ destination: { host: web } }]'].join('\n    - ')}
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
`
const rule = (match: string, host = 'a') =>
  `{ match: [${match}], route: [{ destination: { host: ${host}, port: { number: 80 } } }] }`

test.each([
  [
    'the later of two rules whose order would be lost',
    virtualService(
      rule('{ uri: { exact: /z } }'),
      rule('{ headers: { x: { exact: "1" } } }'),
      rule('{ uri: { exact: /a } }', 'b'),
    ),
    /^stdin:9:\d+ AP2102 gateway-api tries rule-2 before rule-1/,
  ],
  [
    'one rule of too many',
    virtualService(
      ...Array.from({ length: 17 }, (_, index) => rule(`{ uri: { exact: /p${index} } }`, index % 2 === 0 ? 'a' : 'b')),
    ),
    /^stdin:22:\d+ AP2116 default\/web:80 asks for 18 rules/,
  ],
  [
    'the destination whose weight is too great',
    virtualService(
      '{ match: [{ uri: { exact: /w } }], route: [{ destination: { host: a }, weight: 3 }, { destination: { host: b }, weight: 2000002 }] }',
    ),
    /^stdin:7:91 AP2116 .* asks for 2000002 as weight/,
  ],
])('of an order and of limits the place is %s', async (_, given, said) => {
  const { code, stderr } = await callAp(['translate', '--to', 'gateway-api', '-f', '-'], given)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(said) })
})

test('a document of Autopilot under another apiVersion is told its own', async () => {
  const other = objects.replaceAll('mesh-autopilot.dev/v1', 'autopilot.dev/v1')
  const { stderr } = await callAp(['translate', '--to', 'istio', '-f', '-'], other)
  expect(stderr).toMatch(
    /^stdin:7:7 AP7101 HeaderPolicy default\/headers .* its apiVersion is mesh-autopilot\.dev\/v1\./m,
  )
})
