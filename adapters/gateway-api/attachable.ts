import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { AttachableKind, DividedRule, RouteDestination } from '../../src/mesh/attachment.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../src/mesh/fields.ts'

/** Routes of users with weighted `backendRefs`, whatever their parents are: a Service as well as a Gateway. */
export function attachableRoute(kind: Kind): AttachableKind {
  return {
    kind,
    rules: rulesOf,
    redirected: (destination, service) => ({ ...destination, name: service }),
    // BackendRef.weight: 1 unless given, also for a single one, and none with 0.
    weightOf: (weight) => numberOf(weight) ?? 1,
  }
}

function rulesOf({ metadata, spec }: KubeObject): DividedRule[] {
  const namespace = metadata.namespace ?? 'default'
  return listOf(fieldsOf(spec)['rules']).flatMap((value, index) => {
    const rule = fieldsOf(value)
    const destinations = listOf(rule['backendRefs']).map((entry) => readDestination(entry, namespace))
    if (destinations.length === 0) return []
    const name = textOf(rule['name'])
    return [
      {
        ...(name !== undefined && { name }),
        index,
        called: `rules[${index}]${name === undefined ? '' : ` (${name})`}`,
        path: ['spec', 'rules', index, 'backendRefs'],
        destinations,
      },
    ]
  })
}

function readDestination(value: unknown, namespace: string): RouteDestination {
  const { group = '', kind = 'Service', name, namespace: owner } = fieldsOf(value)
  const called = textOf(name) ?? 'nothing'
  if ((group !== '' && group !== 'core') || kind !== 'Service')
    return { service: undefined, called: `${String(kind)} ${called}` }
  const service = { namespace: textOf(owner) ?? namespace, name: called }
  return { service, called: service.namespace === namespace ? called : `${service.namespace}/${called}` }
}
