import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { hostOf, hostRank } from './hosts.ts'

/**
 * The labels of one subset of a Service, by the DestinationRules that a client follows. Undefined when none defines the
 * subset: then its requests have no cluster.
 */
export function subsetLabels(
  objects: readonly KubeObject[],
  service: ServiceRef,
  subset: string,
  client: string,
  clusterDomain: string,
): Readonly<Record<string, string>> | undefined {
  const subsets = rulesFor(objects, service, client, clusterDomain).flatMap(({ spec }) =>
    listOf(fieldsOf(spec)['subsets']).map(fieldsOf),
  )
  const found = subsets.find(({ name }) => name === subset)
  if (found === undefined) return undefined
  const labels = Object.entries(fieldsOf(found['labels']))
  return Object.fromEntries(labels.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])))
}

/**
 * The DestinationRules for a Service that a client follows, which are merged into one: those of its own namespace before those
 * of the Service's, then any other that is exported to it, the more specific host first (pilot/pkg/model/push_context.go,
 * destinationRule).
 */
export function rulesFor(
  objects: readonly KubeObject[],
  service: ServiceRef,
  client: string,
  clusterDomain: string,
): KubeObject[] {
  const fullName = hostOf(service, clusterDomain)
  const ranked = objects
    .filter(isDestinationRule)
    .flatMap((object) => {
      const namespace = object.metadata.namespace ?? 'default'
      const rank = hostRank(textOf(fieldsOf(object.spec)['host']) ?? '', namespace, fullName, clusterDomain)
      const near = namespace === client ? 2 : namespace === service.namespace ? 1 : 0
      return rank === undefined || !isVisible(object, client) ? [] : [{ object, near, rank }]
    })
    .sort((a, b) => b.near - a.near || (a.rank === b.rank ? 0 : b.rank - a.rank))
  const best = ranked[0]
  return ranked.filter(({ near, rank }) => near === best?.near && rank === best.rank).map(({ object }) => object)
}

export function isDestinationRule({ apiVersion, kind }: KubeObject): boolean {
  return kind === 'DestinationRule' && apiVersion.startsWith('networking.istio.io/')
}

function isVisible({ metadata, spec }: KubeObject, client: string): boolean {
  const exportTo = textsOf(fieldsOf(spec)['exportTo'])
  return (
    exportTo.length === 0 ||
    exportTo.some((where) => where === '*' || where === client || (where === '.' && metadata.namespace === client))
  )
}
