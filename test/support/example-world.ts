import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kind } from '../../src/kube/object.ts'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { canaryProject } from './canary-project.ts'
import { type EmbeddedCluster, embeddedCluster } from './embedded-cluster.ts'

/** Where resources of the project are. */
export const exampleNamespaces = ['default', 'shop']
/** The kind of the project. */
export const canaryKind: Kind = {
  group: 'examples.io',
  version: 'v1',
  kind: 'Canary',
  plural: 'canaries',
  namespaced: true,
}

const service = (name: string, namespace: string, ports: string) =>
  `{ apiVersion: v1, kind: Service, metadata: { name: ${name}, namespace: ${namespace} }, spec: { ports: [${ports}] } }`
const http = '{ name: http, port: 80 }, { name: http-8080, port: 8080 }, { name: grpc, port: 81 }'
const services = ['web', 'web-v1', 'web-v2'].flatMap((name) =>
  ['default', 'shop'].map((namespace) => service(name, namespace, http)),
)
const split = `apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web }
spec: { service: web, backends: [{ service: web-v1, weight: 90 }, { service: web-v2, weight: 10 }] }`
const virtualService = (name: string, hosts: string, rest: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec: { hosts: [${hosts}], ${rest} }`
const route = `http: [{ route: [{ destination: { host: web-v1 }, weight: 90 }, { destination: { host: web-v2 }, weight: 10 }] }]`
const database = ['db', 'db-v2'].map((name) => service(name, 'default', '{ name: tls, port: 443 }'))
const tls =
  'tls: [{ match: [{ port: 443, sniHosts: [a.example.com] }], route: [{ destination: { host: db-v2, port: { number: 443 } } }] }]'
const httpRoute: Kind = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}
const documents = (...texts: readonly string[]) => `${texts.join('\n---\n')}\n`

/** The files that examples of the help name. */
export const exampleFiles = {
  'services.yaml': documents(...services),
  'split.yaml': split,
  'web.yaml': documents(...services, split),
  'istio.yaml': documents(...services, virtualService('web', 'web', route)),
  'routes.yaml': documents(...services, virtualService('web', 'web', route)),
  'httproutes-crd.yaml': documents(...meshCrds([httpRoute]).map((crd) => JSON.stringify(crd))),
  'db.yaml': documents(...database, virtualService('db', 'db, a.example.com', tls)),
}

/** The canary template's project in a new folder of a folder `test/<part>`, with those files and a verb `approve`. */
export async function exampleProject(part: string): Promise<string> {
  const folder = await canaryProject(part)
  await appendFile(join(folder, 'autopilot.yaml'), '  - name: approve\n    phases: [Shifting]\n')
  for (const [name, text] of Object.entries(exampleFiles)) await writeFile(join(folder, name), text)
  return folder
}

/** A cluster with two meshes and a namespace `shop`. */
export async function emptyCluster(): Promise<EmbeddedCluster> {
  const cluster = await embeddedCluster()
  for (const mesh of ['istio', 'linkerd']) await cluster.install(mesh)
  await cluster.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  return cluster
}

/** Such a cluster with the operator of the project, for its own namespace and for `shop`, and a resource `web` in each of the namespaces. */
export async function clusterWith(project: string, phase = 'Shifting'): Promise<EmbeddedCluster> {
  const cluster = await emptyCluster()
  for (const where of [[], ['-n', 'shop']]) {
    const { code, stderr } = await cluster.ap('deploy', 'registry.example/canary:0.9', project, ...where)
    if (code !== 0) throw new Error(stderr)
  }
  for (const namespace of exampleNamespaces) {
    const metadata = { name: 'web', namespace }
    const spec = { service: 'web', from: 'web-v1', to: 'web-v2' }
    await cluster.client.create(canaryKind, { apiVersion: 'examples.io/v1', kind: 'Canary', metadata, spec })
    const status = { phase, phaseHistory: [{ phase, entered: '2026-01-01T00:00:00Z' }] }
    const how = { type: 'merge', fieldManager: 'test', subresource: 'status' } as const
    await cluster.client.patch(canaryKind, metadata, { status }, how)
  }
  return cluster
}
