import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { ClusterView } from '../../src/simulator/cluster-view.ts'
import { Endpoints } from '../../src/simulator/endpoints.ts'
import { Invariants } from '../../src/simulator/invariants.ts'
import { MeshDataPlane } from '../../src/simulator/mesh-data-plane.ts'
import { Telemetry } from '../../src/simulator/telemetry.ts'
import { type Clients, Traffic } from '../../src/simulator/traffic.ts'
import type { Version } from '../../src/simulator/version.ts'
import { VirtualClock } from '../../src/simulator/virtual-clock.ts'

export const apex = { namespace: 'shop', name: 'web' }
export const source = { namespace: 'shop', name: 'shoppers' }

/** A Deployment whose Pods carry `app: <app>`, all of them available unless told otherwise. */
export function deployment(
  name: string,
  { app = name, image = `${name}:1`, available = 2, updated = 2 } = {},
): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', generation: 1 },
    spec: { replicas: 2, template: { metadata: { labels: { app } }, spec: { containers: [{ image }] } } },
    status: { observedGeneration: 1, replicas: 2, updatedReplicas: updated, availableReplicas: available },
  }
}

export function service(name: string, app = name): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app }, ports: [{ port: 80 }] },
  }
}

export const inMesh: Clients = {
  name: 'proxied',
  users: 100,
  inMesh: true,
  request: { method: 'GET', path: '/', headers: {}, query: {} },
}
export const outside: Clients = { ...inMesh, name: 'direct', inMesh: false }

/** Everything around the operator, fed by hand instead of by a control plane. */
export function world(
  adapter: MeshAdapter,
  { clients = [inMesh], versions = {} }: { clients?: Clients[]; versions?: Record<string, Version> } = {},
) {
  const clock = new VirtualClock(0)
  const view = new ClusterView()
  const plane = new MeshDataPlane(adapter, view)
  const endpoints = new Endpoints(view)
  const telemetry = new Telemetry()
  const traffic = new Traffic(
    { seed: 1, rate: 100, start: 0, apex, port: 80, source, clients, versions },
    { adapter, plane, endpoints, telemetry },
  )
  const invariants = new Invariants({ view, traffic, clients, clock })
  return {
    clock,
    view,
    plane,
    endpoints,
    telemetry,
    traffic,
    invariants,
    write: (...objects: KubeObject[]) => {
      for (const object of objects) view.see({ type: 'MODIFIED', object })
    },
    delete: (object: KubeObject) => view.see({ type: 'DELETED', object }),
  }
}
