import { adopt, adoptionProblems, rivalOf } from '../adoption.ts'
import {
  autoscalersOf,
  copyAutoscaler,
  copyDeployment,
  copyLabels,
  copyService,
  namesOf,
  replicasEdit,
  runs,
  selectorEdit,
} from '../copies.ts'
import type { InitializingWorker } from '../phases.ts'
import { readPlan } from '../plan.ts'
import { isComplete, progressOf, wantedReplicas } from '../rollout.ts'
import { sameLabels } from '../situation.ts'
import { notInEffect, split } from '../split.ts'
import { versionOf } from '../template.ts'
import { confirmAfter, drainTime, remaining, timestamp } from '../time.ts'

/**
 * Takes the target over without losing a request: first the primary is available, then the mesh routes to it, then the
 * Service selects it (for clients without a proxy), and only then the target gives up its replicas.
 */
export const initializing: InitializingWorker = {
  sync({ resource, inputs, now }) {
    const plan = readPlan(resource.spec)
    if ('problems' in plan) return { reason: plan.problems.join('; ') }
    const rival = rivalOf(resource, inputs.canarydeployments.list())
    if (rival) return { reason: `CanaryDeployment ${rival.metadata.name} has the same target; delete one of the two` }

    const { deployment, service = deployment } = resource.spec
    const names = namesOf({ deployment, service })
    const target = inputs.deployments.get(deployment)
    const apex = inputs.services.get(service)
    const primary = inputs.deployments.get(names.primary)
    if (resource.status?.promoted === undefined || !target || !apex) {
      const existing = [
        primary,
        inputs.deployments.get(names.canary),
        inputs.services.get(names.primary),
        inputs.services.get(names.canary),
      ]
      const problems = [...adoptionProblems(resource, target, apex, { existing })]
      if (problems.length > 0) return { reason: problems.join('; ') }
    }
    if (target === undefined || apex === undefined) return { reason: 'there is nothing to take over' }

    const adopted = resource.status?.adopted ?? adopt(resource, target, apex)
    // Until the primary runs it, the version to take over is whatever the target has.
    const version = resource.status?.promoted ?? versionOf(target, now)
    const replicas = wantedReplicas(target) || (resource.status?.replicas ?? 1)
    const labels = copyLabels(target, adopted, 'primary')
    const copy = copyDeployment(target, adopted, 'primary', version, replicas)
    const services = [copyService(apex, target, adopted, 'primary'), copyService(apex, target, adopted, 'canary')]
    const status = {
      ...(resource.status?.adopted === undefined && { adopted }),
      ...(resource.status?.replicas !== replicas && { replicas }),
    }

    if (!runs(primary, version) || !isComplete(primary) || wantedReplicas(primary) < replicas) {
      const grow = primary && wantedReplicas(primary) < replicas ? [replicasEdit(primary, replicas)] : []
      return {
        outputs: { deployments: [copy, ...grow], services },
        status,
        reason: `waiting for the primary: ${progressOf(names.primary, primary)}`,
      }
    }
    const route = { deployments: [copy], trafficsplits: [split(names, 0)] }
    if (resource.status?.promoted === undefined)
      return {
        outputs: { ...route, services },
        status: { ...status, promoted: version, weight: 0 },
        after: confirmAfter,
        reason: `routing ${service} to ${names.primary}`,
      }
    const obstacle = notInEffect(names, 0, inputs.trafficsplits.observed(service), resource)
    if (obstacle) return { outputs: { ...route, services }, status, reason: obstacle }

    const selected = [...services, selectorEdit(apex, labels)]
    const since = resource.status.drainedSince
    if (since === undefined || !sameLabels(apex.spec?.selector, labels))
      return {
        outputs: { ...route, services: selected },
        status: { ...status, drainedSince: timestamp(now) },
        after: drainTime,
        reason: `draining ${deployment}`,
      }
    const wait = remaining(since, drainTime, now)
    if (wait > 0)
      return { outputs: { ...route, services: selected }, status, after: wait, reason: `draining ${deployment}` }
    return {
      outputs: {
        deployments: [copy, replicasEdit(target, 0)],
        services: selected,
        horizontalpodautoscalers: autoscalersOf(deployment, inputs.horizontalpodautoscalers.list()).map((autoscaler) =>
          copyAutoscaler(autoscaler, adopted),
        ),
        trafficsplits: route.trafficsplits,
      },
      next: 'Waiting',
      status: { ...status, drainedSince: null },
      reason: `${names.primary} has taken over from ${deployment}`,
    }
  },
}
