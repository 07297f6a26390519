import type { KubeObject } from '../../kube/object.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../mesh/fields.ts'

export interface DeploymentState {
  /** All replicas have the present template and serve. */
  readonly isAvailable: boolean
  /** It will not become available by waiting. */
  readonly hasFailed: boolean
  /** `1 of 2 replicas available`. */
  readonly text: string
  /** What a condition says is wrong. */
  readonly problem: string | undefined
}

/** How far a Deployment is; the rules are those of `kubectl rollout status`. */
export function deploymentState({ metadata, spec, status }: KubeObject): DeploymentState {
  const fields = fieldsOf(status)
  const wanted = numberOf(fieldsOf(spec)['replicas']) ?? 1
  const count = (name: string) => numberOf(fields[name]) ?? 0
  const isObserved = count('observedGeneration') >= (metadata.generation ?? 0)
  const updated = count('updatedReplicas')
  const available = count('availableReplicas')
  const isAvailable = isObserved && updated >= wanted && count('replicas') <= updated && available >= updated
  const conditions = listOf(fields['conditions']).map(fieldsOf)
  const late = conditions.find(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')
  const refused = conditions.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True')
  return {
    isAvailable,
    hasFailed: isObserved && !isAvailable && late !== undefined,
    text: `${Math.min(available, updated)} of ${wanted} ${wanted === 1 ? 'replica' : 'replicas'} available`,
    problem: textOf((refused ?? late)?.['message']),
  }
}

/** Why the first pod that does not run does not; undefined when all run, or say nothing. */
export function podTrouble(pods: readonly KubeObject[]): string | undefined {
  for (const { metadata, status } of pods) {
    const { containerStatuses, conditions } = fieldsOf(status)
    for (const container of listOf(containerStatuses).map(fieldsOf)) {
      const waiting = fieldsOf(fieldsOf(container['state'])['waiting'])
      const reason = textOf(waiting['reason'])
      if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') continue
      const ended = fieldsOf(fieldsOf(container['lastState'])['terminated'])
      const exit = numberOf(ended['exitCode'])
      const detail = textOf(waiting['message'])
      return (
        `the pod ${metadata.name} waits with ${reason}` +
        (exit === undefined ? '' : `, its last run ended with exit code ${exit}`) +
        (detail === undefined ? '' : ` (${detail.replaceAll(/\s+/g, ' ')})`)
      )
    }
    const unscheduled = listOf(conditions)
      .map(fieldsOf)
      .find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
    const why = textOf(unscheduled?.['message'])
    if (why !== undefined) return `the pod ${metadata.name} has no node: ${why}`
  }
  return undefined
}
