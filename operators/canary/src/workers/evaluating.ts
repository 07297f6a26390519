import { judge } from '../analysis.ts'
import { namesOf, runs } from '../copies.ts'
import type { EvaluatingResult, EvaluatingWorker } from '../generated/phases.ts'
import { type Plan, readPlan } from '../plan.ts'
import { availableReplicas, isComplete, progressOf } from '../rollout.ts'
import { refusing, said } from '../said.ts'
import { canaryOf, isProblem, readSituation, remember, type Situation, serving, trafficOf } from '../situation.ts'
import type { Version } from '../spec.ts'
import { askedWeight, carriesTraffic, notInEffect, split } from '../split.ts'
import { imagesOf, versionOf } from '../template.ts'
import { confirmAfter, remaining, timestamp } from '../time.ts'
import type { EvaluatingContext, Outputs, Patch } from '../worker-types.ts'

/**
 * Gives the canary its share step by step, for as long as it does well.
 *
 * A decision to go back is a change of phase without any output: it is on the status before the traffic moves, so that it is
 * not taken anew, and differently, while the mesh is slow or when the operator dies.
 */
export const evaluating: EvaluatingWorker = {
  async sync(context) {
    const situation = readSituation(context)
    return isProblem(situation)
      ? { ...withoutTarget(context, situation.problem), ...refusing(context.command, situation.problem) }
      : remember(situation, await evaluate(context, situation))
  },
}

interface Step {
  readonly context: EvaluatingContext
  readonly situation: Situation
  readonly plan: Plan
  readonly candidate: Version
  /** What was last asked for the canary, in percent. */
  readonly weight: number
  /** Since when that is in effect; undefined when it has not been seen yet. */
  readonly since: string | undefined
  /** Everything but the traffic, which is left as it was asked for. */
  readonly outputs: Outputs
}

type Answer = EvaluatingResult

async function evaluate(context: EvaluatingContext, situation: Situation): Promise<Answer> {
  const { resource, inputs, now, command } = context
  const { names, target, primary, canary, promoted } = situation
  const { status } = resource
  const asked = askedWeight(names, resource)
  const weight = asked ?? status?.weight ?? 0
  const wanted = versionOf(target, now)
  const candidate = status?.candidate ?? wanted

  if (command?.verb === 'abort') return rollBack(context, candidate, said('aborted', command))
  if (wanted.hash === promoted.hash) {
    const reason = `the template of ${target.metadata.name} was changed back`
    return { ...leave(reason), ...refusing(command, reason) }
  }
  if (wanted.hash !== candidate.hash) {
    const answer = restart(context, situation, wanted, weight)
    return { ...answer, ...refusing(command, `the template of ${target.metadata.name} has changed`) }
  }
  if (weight > 0 && availableReplicas(canary) === 0) {
    const reason = `${names.canary} lost all of its available replicas`
    return { ...rollBack(context, candidate, reason), ...refusing(command, reason) }
  }
  if (command?.verb === 'promote')
    return {
      next: 'Promoting',
      status: { weight, stepSince: null, blockedSince: null },
      reason: said(`promoted at ${weight} %`, command),
    }

  const outputs = {
    ...serving(situation, promoted, canaryOf(situation, candidate)),
    ...(asked === undefined && trafficOf(situation, weight)),
  }
  const hold = (reason: string) => ({ outputs, reason })
  const plan = readPlan(resource.spec)
  if ('problems' in plan) return hold(plan.problems.join('; '))
  if (target.spec?.paused) return hold(`held at ${weight} %: Deployment ${target.metadata.name} is paused`)
  const since = status?.weight === weight ? status.stepSince : undefined
  const step = { context, situation, plan, candidate, weight, since, outputs }

  if (!runs(canary, candidate) || !isComplete(canary)) return blocked(step, progressOf(names.canary, canary))
  if (availableReplicas(primary) === 0)
    return hold(`held at ${weight} %: ${names.primary} has no available replica to compare with or go back to`)
  if (weight === 0) return advance(step)
  const obstacle = notInEffect(names, weight, inputs.trafficsplits.observed(names.service), resource)
  if (obstacle) return blocked(step, obstacle, { stepSince: null })
  return measure(step)
}

/** Judges the step: after a full window of it, or at its end when that comes first; again after each further window. */
async function measure(step: Step): Promise<Answer> {
  const { context, situation, plan, candidate, weight, since, outputs } = step
  const { resource, inputs, now } = context
  const name = describe(plan, weight)
  const unblocked: Patch = resource.status?.blockedSince === undefined ? {} : { blockedSince: null }
  const first = remaining(since, Math.min(plan.analysisPeriod, plan.windowLength), now)
  if (first > 0) {
    const started: Patch = since === undefined ? { weight, stepSince: timestamp(now) } : {}
    return { outputs, status: { ...started, ...unblocked }, after: first, reason: name }
  }

  const verdict = await judge(plan, situation.names.canary, inputs.metrics)
  if (verdict.state === 'failed') return rollBack(context, candidate, `at ${name}: ${verdict.text}`)
  if (verdict.state === 'unknown') return blocked(step, `${name}: ${verdict.text}`, {}, plan.analysisPeriod)
  if (verdict.state === 'no-traffic' && plan.noTraffic === 'fail')
    return rollBack(context, candidate, `at ${name}: ${verdict.text}`)
  const reason = `${name}: ${verdict.text}`
  if (verdict.state === 'no-traffic' && plan.noTraffic === 'wait')
    return { outputs, status: unblocked, after: Math.min(plan.analysisPeriod, plan.windowLength), reason }
  const rest = remaining(since, plan.analysisPeriod, now)
  if (rest > 0) return { outputs, status: unblocked, after: Math.min(rest, plan.windowLength), reason }
  return advance(step, `${reason}; `)
}

/** The next larger step, or the promotion when there is none: so a plan that is changed in the middle is followed from here. */
function advance({ context, situation, plan, candidate, weight, outputs }: Step, passed = ''): Answer {
  const next = plan.steps.find((step) => step > weight)
  if (next === undefined)
    return {
      outputs,
      next: 'Promoting',
      status: { weight, stepSince: null, blockedSince: null },
      reason: `${passed}${imagesOf(candidate)} has passed every step`,
    }
  return {
    outputs: { ...outputs, ...trafficOf(situation, next) },
    status: { weight: next, stepSince: timestamp(context.now), blockedSince: null },
    after: Math.min(confirmAfter, plan.analysisPeriod),
    reason: describe(plan, next),
  }
}

/** Waits for something that should come, and rolls back when it does not come within the progress deadline. */
function blocked(
  { context, plan, candidate, outputs }: Step,
  reason: string,
  status: Patch = {},
  again = Number.POSITIVE_INFINITY,
): Answer {
  const { resource, now } = context
  const since = resource.status?.blockedSince
  const left = remaining(since, plan.progressDeadline, now)
  if (left <= 0) return rollBack(context, candidate, `${reason}, for ${resource.spec.progressDeadline}`)
  return {
    outputs,
    status: { ...status, ...(since === undefined && { blockedSince: timestamp(now) }) },
    after: Math.min(left, again),
    reason,
  }
}

/** Another template than the one under way: the canary gets it once no request goes there any more. */
function restart({ inputs, now }: EvaluatingContext, situation: Situation, wanted: Version, weight: number): Answer {
  const { names, promoted } = situation
  const reset: Patch = { weight: 0, stepSince: null, blockedSince: timestamp(now) }
  if (weight > 0 || carriesTraffic(names.canary, inputs.trafficsplits.observed(names.service)))
    return {
      outputs: trafficOf(situation, 0),
      status: reset,
      after: confirmAfter,
      reason: `starting over with ${imagesOf(wanted)}: draining ${names.canary}`,
    }
  return {
    outputs: { ...serving(situation, promoted, canaryOf(situation, wanted)), ...trafficOf(situation, 0) },
    status: { ...reset, candidate: wanted },
    reason: `starting over with ${imagesOf(wanted)}`,
  }
}

function rollBack({ now }: EvaluatingContext, { hash, images }: Version, reason: string): Answer {
  const answer = leave(reason)
  return { ...answer, status: { ...answer.status, failed: { hash, images, reason, at: timestamp(now) } } }
}

function leave(reason: string) {
  const status: Patch = { weight: 0, stepSince: null, blockedSince: null, drainedSince: null }
  return { next: 'RollBack' as const, status, reason }
}

/** Nothing can be written about copies of a target that is gone; the traffic can still be taken off the canary. */
function withoutTarget({ resource }: EvaluatingContext, problem: string): Answer {
  const { adopted, weight } = resource.status ?? {}
  if (adopted === undefined) return { problem }
  const names = namesOf(adopted)
  if ((askedWeight(names, resource) ?? weight ?? 0) === 0) return { problem }
  return { outputs: { trafficsplits: [split(names, 0)] }, status: { weight: 0, stepSince: null }, problem }
}

function describe({ steps }: Plan, weight: number): string {
  const index = steps.indexOf(weight)
  return index < 0 ? `${weight} %` : `${weight} % (step ${index + 1} of ${steps.length})`
}
