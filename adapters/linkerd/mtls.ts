import type { KubeObject } from '../../src/kube/object.ts'
import { destinationName, type Labels, labelText } from '../../src/mesh/access.ts'
import type { ObservedMtls } from '../../src/mesh/access-adapter.ts'
import { type MtlsMode, type MtlsPolicy, normalMtls } from '../../src/mesh/mtls.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { server } from './access.ts'
import { foreignIn, mtlsPolicies, readServer, serverGroupKind } from './access-reading.ts'
import { saysNothingOfAccess } from './repeated-default.ts'

/** A Server for each port, whose policy for those without a permission lets in all with a mesh identity, or everybody. */
export function translateMtls(policy: MtlsPolicy, workloads: WorkloadDirectory): KubeObject[] {
  const { namespace, labels, mode, ports } = normalMtls(policy)
  const declared = selectionsOf({ namespace, labels }, workloads).flatMap((selection) => selection.ports)
  const all = [...new Set([...declared, ...Object.keys(ports).map(Number)])].sort((a, b) => a - b)
  return all.map((port) => {
    const accessPolicy = (ports[String(port)] ?? mode) === 'strict' ? 'all-authenticated' : 'all-unauthenticated'
    return server(`${destinationName({ namespace, labels })}-${port}`, namespace, { labels, port, accessPolicy })
  })
}

/** Reads Servers that are about mutual TLS; where one is not about every port that is known, the others take both. */
export function observeMtls(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedMtls {
  const problems: ObjectProblem[] = []
  const found = new Map<
    string,
    { readonly namespace: string; readonly labels: Labels; ports: Record<string, MtlsMode> }
  >()
  for (const one of objects.filter((object) => groupKind(object) === serverGroupKind)) {
    const { labels, port, accessPolicy } = readServer(one, () => undefined)
    if (!mtlsPolicies.includes(accessPolicy) || saysNothingOfAccess(one)) continue
    readServer(one, foreignIn(one, problems))
    const { namespace = 'default' } = one.metadata
    const key = `${namespace} ${labelText(labels)}`
    const known = found.get(key) ?? { namespace, labels, ports: {} }
    found.set(key, known)
    known.ports[String(port)] = accessPolicy === 'all-authenticated' ? 'strict' : 'permissive'
  }
  const policies = [...found.values()].map(({ namespace, labels, ports }) => {
    const declared = selectionsOf({ namespace, labels }, workloads).flatMap((selection) => selection.ports)
    const [first] = declared
    const isWhole = first !== undefined && declared.every((port) => ports[String(port)] !== undefined)
    const mode = (isWhole && ports[String(first)]) || 'permissive'
    return normalMtls({ namespace, labels, mode, ports })
  })
  return { policies, problems }
}
