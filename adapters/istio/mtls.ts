import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { destinationName, labelText } from '../../src/mesh/access.ts'
import type { ObservedMtls } from '../../src/mesh/access-adapter.ts'
import { fieldsOf, otherFields, textOf } from '../../src/mesh/fields.ts'
import { type MtlsMode, type MtlsPolicy, mtlsModes, normalMtls } from '../../src/mesh/mtls.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { compareText } from '../../src/mesh/service.ts'
import { readSelector, rootNamespace } from './access-reading.ts'

export const peerAuthentication = 'security.istio.io/PeerAuthentication'

/** A PeerAuthentication per policy; the one for a whole namespace is called `default`, as Istio's own documentation has it. */
export function translateMtls(policy: MtlsPolicy, apiVersion: string): KubeObject[] {
  const { namespace, labels, mode, ports } = normalMtls(policy)
  const isNamespace = labelText(labels) === ''
  const byPort = Object.entries(ports).map(([port, own]) => [port, { mode: own.toUpperCase() }])
  return [
    {
      apiVersion,
      kind: 'PeerAuthentication',
      metadata: { name: isNamespace ? 'default' : destinationName({ namespace, labels }), namespace },
      spec: {
        ...(!isNamespace && { selector: { matchLabels: labels } }),
        mtls: { mode: mode.toUpperCase() },
        ...(byPort.length > 0 && { portLevelMtls: Object.fromEntries(byPort) }),
      },
    },
  ]
}

/** Reads PeerAuthentications. Of two for the same pods the older wins, then the first by name (pilot/pkg/security/authn). */
export function observeMtls(objects: readonly KubeObject[]): ObservedMtls {
  const problems: ObjectProblem[] = []
  const winners = new Map<string, { readonly policy: MtlsPolicy; readonly object: KubeObject }>()
  const all = objects
    .filter((one) => groupKind(one) === peerAuthentication)
    .toSorted((a, b) => compareText(age(a), age(b)))
  for (const object of all) {
    const policy = readPeerAuthentication(object, problems)
    if (policy === undefined) continue
    const key = `${policy.namespace} ${labelText(policy.labels)}`
    const winner = winners.get(key)
    if (winner === undefined) winners.set(key, { policy, object })
    else {
      const facts = { object: nameOf(object), winner: nameOf(winner.object), apex: `${policy.namespace} (mutual TLS)` }
      problems.push({ ...diagnostic('AP2122', facts), place: { object, path: ['spec'] } })
    }
  }
  return { policies: [...winners.values()].map(({ policy }) => policy), problems }
}

function readPeerAuthentication(object: KubeObject, problems: ObjectProblem[]): MtlsPolicy | undefined {
  const { namespace = 'default' } = object.metadata
  const before = problems.length
  const foreign = (what: string, path: FieldPath) =>
    problems.push({ ...diagnostic('AP2121', { object: nameOf(object), what }), place: { object, path } })
  const spec = fieldsOf(object.spec)
  for (const field of otherFields(spec, ['selector', 'mtls', 'portLevelMtls'])) foreign(field, ['spec', field])
  const read = (value: unknown, path: FieldPath): MtlsMode => {
    const mode = textOf(fieldsOf(value)['mode'])?.toLowerCase()
    const known = mtlsModes.find((one) => one === mode)
    if (known === undefined) foreign('a mode that is inherited', path)
    return known ?? 'permissive'
  }
  const labels = readSelector(spec['selector'])
  if (namespace === rootNamespace && labelText(labels) === '')
    foreign('a policy for the whole mesh', ['metadata', 'namespace'])
  const mode = read(spec['mtls'], ['spec', 'mtls'])
  const ports = Object.entries(fieldsOf(spec['portLevelMtls'])).map(
    ([port, value]) => [port, read(value, ['spec', 'portLevelMtls', port])] as const,
  )
  if (problems.length > before) return undefined
  return normalMtls({ namespace, labels, mode, ports: Object.fromEntries(ports) })
}

/** An object without a time is not stored yet, so it is younger than those that are. */
function age({ metadata }: KubeObject): string {
  return `${metadata.creationTimestamp ?? '~'} ${metadata.name}`
}

function nameOf({ metadata }: KubeObject): string {
  return `PeerAuthentication ${metadata.namespace ?? 'default'}/${metadata.name}`
}
