import { isDeepStrictEqual } from 'node:util'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { judge, type Verdict } from './acceptance.ts'
import { mustRemember, remember } from './attachment-memory.ts'
import type { CommandRecord } from './command.ts'
import { type ConditionChange, isNews, notReady } from './conditions.ts'
import type { Contest } from './contests.ts'
import type { SyncOutcome } from './controller.ts'
import { formatAll } from './failure.ts'
import type { CheckedResult } from './phase-result.ts'
import type { Runtime } from './runtime.ts'
import { describe } from './status-reading.ts'
import { type Frame, type Report, report } from './sync-frame.ts'
import type { TrafficPlan } from './traffic.ts'

/** What is to be made true, and what to say when it is. */
export interface Settlement {
  readonly phase: string | undefined
  readonly result: Pick<CheckedResult, 'neutral' | 'natives' | 'next' | 'status' | 'reason'>
  readonly ready: ConditionChange
  /** The command that is done with once the result is true. */
  readonly command?: CommandRecord | undefined
}

/** A result that asks for nothing: what is there is kept as it should be. */
export const nothingNew: Settlement['result'] = {
  neutral: undefined,
  natives: [],
  next: undefined,
  status: {},
  reason: undefined,
}

/**
 * `settled`: all is as it should be, and said so; `repaired` if it had been so before and somebody else has changed it, so that
 * the worker decided on something that is not so any more. Otherwise the resource waits, and `outcome` tells for what.
 */
export type Settled =
  | { readonly settled: true; readonly repaired: boolean }
  | { readonly settled: false; readonly outcome: SyncOutcome }

/**
 * How long the mesh's answer is waited for before it is said on the resource that it is waited for: most meshes answer
 * sooner, and then a step is one write of the status and not two. Milliseconds.
 */
const promptAnswer = 500

/**
 * Makes a result true, in an order in which the process may die at any point and no request is lost:
 *
 * 1. the traffic is merged with everybody else's and checked: if anything about it is refused, or a Service that it needs to stand in
 *    for a fault is not there yet, nothing at all is applied;
 * 2. native objects are created and updated, and edits are made that only add fields;
 * 3. mesh objects are created and updated, then routes of users are edited, after what they were like is on the status;
 * 4. if the result speaks of traffic, the mesh has to take it up before anything else happens: as long as it has not, neither
 *    the phase nor the worker's status moves, and nothing is taken away;
 * 5. edits that change or remove something are made, native objects that are not wanted any more are deleted, then mesh
 *    objects that are not;
 * 6. the status is written. It is what the next sync goes by, so it comes last.
 */
export async function settle(runtime: Runtime, opened: Frame, settlement: Settlement): Promise<Settled> {
  const { natives, traffic } = runtime
  const { key, namespace, owner, reads, resource, status } = opened
  const { result } = settlement
  const outputs = result.neutral === undefined ? status.outputs : { ...status.outputs, ...result.neutral }
  const scope = traffic.scope(resource, outputs)
  return traffic.exclusively(key, scope, async () => {
    const plan = traffic.plan(resource, outputs, scope, reads)
    if (plan.refusals.length > 0) return refuse(runtime, opened, settlement, plan, outputs)
    if (plan.waiting.length > 0) return awaitBackends(runtime, opened, settlement, plan, outputs)
    const frame = await remember(runtime, opened, plan.attachments)
    const wanted = natives.plan(result.natives, namespace)
    await natives.applyFirst(key, owner, wanted)
    const contest = await traffic.contest(key, plan)
    if (contest !== undefined && contest.wait > 0) return giveWay(runtime, frame, settlement, contest, outputs)
    if (contest?.isNew) tellContest(runtime, frame, contest)
    const began = runtime.clock.now()
    const written = await traffic.apply(key, plan)
    if (written && result.neutral !== undefined) await traffic.answered(plan, promptAnswer, frame.signal)
    const verdict = judgePlan(runtime, frame, plan, began)
    if (result.neutral !== undefined && 'wait' in verdict.step) {
      return hold(runtime, frame, settlement, verdict, plan, outputs)
    }
    await natives.applyLast(key, owner, wanted)
    if (!('wait' in verdict.step)) await traffic.prune(key, plan)
    await report(runtime, frame, {
      phase: settlement.phase,
      next: result.next,
      reason: result.reason,
      ready: settlement.ready,
      conditions: verdict.conditions,
      fields: result.status,
      outputs,
      attachments: plan.attachments.after,
      command: settlement.command,
    })
    tell(runtime, frame, verdict.change)
    return { settled: true, repaired: written && isDeepStrictEqual(outputs, status.outputs) }
  })
}

/**
 * Whether the mesh still owes an answer about what the resource asked last; then how long to wait. The worker is not called
 * meanwhile: a worker that goes by the observed traffic would else run ahead of the mesh.
 */
export async function stillPending(runtime: Runtime, frame: Frame): Promise<number | undefined> {
  const { generation, key, reads, resource, status } = frame
  const known = status.conditions.find(({ type }) => type === 'TrafficAccepted')
  if (known?.reason !== 'Pending' || known.observedGeneration !== generation) return undefined
  const scope = runtime.traffic.scope(resource, status.outputs)
  return runtime.traffic.exclusively(key, scope, async () => {
    const plan = runtime.traffic.plan(resource, status.outputs, scope, reads)
    if (plan.refusals.length > 0 || plan.waiting.length > 0 || mustRemember(frame, plan.attachments)) return undefined
    const contest = await runtime.traffic.contest(key, plan)
    if (contest !== undefined && contest.wait > 0) return contest.wait
    const began = runtime.clock.now()
    await runtime.traffic.apply(key, plan)
    const { step } = judgePlan(runtime, frame, plan, began)
    return 'wait' in step && step.wait === 'pending' ? step.for : undefined
  })
}

function judgePlan(
  { clock, settings, traffic }: Runtime,
  { generation, status }: Frame,
  plan: TrafficPlan,
  began: number,
): Verdict {
  return judge(traffic.acceptance(plan), status.conditions, {
    generation,
    now: clock.now(),
    began,
    timeout: settings.acceptanceTimeout,
  })
}

async function refuse(
  runtime: Runtime,
  frame: Frame,
  { phase }: Settlement,
  { blocked, refusals }: TrafficPlan,
  outputs: object,
): Promise<Settled> {
  const ready = notReady(blocked ? 'Blocked' : 'TrafficRefused', formatAll(refusals))
  frame.log.warn({ phase, problems: refusals }, 'traffic refused')
  // What was asked is on the status all the same: whoever shares the apex has to know of it.
  await report(runtime, frame, { phase, ready, outputs })
  return { settled: false, outcome: { result: 'resync', after: runtime.settings.workInterval } }
}

/** What is to answer in place of the apex is not there yet. That it is asked for is on the status, which is what makes it be there. */
async function awaitBackends(
  runtime: Runtime,
  frame: Frame,
  { phase }: Settlement,
  { waiting }: TrafficPlan,
  outputs: object,
): Promise<Settled> {
  const reason = 'WaitingForFaultBackend'
  const ready = { type: 'Ready', status: 'Unknown', reason, message: formatAll(waiting) } as const
  await report(runtime, frame, { phase, ready, outputs })
  return { settled: false, outcome: { result: 'resync', after: runtime.settings.workInterval } }
}

/** Leaves a route for a while to whoever insists on other weights in it. The step is not done, so nothing goes on meanwhile. */
async function giveWay(
  runtime: Runtime,
  frame: Frame,
  { phase }: Settlement,
  contest: Contest,
  outputs: object,
): Promise<Settled> {
  const ready = notReady(contested, formatDiagnostic(contestProblem(frame, contest)))
  await report(runtime, frame, { phase, ready, outputs })
  return { settled: false, outcome: { result: 'later', after: contest.wait } }
}

function tellContest({ events }: Runtime, frame: Frame, contest: Contest): void {
  const note = formatDiagnostic(contestProblem(frame, contest))
  events.record({ regarding: frame.resource, type: 'Warning', reason: contested, note })
}

const contested = 'WeightsContested'

function contestProblem({ resource }: Frame, { manager, route }: Contest): Diagnostic {
  return diagnostic('AP4017', { manager, route, resource: describe(resource) })
}

async function hold(
  runtime: Runtime,
  frame: Frame,
  { phase, ready }: Settlement,
  { change, conditions, step }: Verdict,
  plan: TrafficPlan,
  outputs: object,
): Promise<Settled> {
  const rejected = change !== undefined
  const said: Report = {
    phase,
    ready: rejected ? { ...change, type: 'Ready', reason: 'TrafficRejected' } : presentReady(frame, ready),
    conditions,
    outputs,
    attachments: plan.attachments.after,
  }
  await report(runtime, frame, said)
  const { workInterval } = runtime.settings
  if ('wait' in step && step.wait === 'pending') {
    // An answer that came before the status told for whom it is has woken nobody.
    const answered = runtime.traffic.acceptance(plan).state !== 'pending'
    return { settled: false, outcome: answered ? { result: 'again' } : { result: 'later', after: step.for } }
  }
  return { settled: false, outcome: { result: 'resync', after: workInterval } }
}

/** While the mesh is waited for, the resource is as ready as it was. */
function presentReady({ status }: Frame, otherwise: ConditionChange): ConditionChange {
  const known = status.conditions.find(({ type }) => type === 'Ready')
  if (known === undefined) return { ...otherwise, status: 'Unknown', reason: 'WaitingForMesh' }
  return { type: 'Ready', status: known.status, reason: known.reason, message: known.message }
}

function tell({ events }: Runtime, { resource, status }: Frame, change: ConditionChange | undefined): void {
  if (change === undefined || !isNews(status.conditions, change)) return
  events.record({ regarding: resource, type: 'Warning', reason: `Traffic${change.reason}`, note: change.message })
}
