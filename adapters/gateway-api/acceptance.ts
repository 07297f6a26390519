import type { KubeObject } from '../../src/kube/object.ts'
import type { Acceptance } from '../../src/mesh/adapter.ts'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../../src/mesh/fields.ts'

/** Reasons for which a condition is false that time may mend: the objects referred to may still be on their way. */
const transient = new Set(['BackendNotFound', 'Pending'])

/**
 * Whether every controller that has spoken about a parent of the route has taken up its present generation: `Accepted` and
 * `ResolvedRefs`. `generationless` is for Linkerd, which leaves `observedGeneration` out or 0: its word counts as it stands.
 * `own` are conditions of one implementation, which must not be false where they are there.
 */
export function acceptanceOf(object: KubeObject, generationless: boolean, own: readonly string[] = []): Acceptance {
  const namespace = object.metadata.namespace ?? 'default'
  const statuses = listOf(fieldsOf(object.status)['parents']).map(fieldsOf)
  for (const parent of listOf(fieldsOf(object.spec)['parentRefs']).map(fieldsOf)) {
    const key = parentKey(parent, namespace)
    const about = statuses.filter(({ parentRef }) => parentKey(fieldsOf(parentRef), namespace) === key)
    if (about.length === 0)
      return { state: 'pending', reason: `no controller has spoken about ${textOf(parent['name']) ?? 'its parent'}` }
    for (const status of about) {
      const verdict = verdictOf(status, object.metadata.generation ?? 0, generationless, own)
      if (verdict.state !== 'accepted') return verdict
    }
  }
  return { state: 'accepted' }
}

/** Whatever a parent is: a Service, or a Gateway, which is what a reference without a kind means (ParentReference). */
function parentKey(parent: Fields, namespace: string): string {
  const { group = 'gateway.networking.k8s.io', kind = 'Gateway', name, namespace: owner = namespace } = parent
  return JSON.stringify([group === 'core' ? '' : group, kind, owner, name, parent['sectionName'], parent['port']])
}

function verdictOf(status: Fields, generation: number, generationless: boolean, own: readonly string[]): Acceptance {
  const controller = textOf(status['controllerName']) ?? 'a controller'
  const conditions = listOf(status['conditions']).map(fieldsOf)
  for (const type of ['Accepted', 'ResolvedRefs', ...own]) {
    const condition = conditions.find((one) => one['type'] === type)
    if (condition === undefined && own.includes(type)) continue
    if (condition === undefined) return { state: 'pending', reason: `${controller} has not set ${type}` }
    const observed = numberOf(condition['observedGeneration']) ?? 0
    const isCurrent = observed >= generation || (generationless && observed === 0)
    if (!isCurrent) return { state: 'pending', reason: `${controller} has not seen generation ${generation} yet` }
    if (condition['status'] === 'True') continue
    const reason = `${controller}: ${[type, condition['reason'], condition['message']].filter((text) => text).join(': ')}`
    const waits = condition['status'] !== 'False' || transient.has(textOf(condition['reason']) ?? '')
    return { state: waits ? 'pending' : 'rejected', reason }
  }
  return { state: 'accepted' }
}
