import { watchesAnnotation } from '../../../generators/deploy-objects.ts'
import { operatorLabels } from '../../../generators/deployment.ts'
import type { KubeClient } from '../../kube/client.ts'
import { isForbidden, isNotFound } from '../../kube/errors.ts'
import type { Kind, KubeObject } from '../../kube/object.ts'
import { managedByLabel } from '../../kube/ownership.ts'
import { deploymentKind } from './kinds.ts'

/** Value of the managed-by label on all that `ap deploy` writes. */
export const managedBy = 'ap'
/** Tells installations of one operator apart: the namespace that it is in. */
const instanceLabel = 'app.kubernetes.io/instance'

/** Labels of what one installation consists of. */
export function installationLabels(operatorName: string, namespace: string): Record<string, string> {
  return { ...operatorLabels(operatorName), [managedByLabel]: managedBy, [instanceLabel]: namespace }
}

/** Labels of what installations of one operator share: the definition of its resource. */
export function sharedLabels(operatorName: string): Record<string, string> {
  return { ...operatorLabels(operatorName), [managedByLabel]: managedBy }
}

export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** A Deployment of an operator, by whatever means it was deployed. */
export interface FoundInstallation {
  readonly namespace: string
  /** `*` for the whole cluster, which is also what is taken where nothing is said. */
  readonly watches: string
  readonly deployment: KubeObject
}

/** Where an operator is deployed; empty as well when this user may not look into all namespaces. */
export async function findInstallations(
  client: KubeClient,
  operatorName: string,
  signal: AbortSignal,
): Promise<FoundInstallation[]> {
  const found = await listAllowed(client, deploymentKind, selectorOf(operatorLabels(operatorName)), undefined, signal)
  return found.map((deployment) => ({
    namespace: deployment.metadata.namespace ?? '',
    watches: deployment.metadata.annotations?.[watchesAnnotation] ?? '*',
    deployment,
  }))
}

/** The objects with these labels; none where this user may not list them, or nobody can. */
export async function listAllowed(
  client: KubeClient,
  kind: Kind,
  labelSelector: string,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  try {
    return await listAll(client, kind, { namespace, labelSelector, signal })
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return []
    throw error
  }
}

/** All pages of a list. */
export async function listAll(
  client: KubeClient,
  kind: Kind,
  options: { readonly namespace?: string | undefined; readonly labelSelector?: string; readonly signal: AbortSignal },
): Promise<KubeObject[]> {
  const items: KubeObject[] = []
  let next: string | undefined
  do {
    const page = await client.list(kind, { ...options, limit: 500, ...(next !== undefined && { continue: next }) })
    items.push(...page.items)
    next = page.continue
  } while (next !== undefined)
  return items
}

/** An object, or undefined when there is none. */
export async function getOrNothing(
  client: KubeClient,
  kind: Kind,
  ref: { readonly name: string; readonly namespace?: string | undefined },
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(kind, ref, signal)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
