import type { Deployment, Service } from '../../../../src/operator/kinds.ts'
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
import type { InitializingResult, InitializingWorker } from '../generated/phases.ts'
import { readPlan } from '../plan.ts'
import { isComplete, progressOf, wantedReplicas } from '../rollout.ts'
import { sameLabels } from '../situation.ts'
import { notInEffect, split } from '../split.ts'
import { versionOf } from '../template.ts'
import { confirmAfter, drainTime, remaining, timestamp } from '../time.ts'
import type { Patch } from '../worker-types.ts'

type Context = Parameters<InitializingWorker['sync']>[0]

/**
 * Takes the target over without losing a request: first the primary is available, then the mesh routes to it, then the
 * Service selects it (for clients without a proxy), and only then the target gives up its replicas.
 */
export const initializing: InitializingWorker = {
  sync(context) {
    const { resource, inputs } = context
    const plan = readPlan(resource.spec)
    if ('problems' in plan) return { problem: plan.problems.join('; ') }
    const rival = rivalOf(resource, inputs.canarydeployments.list())
    if (rival) return { problem: `CanaryDeployment ${rival.metadata.name} has the same target; delete one of the two` }

    const { deployment, service = deployment } = resource.spec
    const target = inputs.deployments.get(deployment)
    const apex = inputs.services.get(service)
    const problems = findProblems(context, target, apex)
    if (problems.length > 0 || target === undefined || apex === undefined) return { problem: problems.join('; ') }
    return takeOver(context, target, apex)
  },
}

/** What stands in the way. Once the primary runs, only what is gone does: the rest has been found in order and is changing. */
function findProblems({ resource, inputs }: Context, target: Deployment | undefined, apex: Service | undefined) {
  if (resource.status?.promoted !== undefined && target !== undefined && apex !== undefined) return []
  const { deployment, service = deployment } = resource.spec
  const { primary, canary } = namesOf({ deployment, service })
  const existing = [primary, canary].flatMap((name) => [inputs.deployments.get(name), inputs.services.get(name)])
  return [...adoptionProblems(resource, target, apex, { existing })]
}

function takeOver({ resource, inputs, now }: Context, target: Deployment, apex: Service): InitializingResult {
  const adopted = resource.status?.adopted ?? adopt(resource, target, apex)
  const names = namesOf(adopted)
  // Until the primary runs it, the version to take over is whatever the target has.
  const version = resource.status?.promoted ?? versionOf(target, now)
  const replicas = wantedReplicas(target) || (resource.status?.replicas ?? 1)
  const remembered: Patch = {
    ...(resource.status?.adopted === undefined && { adopted }),
    ...(resource.status?.replicas !== replicas && { replicas }),
  }
  const primary = inputs.deployments.get(names.primary)
  const labels = copyLabels(target, adopted, 'primary')
  const copy = copyDeployment(target, adopted, 'primary', version, replicas)
  const services = [copyService(apex, target, adopted, 'primary'), copyService(apex, target, adopted, 'canary')]

  if (!runs(primary, version) || !isComplete(primary) || wantedReplicas(primary) < replicas) {
    const grow = primary && wantedReplicas(primary) < replicas ? [replicasEdit(primary, replicas)] : []
    const reason = `waiting for the primary: ${progressOf(names.primary, primary)}`
    return { outputs: { deployments: [copy, ...grow], services }, status: remembered, reason }
  }

  const routed = { deployments: [copy], services, trafficsplits: [split(names, 0)] }
  if (resource.status?.promoted === undefined) {
    const status = { ...remembered, promoted: version, weight: 0 }
    return { outputs: routed, status, after: confirmAfter, reason: `routing ${names.service} to ${names.primary}` }
  }
  const obstacle = notInEffect(names, 0, inputs.trafficsplits.observed(names.service), resource)
  if (obstacle) return { outputs: routed, status: remembered, reason: obstacle }

  const selected = { ...routed, services: [...services, selectorEdit(apex, labels)] }
  const reason = `draining ${adopted.deployment}`
  const since = resource.status.drainedSince
  if (since === undefined || !sameLabels(apex.spec?.selector, labels)) {
    const status = { ...remembered, drainedSince: timestamp(now) }
    return { outputs: selected, status, after: drainTime, reason }
  }
  const wait = remaining(since, drainTime, now)
  if (wait > 0) return { outputs: selected, status: remembered, after: wait, reason }

  const autoscalers = autoscalersOf(adopted.deployment, inputs.horizontalpodautoscalers.list())
  return {
    outputs: {
      ...selected,
      deployments: [copy, replicasEdit(target, 0)],
      horizontalpodautoscalers: autoscalers.map((autoscaler) => copyAutoscaler(autoscaler, adopted)),
    },
    next: 'Waiting',
    status: { ...remembered, drainedSince: null },
    reason: `${names.primary} has taken over from ${adopted.deployment}`,
  }
}
