import { runs } from '../copies.ts'
import type { CanaryDeployment, WaitingResult, WaitingWorker } from '../generated/phases.ts'
import { readPlan } from '../plan.ts'
import { isComplete, progressOf } from '../rollout.ts'
import { refusing } from '../said.ts'
import { isProblem, readSituation, remember, type Situation, serving, trafficOf } from '../situation.ts'
import { imagesOf, versionOf } from '../template.ts'
import { timestamp } from '../time.ts'
import type { WaitingContext } from '../worker-types.ts'

/**
 * Keeps the primary serving everything, until the target's pod template is another one than was promoted or rolled back, or somebody
 * wants the latter tried again.
 */
export const waiting: WaitingWorker = {
  sync(context) {
    const situation = readSituation(context)
    return isProblem(situation)
      ? { ...situation, ...refusing(context.command, situation.problem) }
      : remember(situation, wait(context, situation))
  },
}

function wait({ resource, now, command }: WaitingContext, situation: Situation): WaitingResult {
  const { target, promoted, names } = situation
  const outputs = { ...serving(situation, promoted), ...trafficOf(situation, 0) }
  const wanted = versionOf(target, now)
  const failed = resource.status?.failed
  if (wanted.hash === promoted.hash)
    return {
      outputs,
      status: failed ? { failed: null } : {},
      reason: `${names.primary} runs ${imagesOf(promoted)}`,
      ...refusing(command, `${imagesOf(promoted)} was not rolled back; it serves`),
    }
  const again = wanted.hash === failed?.hash
  if (again && command?.verb !== 'retry')
    return { outputs, reason: `${imagesOf(failed)} was rolled back: ${failed.reason}` }
  const answer = again ? {} : refusing(command, `${imagesOf(wanted)} was not rolled back; it is tried in any case`)
  const obstacle = notNow(resource, situation)
  if (obstacle)
    return { ...answer, outputs, status: { failed: null }, reason: `${imagesOf(wanted)} waits: ${obstacle}` }
  return {
    ...answer,
    outputs,
    next: 'Evaluating',
    status: {
      candidate: wanted,
      failed: null,
      weight: 0,
      stepSince: null,
      drainedSince: null,
      blockedSince: timestamp(now),
    },
    reason: `${target.metadata.name} asks for ${imagesOf(wanted)}`,
  }
}

/** Why a new template cannot be tried now. */
function notNow({ spec }: CanaryDeployment, { target, primary, promoted, names }: Situation): string | undefined {
  if (target.spec?.paused) return `Deployment ${target.metadata.name} is paused`
  const plan = readPlan(spec)
  if ('problems' in plan) return plan.problems.join('; ')
  return runs(primary, promoted) && isComplete(primary) ? undefined : progressOf(names.primary, primary)
}
