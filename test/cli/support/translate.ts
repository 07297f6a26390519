import { expect } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../../support/call-ap.ts'

/** `ap translate` of objects, whatever comes of it. */
export async function translate(target: string, objects: string, ...options: string[]) {
  const { code, stdout, stderr } = await callAp(['translate', '--to', target, '-f', '-', ...options], objects)
  return {
    code,
    stderr: stderr.split('\n').slice(0, -1),
    stdout,
    objects: parseAllDocuments(stdout).map((one) => one.toJS()),
  }
}

/** The objects of a translation that left nothing out. */
export async function translated(target: string, objects: string, ...options: string[]) {
  const result = await translate(target, objects, ...options)
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: [] })
  return result.objects
}

export const service = (name: string, ports = '[{ port: 80 }]', rest = '') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: ${ports}${rest} }`
export const web = service('web')
export const split = (spec: string, version = 'split.smi-spec.io/v1alpha4', name = 'web') => `
apiVersion: ${version}
kind: TrafficSplit
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`
export const canary = split(
  '{ service: web, backends: [{ service: web-v1, weight: 90 }, { service: web-v2, weight: 10 }] }',
)
export const group = (matches: string, version = 'v1alpha4') => `
apiVersion: specs.smi-spec.io/${version}
kind: HTTPRouteGroup
metadata: { name: beta, namespace: shop }
spec: { matches: ${matches} }`
export const virtualService = (http: string, rest = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [web]${rest}
  http:${http.replaceAll('\n', '\n  ')}`
export const httpRoute = (rules: string, name = 'web') => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web, port: 80 }]
  rules:${rules.replaceAll('\n', '\n  ')}`

/** Backends and weights of every rule of the first object: enough to see a division. */
export function weights(
  objects: readonly { spec: { rules?: { backendRefs: { name: string; weight: number }[] }[] } }[],
) {
  return objects[0]?.spec.rules?.map((rule) => rule.backendRefs.map(({ name, weight }) => [name, weight]))
}
