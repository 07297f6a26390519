import { expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { refuse, service } from './support/route.ts'

const policy = (spec: string) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: web }
spec: ${spec}
`
const forPods = policy('{ selector: { matchLabels: { app: web } } }')
const forService = policy('{ targetRefs: [{ group: "", kind: Service, name: web }] }')

test.each([
  ['istio', forPods],
  ['istio-ambient', forService],
])('where %s sends a request is told with the policies that may refuse it', async (mesh, own) => {
  const { code, stdout, stderr } = await refuse(mesh, documents(service('web'), own))
  expect(code).toBe(0)
  expect(stdout).toContain('100 %')
  expect(stderr).toMatch(/^stdin:\d+:\d+ AP2252 AuthorizationPolicy default\/web may refuse the request/)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('policies that the mesh takes no notice of are not', async () => {
  const { code, stderr } = await refuse('istio', documents(service('web'), forService))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
