import { runs } from '../copies.ts'
import type { RollBackResult, RollBackWorker } from '../generated/phases.ts'
import { readPlan } from '../plan.ts'
import { availableReplicas, isComplete, progressOf } from '../rollout.ts'
import { canaryOf, isProblem, readSituation, remember, type Situation, serving, trafficOf } from '../situation.ts'
import { askedWeight, carriesTraffic, notInEffect } from '../split.ts'
import { confirmAfter, drainTime, remaining, timestamp } from '../time.ts'
import type { CommonContext } from '../worker-types.ts'

/**
 * Gives all of the traffic back to the primary and removes the canary.
 *
 * A canary that failed is to have no weight when this phase is entered. Weight on it means that it was the primary that
 * failed, in the middle of its promotion: then the canary carries its share until the primary is whole again.
 */
export const rollBack: RollBackWorker = {
  sync(context) {
    const situation = readSituation(context)
    return isProblem(situation) ? situation : remember(situation, goBack(context, situation))
  },
}

function goBack({ resource, inputs, now, entered }: CommonContext, situation: Situation): RollBackResult {
  const { names, primary, canary, promoted } = situation
  const { candidate, failed, drainedSince } = resource.status ?? {}
  const remembered = resource.status?.weight ?? 0
  // Whichever is less: what was decided may be ahead of what was asked, and the other way round.
  const asked = askedWeight(names, resource) ?? remembered
  const weight = Math.min(remembered, asked)
  const plan = readPlan(resource.spec)
  const left = entered + ('problems' in plan ? 0 : plan.progressDeadline) - now
  const whole = runs(primary, promoted) && isComplete(primary)
  if (
    weight > 0 &&
    candidate &&
    !whole &&
    availableReplicas(canary) > 0 &&
    (left > 0 || availableReplicas(primary) === 0)
  )
    return {
      outputs: { ...serving(situation, promoted, canaryOf(situation, candidate)), ...trafficOf(situation, weight) },
      ...(left > 0 && { after: left }),
      reason: `the primary gets its old template back: ${progressOf(names.primary, primary)}`,
    }

  const observed = inputs.trafficsplits.observed(names.service)
  const reason = `draining ${names.canary}`
  if (notInEffect(names, 0, observed, resource) !== undefined || carriesTraffic(names.canary, observed))
    return {
      outputs: trafficOf(situation, 0),
      status: { weight: 0, drainedSince: null },
      ...(asked > 0 && { after: confirmAfter }),
      reason,
    }
  if (drainedSince === undefined)
    return {
      outputs: trafficOf(situation, 0),
      status: { weight: 0, drainedSince: timestamp(now) },
      after: drainTime,
      reason,
    }
  const wait = remaining(drainedSince, drainTime, now)
  if (wait > 0) return { outputs: trafficOf(situation, 0), after: wait, reason }
  return {
    outputs: { ...serving(situation, promoted), ...trafficOf(situation, 0) },
    next: 'Waiting',
    status: { candidate: null, weight: 0, stepSince: null, blockedSince: null, drainedSince: null },
    reason: failed?.reason ?? 'the canary is no longer wanted',
  }
}
