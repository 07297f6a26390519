import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { type FieldPath, type FieldProblem, groupKind } from '../../src/mesh/object-reading.ts'
import {
  anything,
  integer,
  list,
  map,
  matching,
  nonEmpty,
  numberOrText,
  type ObjectSchema,
  object,
  oneOf,
  schemaProblems,
  text,
} from '../../src/mesh/object-schema.ts'

const selector = object({
  matchLabels: map(text),
  matchExpressions: list(
    object(
      { key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), values: list(text) },
      { required: ['key', 'operator'] },
    ),
  ),
})
const kind = matching(/[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?/, 63)
const reference = { group: text, kind, name: matching(/[\s\S]+/, 253) }

const rate = object({ requestsPerSecond: integer() }, { required: ['requestsPerSecond'] })

/** `spec` of the kinds of policy.linkerd.io that are about access, by `group/Kind` (linkerd-crds of Linkerd 2.20). */
const specs: Readonly<Record<string, ObjectSchema>> = {
  'policy.linkerd.io/Server': object(
    {
      podSelector: selector,
      externalWorkloadSelector: selector,
      port: numberOrText,
      proxyProtocol: text,
      accessPolicy: text,
    },
    { required: ['port'], atMostOne: ['podSelector', 'externalWorkloadSelector'] },
  ),
  'policy.linkerd.io/AuthorizationPolicy': object(
    {
      targetRef: object(reference, { required: ['kind', 'name'] }),
      requiredAuthenticationRefs: list(object({ ...reference, namespace: text }, { required: ['kind', 'name'] })),
    },
    { required: ['targetRef', 'requiredAuthenticationRefs'] },
  ),
  'policy.linkerd.io/MeshTLSAuthentication': object(
    {
      identities: list(text, { min: 1 }),
      identityRefs: list(object({ ...reference, namespace: text }, { required: ['kind'] }), { min: 1 }),
    },
    { atMostOne: ['identities', 'identityRefs'] },
  ),
  'policy.linkerd.io/NetworkAuthentication': object(
    { networks: list(object({ cidr: nonEmpty, except: list(anything) }, { required: ['cidr'] })) },
    { required: ['networks'] },
  ),
  'policy.linkerd.io/HTTPLocalRateLimitPolicy': object(
    {
      targetRef: object(reference, { required: ['kind', 'name'] }),
      total: rate,
      identity: rate,
      overrides: list(
        object(
          {
            requestsPerSecond: integer(),
            clientRefs: list(object({ ...reference, namespace: text }, { required: ['kind', 'name'] })),
          },
          { required: ['requestsPerSecond', 'clientRefs'] },
        ),
      ),
    },
    { required: ['targetRef'] },
  ),
}

/** Kinds that are about pods: who may call them, and how often. */
export const policyKinds: readonly string[] = Object.keys(specs)

/** The versions of these kinds that linkerd-crds has had. */
export const policyVersions: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(policyKinds.map((kind) => [kind, ['v1alpha1']])),
  'policy.linkerd.io/Server': ['v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'],
}

/** The schema, and what the policy controller's webhook refuses besides (policy-controller, admission.rs). */
export function policyProblems(one: KubeObject): FieldProblem[] {
  const schema = specs[groupKind(one)]
  if (schema === undefined) return []
  const shape = schemaProblems(schema, one.spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const spec = fieldsOf(one.spec)
  const path = ['spec']
  switch (one.kind) {
    case 'Server':
      if (spec['podSelector'] === undefined && spec['externalWorkloadSelector'] === undefined)
        return [{ path, problem: 'podSelector or externalWorkloadSelector must be given' }]
      return typeof spec['port'] !== 'number' || (spec['port'] > 0 && spec['port'] < 65_536)
        ? []
        : [{ path: ['spec', 'port'], problem: `${spec['port']} is no port number` }]
    case 'MeshTLSAuthentication':
      return spec['identities'] === undefined && spec['identityRefs'] === undefined
        ? [{ path, problem: 'identities or identityRefs must be given' }]
        : []
    case 'AuthorizationPolicy': {
      const refs = listOf(spec['requiredAuthenticationRefs']).map(fieldsOf)
      const kinds = refs.map((ref) => `${String(ref['group'] ?? '')}/${String(ref['kind'])}`)
      const mesh = kinds.filter((ref) => /MeshTLSAuthentication$|ServiceAccount$/.test(ref))
      return mesh.length > 1
        ? [{ path: ['spec', 'requiredAuthenticationRefs'], problem: 'only a single MeshTLSAuthentication may be set' }]
        : []
    }
    case 'HTTPLocalRateLimitPolicy':
      return [...targetProblems(spec), ...aboveTotal(spec)]
    default:
      return []
  }
}

function targetProblems(spec: Fields): FieldProblem[] {
  const { group, kind } = fieldsOf(spec['targetRef'])
  if (group === 'policy.linkerd.io' && kind === 'Server') return []
  return [{ path: ['spec', 'targetRef'], problem: 'it is not a Server of policy.linkerd.io' }]
}

function aboveTotal(spec: Fields): FieldProblem[] {
  const total = fieldsOf(spec['total'])['requestsPerSecond']
  if (typeof total !== 'number') return []
  const parts: readonly (readonly [FieldPath, unknown])[] = [
    [['spec', 'identity'], spec['identity']],
    ...listOf(spec['overrides']).map((one, index) => [['spec', 'overrides', index], one] as const),
  ]
  return parts.flatMap(([path, part]) => {
    const own = fieldsOf(part)['requestsPerSecond']
    if (typeof own !== 'number' || own <= total) return []
    return [{ path: [...path, 'requestsPerSecond'], problem: `${own} is above the total, which is ${total}` }]
  })
}
