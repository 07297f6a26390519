import type { KubeClient } from '../../kube/client.ts'
import { isNotFound } from '../../kube/errors.ts'
import { keyOf } from '../../kube/object.ts'
import { fieldManager } from '../cluster/at-cluster.ts'
import { installationLabels, listAllowed, selectorOf } from '../cluster/installation.ts'
import { installedKinds } from '../cluster/kinds.ts'
import type { CommandIo } from '../io.ts'
import type { DeploymentPlan, PlannedObject } from './plan-deployment.ts'
import type { Prospect } from './preflight.ts'
import { nameOf } from './prospects.ts'

/**
 * Writes the objects of a plan in their order, then takes away what an earlier deployment of the same installation wrote and this one
 * does not: rights to another mesh, or to the whole cluster.
 */
export async function applyPlan(
  client: KubeClient,
  plan: DeploymentPlan,
  prospects: readonly Prospect[],
  { stdout, signal }: Pick<CommandIo, 'stdout' | 'signal'>,
): Promise<void> {
  for (const { kind, object, live } of prospects) {
    const applied = await client.apply(kind, object, { fieldManager, force: true, signal })
    const same = live?.metadata.resourceVersion === applied.metadata.resourceVersion
    const outcome = live === undefined ? 'created' : same ? 'unchanged' : 'configured'
    stdout.write(`${outcome.padEnd(11)}${nameOf(object)}\n`)
  }
  for (const { kind, object } of await superseded(client, plan, signal)) {
    await client.delete(kind, object.metadata, { signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    stdout.write(`${'deleted'.padEnd(11)}${nameOf(object)}\n`)
  }
}

/** What an earlier deployment of the same installation wrote and this one does not, in the order in which it can go. */
export async function superseded(
  client: KubeClient,
  { objects, project, placement }: DeploymentPlan,
  signal: AbortSignal,
): Promise<PlannedObject[]> {
  const wanted = new Set(objects.map(({ kind, object }) => `${kind.plural} ${keyOf(object.metadata)}`))
  const labels = selectorOf(installationLabels(project.operatorName, placement.namespace))
  const found: PlannedObject[] = []
  for (const kind of installedKinds.toReversed()) {
    if (kind.kind === 'Namespace') continue
    const live = await listAllowed(client, kind, labels, undefined, signal)
    found.push(...live.map((object) => ({ kind, object })))
  }
  return found.filter(({ kind, object }) => !wanted.has(`${kind.plural} ${keyOf(object.metadata)}`))
}
