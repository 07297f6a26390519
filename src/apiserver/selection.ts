import type { KubeObject } from '../kube/object.ts'
import type { Served } from './registry.ts'
import { inVersion } from './resource.ts'
import { type FieldTerm, parseFieldSelector, parseLabelSelector } from './selectors.ts'
import { badRequest } from './status.ts'

/** Whether a stored object is among those a request selects. */
export type Selection = (object: KubeObject) => boolean

const everything: Selection = () => true
const none: Readonly<Record<string, string>> = {}

/**
 * The selection by labels and fields that a list, watch or deletecollection asks for; `undefined` selectors select all.
 *
 * @throws 400 for selectors that cannot be read and fields that cannot be selected by
 */
export function selectionOf(served: Served, query: URLSearchParams): Selection {
  const labels = query.get('labelSelector') ?? ''
  const fields = query.get('fieldSelector') ?? ''
  const tests: Selection[] = []
  if (labels !== '') {
    const matches = parseLabelSelector(labels)
    tests.push((object) => matches(object.metadata.labels ?? none))
  }
  for (const term of parseFieldSelector(fields)) tests.push(fieldTest(served, term))
  if (tests.length === 0) return everything
  return (object) => tests.every((test) => test(object))
}

function fieldTest({ resource, version }: Served, { field, value, equal }: FieldTerm): Selection {
  const read = reader(version.selectable ?? resource.strategy.selectable, field)
  if (read === undefined) {
    const plain = !resource.custom && resource.strategy.selectable === undefined
    throw badRequest(
      plain
        ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    )
  }
  const custom = resource.custom
  return (object) => (read(custom ? inVersion(version, object) : object) === value) === equal
}

function reader(
  selectable: Readonly<Record<string, (object: KubeObject) => string>> | undefined,
  field: string,
): ((object: KubeObject) => string) | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? ''
  return selectable !== undefined && Object.hasOwn(selectable, field) ? selectable[field] : undefined
}
