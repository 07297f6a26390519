import { operatorLabels } from '../../../generators/deployment.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { KubeClient } from '../../kube/client.ts'
import { systemClock } from '../../kube/clock.ts'
import { isNotFound } from '../../kube/errors.ts'
import { keyOf } from '../../kube/object.ts'
import { formatDuration } from '../../project/duration.ts'
import { Changes } from '../cluster/changes.ts'
import { deploymentState, podTrouble } from '../cluster/deployment-state.ts'
import { listAllowed, selectorOf } from '../cluster/installation.ts'
import { deploymentKind, podKind } from '../cluster/kinds.ts'
import type { CommandIo } from '../io.ts'

interface OperatorRef {
  readonly name: string
  readonly namespace: string
}

type Io = Pick<CommandIo, 'stdout' | 'signal'>

/** Pods are looked at anew this often, in milliseconds; a Deployment that changes is seen at once. */
const pause = 2_000

/** Deletes the operator's pods, so that new ones pull the image again. */
export async function deletePods(client: KubeClient, { name, namespace }: OperatorRef, { stdout, signal }: Io) {
  const { items } = await client.list(podKind, { namespace, labelSelector: selectorOf(operatorLabels(name)), signal })
  for (const { metadata } of items) {
    await client.delete(podKind, metadata, { signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    stdout.write(`${'deleted'.padEnd(11)}Pod ${keyOf(metadata)}\n`)
  }
}

/**
 * Waits until the operator's Deployment is available in its present form, telling each change on the way.
 *
 * @throws DiagnosticError with the reason when it has failed, or is not available in time (`timeout` in milliseconds)
 */
export async function waitForOperator(
  client: KubeClient,
  ref: OperatorRef,
  timeout: number,
  { stdout, signal }: Io,
): Promise<void> {
  const deadline = systemClock.now() + timeout
  const labelSelector = selectorOf(operatorLabels(ref.name))
  let said = ''
  const changes = new Changes(client, deploymentKind, ref.namespace)
  try {
    for (;;) {
      const state = deploymentState(await client.get(deploymentKind, ref, signal))
      const pods = state.isAvailable ? [] : await listAllowed(client, podKind, labelSelector, ref.namespace, signal)
      const trouble = state.problem ?? podTrouble(pods)
      const text = `${state.text}${trouble === undefined ? '' : `: ${trouble}`}`
      if (text !== said && !state.isAvailable) stdout.write(`${'waiting'.padEnd(11)}${text}\n`)
      said = text
      if (state.isAvailable) {
        stdout.write(`${'available'.padEnd(11)}Deployment ${ref.namespace}/${ref.name}\n`)
        return
      }
      const facts = { deployment: `${ref.namespace}/${ref.name}`, reason: trouble ?? state.text }
      if (state.hasFailed) throw new DiagnosticError([diagnostic('AP6036', { ...facts, after: '' })])
      if (systemClock.now() >= deadline) {
        throw new DiagnosticError([diagnostic('AP6036', { ...facts, after: ` after ${formatDuration(timeout)}` })])
      }
      await changes.next(Math.min(pause, deadline - systemClock.now()), signal)
      signal.throwIfAborted()
    }
  } finally {
    await changes.stop()
  }
}
