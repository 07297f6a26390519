import { expect } from 'vitest'
import { callAp } from '../../support/call-ap.ts'

/** The decision of a mesh over objects, as programs read it. */
export async function decide(mesh: string, objects: string, request: string, ...options: string[]): Promise<unknown> {
  const args = ['route', '--mesh', mesh, '-f', '-', '--request', request, '-o', 'json', ...options]
  const { code, stdout, stderr } = await callAp(args, objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** `ap route` over objects, whatever comes of it. */
export async function refuse(mesh: string, objects: string, request = 'GET http://web/', ...options: string[]) {
  return callAp(['route', '--mesh', mesh, '-f', '-', '--request', request, ...options], objects)
}

export const virtualService = (http: string, rest = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]${rest}
  http:${http.replaceAll('\n', '\n  ')}
`
export const httpRoute = (
  rules: string,
  parent = '{ group: "", kind: Service, name: web, port: 80 }',
  metadata = '{ name: web }',
) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: ${metadata}
spec:
  parentRefs: [${parent}]
  rules:${rules.replaceAll('\n', '\n  ')}
`
export const split = (backends: string, version = 'v1alpha4', rest = '') => `
apiVersion: split.smi-spec.io/${version}
kind: TrafficSplit
metadata: { name: web }
spec: { service: web, backends: ${backends}${rest} }
`
export const service = (
  name: string,
  spec = '{ selector: { app: web }, ports: [{ port: 80 }] }',
  namespace = 'default',
) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`

/** An outcome of a decision: a share of the requests to a backend. */
export const to = (backend: string, share = 1, port = 80) => ({
  share,
  backend: `default/${backend}`,
  port,
  subset: null,
})
