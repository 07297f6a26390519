import type { ServiceAccountRef } from '../../../src/mesh/access.ts'
import { type Fields, fieldsOf, listOf, numberOf } from '../../../src/mesh/fields.ts'
import { waitFor } from '../cluster/processes.ts'

/** What the istiod at a URL tells ztunnel of the policies of the mesh, by `namespace/name`; once one of this name is among them. */
export async function ztunnelPolicies(istiodUrl: string, last: string): Promise<Map<string, Fields>> {
  const found = new Map<string, Fields>()
  await waitFor(`istiod tells ztunnel of ${last}`, async () => {
    const answer = await fetch(`${istiodUrl}/debug/ambientz`)
    found.clear()
    for (const policy of listOf(fieldsOf(await answer.json())['policies']).map(fieldsOf))
      found.set(`${policy['namespace']}/${policy['name']}`, policy)
    return found.has(last)
  })
  return found
}

/** Whether ztunnel lets a connection in by some ALLOW policies of its own kind (src/rbac.rs of istio/ztunnel). */
export function ztunnelAllows(policies: readonly Fields[], source: ServiceAccountRef, port: number): boolean {
  const holds = (match: Fields) => {
    const accounts = listOf(match['serviceAccounts']).map(fieldsOf)
    const ports = listOf(match['destinationPorts']).map(numberOf)
    const others = listOf(match['notDestinationPorts']).map(numberOf)
    const unknown = Object.keys(match).filter((key) => !/^(serviceAccounts|(notD|d)estinationPorts)$/.test(key))
    if (unknown.length > 0) throw new Error(`ztunnel is told of ${unknown.join()}`)
    const isSource = accounts.some(
      ({ namespace, serviceAccount }) => namespace === source.namespace && serviceAccount === source.name,
    )
    return (accounts.length === 0 || isSource) && (ports.length === 0 || ports.includes(port)) && !others.includes(port)
  }
  const listed = (of: unknown, name: string) => listOf(fieldsOf(of)[name]).map(fieldsOf)
  return (
    policies.length === 0 ||
    policies.some((policy) =>
      listed(policy, 'groups').some((group) =>
        listed(group, 'rules').every((rule) => listed(rule, 'matches').some(holds)),
      ),
    )
  )
}
