import { expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const split = (name: string, spec: string) => `
apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: ${name} }
spec: { service: web, ${spec} }
`
const lint = (...files: string[]) => callAp(['lint', '-f', '-'], files.join('\n---\n'))

test('what no mesh could carry is found without naming one', async () => {
  const unknownGroup = split(
    'a',
    'matches: [{ kind: HTTPRouteGroup, name: gone }], backends: [{ service: v1, weight: 1 }]',
  )
  const twice = ['b', 'c'].map((name) => split(name, 'backends: [{ service: v1, weight: 1 }]'))
  const policy =
    'apiVersion: mesh-autopilot.dev/v1\nkind: RetryPolicy\nmetadata: { name: x }\nspec: { service: api, timeout: 5s }\n'
  const { code, stdout } = await lint(unknownGroup, ...twice, policy)
  expect(code).toBe(1)
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^stdin:5:33 AP2112 TrafficSplit default\/a refers to the HTTPRouteGroup gone/),
    expect.stringMatching(/^stdin:\d+:\d+ AP2103 TrafficSplit b and TrafficSplit c both split default\/web/),
    expect.stringMatching(/^stdin:\d+:32 AP2140 RetryPolicy x: timeout is "5s"/),
    '3 errors',
  ])
})

test('what some mesh carries is not', async () => {
  const { code, stdout } = await lint(split('a', 'backends: [{ service: v1, weight: 1 }, { service: v2, weight: 1 }]'))
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'No findings\n' })
})
