import type { KubeObject } from '../../src/kube/object.ts'
import { selects } from '../../src/mesh/access.ts'
import type { AccessCall } from '../../src/mesh/access-decision.ts'
import { fieldsOf, listOf, textOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { readSelection } from './selection.ts'

/**
 * Whether the proxy of the called pod lets a call in: the lists of all MeshTrafficPermissions that select it are one, what is denied
 * is denied whoever allows it, and what nobody allows is denied too.
 */
export function decideCall(
  { source, pod }: AccessCall,
  objects: readonly KubeObject[],
  trustDomain: string,
): boolean | undefined {
  const confs = objects
    .filter((one) => groupKind(one) === 'kuma.io/MeshTrafficPermission')
    .filter(({ metadata, spec }) => {
      let isOther = (metadata.namespace ?? 'default') !== pod.namespace
      const labels = readSelection(fieldsOf(spec)['targetRef'], () => {
        isOther = true
      })
      return !isOther && selects(labels, pod.labels)
    })
    .flatMap(({ spec }) => listOf(fieldsOf(spec)['rules']).map((rule) => fieldsOf(fieldsOf(rule)['default'])))
  if (confs.length === 0) return undefined
  const caller = `spiffe://${trustDomain}/ns/${source.namespace}/sa/${source.name}`
  const isIn = (list: string) => confs.some((conf) => listOf(conf[list]).some((match) => isMatched(match, caller)))
  return !isIn('deny') && (isIn('allow') || isIn('allowWithShadowDeny'))
}

function isMatched(match: unknown, caller: string): boolean {
  const { type, value } = fieldsOf(fieldsOf(match)['spiffeID'])
  const text = textOf(value)
  if (text === undefined) return false
  return type === 'Prefix' ? caller.startsWith(text) : caller === text
}
