import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError, formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { isRecord } from '../kube/wire.ts'
import { notReady } from './conditions.ts'
import type { SyncOutcome } from './controller.ts'
import { describeFailure, formatAll } from './failure.ts'
import { enteredAt } from './history.ts'
import { createInputs } from './inputs.ts'
import { metricsInput } from './metrics-input.ts'
import { type CheckedResult, checkResult } from './phase-result.ts'
import { finalizerName, type Runtime } from './runtime.ts'
import { nothingNew, settle } from './settle.ts'
import { readSpec } from './spec-reading.ts'
import { readStatus } from './status-reading.ts'
import { type Frame, report } from './sync-frame.ts'
import { callWorker, WorkerAborted } from './worker-call.ts'

/** How results and metrics call the finalizer, which is no phase. */
const finalizerPhase = 'finalizer'
const resultFields = ['done', 'outputs', 'status', 'after', 'reason']

/**
 * One sync of a resource that is being deleted: the finalizer worker until it is done, then the removal of all that the
 * resource has, then of the finalizer. What others still ask of its apexes stays.
 */
export async function finalize(runtime: Runtime, frame: Frame): Promise<SyncOutcome> {
  const { definition, project, settings } = runtime
  const { resource, status } = frame
  const finalizer = finalizerName(project)
  if (!resource.metadata.finalizers?.includes(finalizer)) return { result: 'done' }
  // A resource that never got into a phase has nothing to be put back.
  if (status.phase !== '' && definition.finalizer !== undefined) {
    const spec = readSpec(definition.spec, resource)
    if (!spec.ok) return waitFor(runtime, frame, 'InvalidSpec', formatDiagnostic(spec.problem))
    let answer: { readonly done: boolean; readonly result: CheckedResult }
    try {
      answer = await callFinalizer(runtime, frame, spec.value)
    } catch (error) {
      if (error instanceof WorkerAborted) throw error
      frame.log.error({ err: error }, 'finalizer failed')
      runtime.observer.workerFailed(finalizerPhase)
      const text = `the finalizer failed: ${describeFailure(error, runtime.client.server)}`
      await report(runtime, frame, { ready: notReady('FinalizerError', text) })
      return { result: 'retry' }
    }
    const { done, result } = answer
    if (done) return release(runtime, frame, result)
    const message = result.reason ?? 'the resource is being deleted'
    const ready = { type: 'Ready', status: 'Unknown', reason: 'Finalizing', message } as const
    const settled = await settle(runtime, frame, { phase: undefined, result, ready })
    if (!settled.settled) return settled.outcome
    if (result.after !== undefined) return { result: 'later', after: result.after }
    return { result: 'resync', after: settings.workInterval }
  }
  return release(runtime, frame, nothingNew)
}

/**
 * Gives up everything: the shares in traffic, the objects, and at last the finalizer. Of the finalizer's last result only the
 * native objects matter: what it leaves unsaid about traffic is not kept, because that may name what is gone by now.
 */
async function release(runtime: Runtime, frame: Frame, result: Pick<CheckedResult, 'natives'>): Promise<SyncOutcome> {
  const { dependencies, informers, kind, kinds, natives, project, statusWriter, traffic } = runtime
  const { key, namespace, owner, reads } = frame
  const resource = informers.of(kind).store.get(frame.resource.metadata) ?? frame.resource
  const scope = traffic.scope(resource, {})
  return traffic.exclusively(key, scope, async () => {
    const plan = traffic.plan(resource, undefined, scope, reads)
    if (plan.refusals.length > 0) {
      const now = { ...frame, resource, status: readStatus(resource) }
      return waitFor(runtime, now, 'TrafficRefused', formatAll(plan.refusals))
    }
    const wanted = natives.plan(result.natives, namespace)
    await natives.applyFirst(key, owner, wanted)
    await traffic.apply(key, plan)
    await traffic.prune(key, plan)
    await natives.applyLast(key, owner, wanted)
    const names = new Set(project.phases.flatMap(({ outputs }) => outputs))
    await natives.removeAll(
      key,
      owner,
      [...names].flatMap((name) => kinds.get(name) ?? []),
    )
    await statusWriter.removeFinalizer(resource, finalizerName(project))
    frame.log.info('resource released')
    dependencies.forget(key)
    return { result: 'done' }
  })
}

async function callFinalizer(runtime: Runtime, frame: Frame, spec: unknown) {
  const { clock, definition, kinds, metrics, observer, project, settings } = runtime
  const { key, log, namespace, reads, resource, status } = frame
  const now = clock.now()
  const started = clock.elapsed()
  const all = (side: 'inputs' | 'outputs') => [...new Set(project.phases.flatMap((phase) => phase[side]))]
  const call = { phase: finalizerPhase, resource: key, clock, timeout: settings.workerTimeout, signal: frame.signal }
  try {
    const answer: unknown = await callWorker(call, (signal) =>
      definition.finalizer?.sync({
        resource: structuredClone({ ...resource, spec }),
        inputs: createInputs(runtime, {
          phase: finalizerPhase,
          declared: all('inputs'),
          namespace,
          metrics: metricsInput(metrics, project.queries, namespace, signal),
          reads,
        }),
        now,
        command: undefined,
        entered: enteredAt(status.phaseHistory, status.phase) ?? now,
        log,
        signal,
      }),
    )
    const phase = { name: finalizerPhase, outputs: all('outputs') }
    const rules = { phase, project, kinds, status: definition.status, namespace }
    const result = checkResult(answer, rules, resultFields)
    const done = isRecord(answer) ? answer['done'] : undefined
    if (typeof done === 'boolean') return { done, result }
    throw new DiagnosticError([diagnostic('AP4007', { phase: finalizerPhase, problem: 'done is not true or false' })])
  } finally {
    observer.workerCalled(finalizerPhase, clock.elapsed() - started)
  }
}

async function waitFor(runtime: Runtime, frame: Frame, reason: string, message: string): Promise<SyncOutcome> {
  await report(runtime, frame, { ready: notReady(reason, message) })
  return { result: 'resync', after: runtime.settings.workInterval }
}
