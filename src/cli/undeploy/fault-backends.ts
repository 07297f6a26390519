import { managedByLabel } from '../../kube/ownership.ts'
import { faultBackendKinds } from '../../mesh/adapter-kinds.ts'
import { faultBackendSelector } from '../../mesh/fault-backend-objects.ts'
import { listAllowed } from '../cluster/installation.ts'
import type { Retirement } from './retirement.ts'

/**
 * The fault backends that an operator has made where these resources are, as `Service shop/fault-503`. It takes them away itself when
 * the last fault has gone, and knows who else needs them.
 */
export async function leftFaultBackends({ client, project, resources, io }: Retirement): Promise<string[]> {
  const selector = `${faultBackendSelector},${managedByLabel}=${project.operatorName}`
  const namespaces = [...new Set(resources.map(({ metadata }) => metadata.namespace))]
  const lists = await Promise.all(
    namespaces.map((namespace) => listAllowed(client, faultBackendKinds.service, selector, namespace, io.signal)),
  )
  return lists.flat().map(({ metadata }) => `Service ${metadata.namespace}/${metadata.name}`)
}
