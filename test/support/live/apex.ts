import type { Deployment, Service } from '../../../src/operator/kinds.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { ServiceDirectory } from '../../../src/mesh/routing.ts'
import type { ServiceRef } from '../../../src/mesh/traffic.ts'
import { deploymentKind, serviceKind } from './kinds.ts'
import type { Snapshot } from './recorder.ts'

/** One way that requests to an apex may go. */
export interface Way {
  /** The backend's Service. */
  readonly service: string
  /** From 0 to 1. */
  readonly share: number
  /** The Deployments whose pods that Service selects. */
  readonly deployments: readonly Deployment[]
}

/** Where a mesh that is as these objects say sends the requests to the first port of the apex. */
export function waysOf(adapter: MeshAdapter, apex: ServiceRef, snapshot: Snapshot): Way[] {
  const objects = adapter.kinds.flatMap((kind) => snapshot.list(kind))
  const rule = adapter.observe(objects, apex, directory(snapshot)).traffic?.ports[0]?.rules.at(-1)
  const backends = rule?.backends ?? [{ service: apex, weight: 1 }]
  const all = backends.reduce((sum, { weight }) => sum + weight, 0)
  return backends.map(({ service: { name }, weight }) => ({
    service: name,
    share: all === 0 ? 0 : weight / all,
    deployments: selectedBy(name, snapshot),
  }))
}

export function isAvailable({ deployments }: Way): boolean {
  return deployments.some(({ status }) => (status?.availableReplicas ?? 0) > 0)
}

/** Where requests of clients without a proxy go: to what the Service itself selects. */
export function directWay({ name }: ServiceRef, snapshot: Snapshot): Way {
  return { service: name, share: 1, deployments: selectedBy(name, snapshot) }
}

function selectedBy(service: string, snapshot: Snapshot): Deployment[] {
  const found: Service | undefined = asService(snapshot.get(serviceKind, service))
  const selector = Object.entries(found?.spec?.selector ?? {})
  if (selector.length === 0) return []
  return snapshot.list(deploymentKind).filter((object: Deployment) => {
    const labels = object.spec?.template.metadata?.labels
    return selector.every(([key, value]) => labels?.[key] === value)
  })
}

function directory(snapshot: Snapshot): ServiceDirectory {
  return {
    ports({ name }) {
      return asService(snapshot.get(serviceKind, name))?.spec?.ports?.map(({ port }) => port)
    },
  }
}

/** The server has checked its type. */
function asService(object: (KubeObject & Service) | KubeObject | undefined): Service | undefined {
  return object === undefined ? undefined : { ...object, ...fieldsOf(object) }
}

function fieldsOf({ spec, status }: { spec?: unknown; status?: unknown }): Pick<Service, 'spec' | 'status'> {
  return { ...(isRecord(spec) && { spec }), ...(isRecord(status) && { status }) }
}

function isRecord(value: unknown): value is Record<string, never> {
  return typeof value === 'object' && value !== null
}
