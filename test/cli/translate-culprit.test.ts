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
