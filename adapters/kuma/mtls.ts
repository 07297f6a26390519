import type { KubeObject } from '../../src/kube/object.ts'
import { destinationName, labelText } from '../../src/mesh/access.ts'
import type { ObservedMtls } from '../../src/mesh/access-adapter.ts'
import { fieldsOf, listOf, otherFields } from '../../src/mesh/fields.ts'
import { type MtlsPolicy, normalMtls } from '../../src/mesh/mtls.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { compareText } from '../../src/mesh/service.ts'
import { policyObject } from './policy-object.ts'
import { reporter } from './reporting.ts'
import { readSelection, systemNamespace, writeSelection } from './selection.ts'

const modes = { Strict: 'strict', Permissive: 'permissive' } as const

/** A MeshTLS per policy; that of a whole namespace has the mesh for a target, which is less specific than any pods. */
export function translateMtls(policy: MtlsPolicy): KubeObject[] {
  const { namespace, labels, mode } = normalMtls(policy)
  const name = labelText(labels) === '' ? 'default' : destinationName({ namespace, labels })
  const word = mode === 'strict' ? 'Strict' : 'Permissive'
  const spec = { targetRef: writeSelection(labels), rules: [{ default: { mode: word } }] }
  return [policyObject('MeshTLS', { namespace, name }, spec)]
}

/** Reads MeshTLS; of two for the same pods the first by name, and the other is told of. */
export function observeMtls(objects: readonly KubeObject[]): ObservedMtls {
  const problems: ObjectProblem[] = []
  const policies = new Map<string, MtlsPolicy>()
  const all = objects
    .filter((one) => groupKind(one) === 'kuma.io/MeshTLS')
    .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name))
  for (const object of all) {
    const policy = readMeshTls(object, problems)
    if (policy === undefined) continue
    const key = `${policy.namespace} ${labelText(policy.labels)}`
    if (policies.has(key)) reporter(object, problems)('a second MeshTLS for the same pods', ['spec'])
    else policies.set(key, policy)
  }
  return { policies: [...policies.values()], problems }
}

function readMeshTls(object: KubeObject, problems: ObjectProblem[]): MtlsPolicy | undefined {
  const { namespace = 'default' } = object.metadata
  const before = problems.length
  const foreign = reporter(object, problems)
  const spec = fieldsOf(object.spec)
  if (namespace === systemNamespace) foreign('a policy for the whole mesh', ['metadata', 'namespace'])
  for (const field of otherFields(spec, ['targetRef', 'rules', 'from'])) foreign(field, ['spec', field])
  const labels = readSelection(spec['targetRef'], foreign)
  // Before Kuma 2.10 it is `from`, whose target can only be the mesh.
  const field = 'rules' in spec ? 'rules' : 'from'
  const [rule, ...others] = listOf(spec[field]).map(fieldsOf)
  const conf = fieldsOf(rule?.['default'])
  const at = ['spec', field, 0, 'default']
  for (const other of otherFields(conf, ['mode'])) foreign(other, [...at, other])
  const mode = Object.entries(modes).find(([word]) => word === conf['mode'])?.[1]
  if (mode === undefined) foreign('a mode that is inherited', [...at, 'mode'])
  if (others.length > 0 || ('rules' in spec && 'from' in spec)) foreign(`more than one of ${field}`, ['spec', field])
  if (problems.length > before || mode === undefined) return undefined
  return { namespace, labels, mode, ports: {} }
}
