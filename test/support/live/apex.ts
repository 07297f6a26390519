import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { ServiceDirectory } from '../../../src/mesh/routing.ts'
import type { ServiceRef } from '../../../src/mesh/traffic.ts'
import type { Deployment } from '../../../src/operator/kinds.ts'
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
  if (rule === undefined) return [directWay(apex, snapshot)]
  const all = rule.backends.reduce((sum, { weight }) => sum + weight, 0)
  return rule.backends.map(({ service: { name }, weight }) => ({
    service: name,
    share: all === 0 ? 0 : weight / all,
    deployments: selectedBy(name, snapshot),
  }))
}

/** Where requests of clients without a proxy go: to what the Service itself selects. */
export function directWay({ name }: ServiceRef, snapshot: Snapshot): Way {
  return { service: name, share: 1, deployments: selectedBy(name, snapshot) }
}

export function isAvailable({ deployments }: Way): boolean {
  return deployments.some(({ status }) => (status?.availableReplicas ?? 0) > 0)
}

function selectedBy(service: string, snapshot: Snapshot): Deployment[] {
  const selector = Object.entries(snapshot.get(serviceKind, service)?.spec?.selector ?? {})
  if (selector.length === 0) return []
  return snapshot.list(deploymentKind).filter(({ spec }) => {
    const labels = spec?.template.metadata?.labels
    return selector.every(([key, value]) => labels?.[key] === value)
  })
}

function directory(snapshot: Snapshot): ServiceDirectory {
  return { ports: ({ name }) => snapshot.get(serviceKind, name)?.spec?.ports?.map(({ port }) => port) }
}
