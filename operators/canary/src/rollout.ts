import type { Deployment } from '../../../src/operator/kinds.ts'

/** Replicas that can serve now. */
export function availableReplicas(deployment: Deployment | undefined): number {
  return deployment?.status?.availableReplicas ?? 0
}

/** Replicas asked for; the API's default is one. */
export function wantedReplicas(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1
}

/**
 * Whether every replica runs the present template and is available, and none of an older template is left:
 * what `kubectl rollout status` waits for.
 */
export function isComplete(deployment: Deployment): boolean {
  const wanted = wantedReplicas(deployment)
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {}
  return (
    observedGeneration >= (deployment.metadata.generation ?? 0) &&
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas >= wanted
  )
}

/** `podinfo-canary has 1 of 2 replicas available`. */
export function progressOf(name: string, deployment: Deployment | undefined): string {
  if (deployment === undefined) return `${name} does not exist yet`
  const wanted = wantedReplicas(deployment)
  return `${name} has ${Math.min(deployment.status?.updatedReplicas ?? 0, availableReplicas(deployment))} of ${wanted} replicas available`
}

/** Whether a new template may leave no replica available for a while (`Recreate`, or a generous `maxUnavailable`). */
export function losesAllWhenUpdated(deployment: Deployment): boolean {
  const strategy = deployment.spec?.strategy
  if (strategy?.type === 'Recreate') return true
  const allowed: unknown = strategy?.rollingUpdate?.maxUnavailable ?? '25%'
  const wanted = wantedReplicas(deployment)
  // Percentages are rounded down (apps/v1 RollingUpdateDeployment).
  const count = typeof allowed === 'string' ? Math.floor((Number.parseFloat(allowed) * wanted) / 100) : Number(allowed)
  return count >= wanted
}
