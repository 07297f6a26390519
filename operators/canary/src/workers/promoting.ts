import { runs } from '../copies.ts'
import type { PromotingResult, PromotingWorker } from '../generated/phases.ts'
import { readPlan } from '../plan.ts'
import { availableReplicas, isComplete, losesAllWhenUpdated, progressOf } from '../rollout.ts'
import { refusing, said } from '../said.ts'
import { canaryOf, isProblem, readSituation, remember, type Situation, serving, trafficOf } from '../situation.ts'
import { carriesTraffic, notInEffect } from '../split.ts'
import { imagesOf } from '../template.ts'
import { confirmAfter, drainTime, remaining, timestamp } from '../time.ts'
import type { PromotingContext } from '../worker-types.ts'

const promotionsKept = 10

/**
 * Gives the primary the new template while the traffic stays split as it was, and all of the traffic once every replica of
 * it is available. A primary that cannot be updated without losing all replicas first leaves the traffic to the canary.
 */
export const promoting: PromotingWorker = {
  sync(context) {
    const situation = readSituation(context)
    return isProblem(situation)
      ? { ...situation, ...refusing(context.command, situation.problem) }
      : remember(situation, promote(context, situation))
  },
}

function promote({ resource, inputs, now, entered, command }: PromotingContext, situation: Situation): PromotingResult {
  const { names, primary, canary, promoted } = situation
  const candidate = resource.status?.candidate
  if (candidate === undefined) return { next: 'RollBack', reason: 'the status no longer says what to promote' }
  const observed = inputs.trafficsplits.observed(names.service)
  let weight = resource.status?.weight ?? 0
  const { hash, images } = candidate
  const goBack = (reason: string): PromotingResult => ({
    next: 'RollBack',
    status: { failed: { hash, images, reason, at: timestamp(now) }, drainedSince: null },
    reason,
  })

  const updated = runs(primary, candidate)
  const replaced = updated && isComplete(primary)
  if (command?.verb === 'abort' && !replaced) return goBack(said('aborted', command))
  const answer = refusing(
    command,
    `${names.primary} runs ${imagesOf(candidate)} already; to go back, change the template`,
  )
  if (weight > 0 && availableReplicas(canary) === 0 && availableReplicas(primary) > 0) weight = 0
  if (!updated && weight > 0 && primary && losesAllWhenUpdated(primary)) {
    weight = 100
    const obstacle = resource.status?.weight === 100 ? notInEffect(names, 100, observed, resource) : 'draining'
    if (obstacle)
      return {
        outputs: { ...serving(situation, promoted, canaryOf(situation, candidate)), ...trafficOf(situation, 100) },
        status: { weight: 100 },
        after: confirmAfter,
        reason: `${names.canary} takes all of the traffic while ${names.primary} is replaced`,
      }
  }
  const outputs = {
    ...serving(situation, candidate, canaryOf(situation, candidate)),
    ...trafficOf(situation, weight),
  }
  if (!replaced) {
    const plan = readPlan(resource.spec)
    const deadline = 'problems' in plan ? Number.POSITIVE_INFINITY : plan.progressDeadline
    const left = entered + deadline - now
    const reason = `the primary gets ${imagesOf(candidate)}: ${progressOf(names.primary, primary)}`
    if (left > 0) return { outputs, status: { weight }, ...(Number.isFinite(left) && { after: left }), reason }
    return goBack(`${progressOf(names.primary, primary)} with the new template after ${resource.spec.progressDeadline}`)
  }

  const since = resource.status?.drainedSince
  const all = { ...outputs, ...trafficOf(situation, 0) }
  const moving = `all of the traffic goes to ${names.primary}`
  if (notInEffect(names, 0, observed, resource) !== undefined || carriesTraffic(names.canary, observed))
    return {
      ...answer,
      outputs: all,
      status: { weight: 0, drainedSince: null },
      ...(weight > 0 && { after: confirmAfter }),
      reason: moving,
    }
  if (since === undefined)
    return {
      ...answer,
      outputs: all,
      status: { weight: 0, drainedSince: timestamp(now) },
      after: drainTime,
      reason: moving,
    }
  const wait = remaining(since, drainTime, now)
  if (wait > 0) return { ...answer, outputs: all, after: wait, reason: moving }
  const at = timestamp(now)
  return {
    ...answer,
    outputs: { ...serving(situation, candidate), ...trafficOf(situation, 0) },
    next: 'Waiting',
    status: {
      promoted: { ...candidate, at },
      promotions: [...(resource.status?.promotions ?? []), { hash, images, at }].slice(-promotionsKept),
      candidate: null,
      failed: null,
      weight: 0,
      drainedSince: null,
    },
    reason: `${imagesOf(candidate)} is promoted`,
  }
}
