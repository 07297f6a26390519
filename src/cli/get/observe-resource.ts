import type { KubeClient } from '../../kube/client.ts'
import { isForbidden, isNotFound } from '../../kube/errors.ts'
import type { Kind, KubeObject } from '../../kube/object.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { serviceKind } from '../../mesh/core-kinds.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../mesh/fields.ts'
import { compareServices, sameService, serviceName } from '../../mesh/service.ts'
import { directoryOf } from '../../mesh/service-directory.ts'
import type { ServiceRef, WeightedBackend } from '../../mesh/traffic.ts'
import { readStatus } from '../../operator/status-reading.ts'
import { listAll } from '../cluster/installation.ts'

/** Where the requests to one Service go: as a resource asked, and as the mesh's objects say. */
export interface TrafficView {
  readonly service: string
  readonly requested: Readonly<Record<string, number>>
  /** By port, for requests that no match singles out; empty when no object of the mesh routes the Service. */
  readonly observed: readonly {
    readonly port: number
    readonly weights: Readonly<Record<string, number>>
    readonly matches: number
  }[]
}

/** The splits that a resource last asked for beside what the mesh has. Kinds that this user may not list, or nobody has, count as empty. */
export async function observeResource(
  client: KubeClient,
  adapter: MeshAdapter,
  resource: KubeObject,
  signal: AbortSignal,
): Promise<TrafficView[]> {
  const requested = requestedSplits(resource)
  if (requested.length === 0) return []
  const namespaces = [...new Set(requested.map(({ apex }) => apex.namespace))]
  const list = async (kind: Kind) =>
    (await Promise.all(namespaces.map((name) => listed(client, kind, name, signal)))).flat()
  const [services, ...objects] = await Promise.all([list(serviceKind), ...adapter.kinds.map(list)])
  const directory = directoryOf((service) =>
    services.find(({ metadata: { name, namespace = '' } }) => sameService({ name, namespace }, service)),
  )
  return requested.map(({ apex, weights }) => ({
    service: serviceName(apex),
    requested: weights,
    observed: (adapter.observe(objects.flat(), apex, directory).traffic?.ports ?? []).map(({ port, rules }) => ({
      port,
      weights: inOrderOf(weights, rules.at(-1)?.backends ?? [], apex),
      matches: rules.length - 1,
    })),
  }))
}

/** What is compared should stand in the same order. */
function inOrderOf(
  requested: Readonly<Record<string, number>>,
  backends: readonly WeightedBackend[],
  apex: ServiceRef,
): Record<string, number> {
  const names = Object.keys(requested)
  const place = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length)
  const entries = backends.map(({ service, weight }): [string, number] => [
    service.namespace === apex.namespace ? service.name : serviceName(service),
    weight,
  ])
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b)))
}

async function listed(client: KubeClient, kind: Kind, namespace: string, signal: AbortSignal): Promise<KubeObject[]> {
  try {
    return await listAll(client, kind, { namespace, signal })
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return []
    throw error
  }
}

interface RequestedSplit {
  readonly apex: ServiceRef
  readonly weights: Readonly<Record<string, number>>
}

/** The splits in a resource's status, as its worker asked for them. */
export function requestedSplits(resource: KubeObject): RequestedSplit[] {
  const namespace = resource.metadata.namespace ?? ''
  const splits = listOf(fieldsOf(readStatus(resource).outputs)['trafficsplits']).map(fieldsOf)
  return splits
    .flatMap((split) => {
      const service = textOf(split['service'])
      if (service === undefined) return []
      const weights = listOf(split['backends'])
        .map(fieldsOf)
        .map((backend): [string, number] => {
          return [textOf(backend['service']) ?? '?', numberOf(backend['weight']) ?? 0]
        })
      const apex = { namespace: textOf(split['namespace']) ?? namespace, name: service }
      return { apex, weights: Object.fromEntries(weights) }
    })
    .sort((a, b) => compareServices(a.apex, b.apex))
}
