import { operatorLabels } from '../../../generators/deployment.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { systemClock } from '../../kube/clock.ts'
import { isConflict, isNotFound } from '../../kube/errors.ts'
import { type KubeObject, keyOf } from '../../kube/object.ts'
import { finalizerName } from '../../operator/runtime.ts'
import { readStatus } from '../../operator/status-reading.ts'
import { formatDuration } from '../../project/duration.ts'
import { fieldManager } from '../cluster/at-cluster.ts'
import { deploymentState } from '../cluster/deployment-state.ts'
import { getOrNothing, listAllowed, selectorOf } from '../cluster/installation.ts'
import { deploymentKind, podKind } from '../cluster/kinds.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { leftFaultBackends } from './fault-backends.ts'
import type { Retirement, Retiring } from './retirement.ts'

const pause = 500
/** An operator that runs takes them away at once, when the routes have gone. Milliseconds. */
const faultBackendPatience = 15_000

/**
 * Deletes resources while the operator runs, which cleans up after each of them, and waits until they are gone.
 *
 * @throws DiagnosticError when no operator runs that could do so, or it does not end in time; resources that are left go on being deleted
 */
export async function restoreResources(retirement: Retirement): Promise<void> {
  const { client, project, namespace, resources, io, say } = retirement
  const name = project.operatorName
  const deployment = await getOrNothing(client, deploymentKind, { name, namespace }, io.signal)
  const waits = resources.some(({ metadata }) => (metadata.finalizers ?? []).length > 0)
  if (waits && (deployment === undefined || !deploymentState(deployment).isAvailable)) {
    throw new DiagnosticError([diagnostic('AP6039', { operator: `${namespace}/${name}` })])
  }
  const kind = resourceKind(project)
  for (const { metadata } of resources) {
    // By the garbage collector, which may not know a new kind for half a minute: once the kind is gone it would leave what resources own.
    // A finalizer may still need that; it goes after the resource then.
    const propagationPolicy = (metadata.finalizers ?? []).length > 0 ? 'Background' : 'Foreground'
    await client.delete(kind, metadata, { propagationPolicy, signal: io.signal }).catch(unlessGone)
  }
  await untilGone(retirement)
  for (const resource of resources) say('restored', `${resource.kind} ${keyOf(resource.metadata)}`)
  if (deployment !== undefined) await untilFaultBackendsAreGone(retirement)
}

/** Gives the operator the time to take its fault backends away; one that it keeps has somebody else who needs it. */
async function untilFaultBackendsAreGone(retirement: Retirement): Promise<void> {
  const { timeout, io, say } = retirement
  const deadline = systemClock.now() + Math.min(timeout, faultBackendPatience)
  for (;;) {
    const left = await leftFaultBackends(retirement)
    if (left.length === 0) return
    if (systemClock.now() >= deadline) {
      for (const service of left)
        say('kept', `${service}: the fault backend is still in use, or its operator does not answer`)
      return
    }
    await systemClock.sleep(pause, io.signal)
    io.signal.throwIfAborted()
  }
}

/**
 * Stops the operator, then deletes resources without what they own: whatever it has written stays as it is.
 *
 * @throws DiagnosticError when it does not end in time
 */
export async function abandonResources(retirement: Retirement): Promise<void> {
  const { client, project, namespace, resources, io, say } = retirement
  const name = project.operatorName
  const options = { propagationPolicy: 'Foreground', signal: io.signal } as const
  await client.delete(deploymentKind, { name, namespace }, options).catch(unlessGone)
  await untilStopped(retirement)
  const kind = resourceKind(project)
  for (const { metadata } of resources) {
    // First of all, or a resource that is being deleted already takes what it owns along.
    const left = await client
      .delete(kind, metadata, { propagationPolicy: 'Orphan', signal: io.signal })
      .catch(unlessGone)
    if (left !== undefined) await removeFinalizer(retirement, left)
  }
  await untilGone(retirement)
  for (const resource of resources) say('released', `${resource.kind} ${keyOf(resource.metadata)}`)
}

/** The garbage collector's own: it sees to what the resource owns, then removes them. */
const collectors: readonly string[] = ['orphan', 'foregroundDeletion']

/** Of the operator's own, which nobody would ever remove; who else has put one there still has work to do. */
async function removeFinalizer({ client, project, io }: Retirement, resource: KubeObject): Promise<void> {
  const kind = resourceKind(project)
  let live: KubeObject | undefined = resource
  const own = finalizerName(project)
  while (live?.metadata.finalizers?.includes(own)) {
    const { resourceVersion, finalizers } = live.metadata
    const patch = { metadata: { resourceVersion, finalizers: finalizers.filter((name) => name !== own) } }
    try {
      live = await client.patch(kind, live.metadata, patch, { type: 'merge', fieldManager, signal: io.signal })
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error
      live = await getOrNothing(client, kind, live.metadata, io.signal)
    }
  }
}

/**
 * Waits until the operator's pods are gone, which may outlive their Deployment: they would clean up, and need their rights to the end.
 *
 * @throws DiagnosticError when they are not in time
 */
export async function untilStopped({ client, project, namespace, timeout, io }: Retiring): Promise<void> {
  const labels = selectorOf(operatorLabels(project.operatorName))
  await until(timeout, io.signal, async () => {
    const pods = await listAllowed(client, podKind, labels, namespace, io.signal)
    return pods.map(({ metadata }) => `the pod ${keyOf(metadata)} still runs`)
  })
}

async function untilGone({ client, project, resources, timeout, io }: Retirement): Promise<void> {
  const kind = resourceKind(project)
  const own = finalizerName(project)
  await until(timeout, io.signal, async () => {
    const found = await Promise.all(resources.map(({ metadata }) => getOrNothing(client, kind, metadata, io.signal)))
    return found.flatMap((resource, index) => {
      if (resource === undefined || resource.metadata.uid !== resources[index]?.metadata.uid) return []
      const others = (resource.metadata.finalizers ?? []).filter((name) => name !== own && !collectors.includes(name))
      if (others.length > 0)
        return [`${keyOf(resource.metadata)} waits for somebody else, by the finalizer ${others.join(', ')}`]
      const ready = readStatus(resource).conditions.find(({ type }) => type === 'Ready')
      return `${keyOf(resource.metadata)} is still there${ready === undefined ? '' : ` (${ready.message})`}`
    })
  })
}

/** Waits until `left` gives nothing any more. */
async function until(timeout: number, signal: AbortSignal, left: () => Promise<string[]>): Promise<void> {
  const deadline = systemClock.now() + timeout
  for (;;) {
    const problems = await left()
    if (problems.length === 0) return
    if (systemClock.now() >= deadline) {
      const facts = { after: formatDuration(timeout), problem: problems.slice(0, 3).join('; ') }
      throw new DiagnosticError([diagnostic('AP6040', facts)])
    }
    await systemClock.sleep(pause, signal)
    signal.throwIfAborted()
  }
}

function unlessGone(error: unknown): undefined {
  if (isNotFound(error)) return undefined
  throw error
}
