import { expect } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../../support/call-ap.ts'
import { documents } from './documents.ts'

export const service = (name: string, ports: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: ${ports} }`
export const tcp = (name: string) => service(name, '[{ name: tcp-pg, port: 5432 }]')
export const tls = (name: string) => service(name, '[{ name: https, port: 443 }]')
export const split = (fields: string) => `
apiVersion: mesh-autopilot.dev/v1
kind: TrafficSplit
metadata: { name: db, namespace: shop }
spec: { service: db, backends: [{ service: db-v1, weight: 90 }, { service: db-v2, weight: 10 }]${fields} }`
export const virtualService = (rest: string, hosts = 'db') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: db, namespace: shop }
spec: { hosts: [${hosts}], ${rest} }`
export const route = (kind: string, version: string, spec: string) => `
apiVersion: gateway.networking.k8s.io/${version}
kind: ${kind}
metadata: { name: db, namespace: shop }
spec: { parentRefs: [{ group: "", kind: Service, name: db }], ${spec} }`
export const all = documents(tcp('db'), tcp('db-v1'), tcp('db-v2'))
export const host = (name: string) => `${name}.shop.svc.cluster.local`

export async function translate(mesh: string, objects: string) {
  const { code, stdout, stderr } = await callAp(['translate', '--to', mesh, '-f', '-'], objects)
  return { code, stderr, objects: parseAllDocuments(stdout).map((one) => one.toJS()) }
}

export async function decide(mesh: string, objects: string, url = 'http://db.shop:5432/', ...options: string[]) {
  const args = ['route', '--mesh', mesh, '-f', '-', '--request', `GET ${url}`, '--protocol', 'tcp', '-o', 'json']
  const { code, stdout, stderr } = await callAp([...args, ...options], objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

export const to = (name: string, share: number, port = 5432) => ({ share, backend: `shop/${name}`, port, subset: null })
