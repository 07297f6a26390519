import { diagnostic } from '../diagnostics/catalogue.ts'
import { formatDiagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject, ObjectRef } from '../kube/object.ts'
import { compareServices, serviceName } from '../mesh/service.ts'
import type { Phase } from '../project/project.ts'
import { type Command, type CommandRecord, describeCommand } from './command.ts'
import { noteOrders, recordOf, remembered, tellCommand } from './commanding.ts'
import { type ConditionChange, isNews, isReady, notReady } from './conditions.ts'
import type { Contribution } from './contributions.ts'
import type { SyncOutcome } from './controller.ts'
import { describeFailure } from './failure.ts'
import { finalize } from './finalization.ts'
import { enteredAt } from './history.ts'
import { createInputs } from './inputs.ts'
import { metricsInput } from './metrics-input.ts'
import { type Orders, ordersOf, verbsOf } from './orders.ts'
import { pauseOf } from './pause.ts'
import { type CheckedResult, checkResult } from './phase-result.ts'
import { finalizerName, type Runtime } from './runtime.ts'
import { nothingNew, settle, stillPending } from './settle.ts'
import { readSpec } from './spec-reading.ts'
import { describe } from './status-reading.ts'
import { StaleResourceError } from './status-writer.ts'
import { type Frame, openFrame, report } from './sync-frame.ts'
import { callWorker, WorkerAborted } from './worker-call.ts'

/**
 * One sync of one resource: which phase it is in, its worker's inputs, the worker, its outputs, the next phase.
 *
 * Guarantees: level-triggered, everything is derived from the cluster's objects; a sync to which nothing has to be changed
 * writes nothing and reads nothing from the API server; whatever user code or a resource's content is, the answer is a
 * condition on that resource and never a crash.
 */
export class Scheduler {
  readonly #runtime: Runtime
  readonly #running = new Map<string, AbortController>()
  /** What resources that are gone asked for, until it has been looked at. */
  readonly #left = new Map<string, Left>()

  /** Whether the CRD has been found to keep what says that a command was handled. */
  #remembers = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** The resource is being deleted, or gone: what its worker is doing now is of no use any more. */
  interrupt(key: string): void {
    this.#running.get(key)?.abort()
  }

  /** The resource is gone, and this is what it asked for. */
  gone(key: string, contribution: Contribution): void {
    const before = this.#left.get(key)
    const apexes = [...(before?.apexes ?? []), ...contribution.apexes].map((apex) => [serviceName(apex), apex] as const)
    const namespaces = [...(before?.namespaces ?? []), ...contribution.namespaces]
    this.#left.set(key, {
      apexes: [...new Map(apexes).values()],
      namespaces: [...new Set(namespaces)],
      uids: [...(before?.uids ?? []), contribution.owner.uid],
    })
  }

  async sync(key: string, stop: AbortSignal): Promise<SyncOutcome> {
    const { dependencies, faults, informers, kind, settings } = this.#runtime
    const faulty = faultNamespace(key)
    if (faulty !== undefined)
      return (await faults?.reconcile(faulty, stop, settings.workInterval)) ?? { result: 'done' }
    const resource = informers.of(kind).store.get(refOf(key))
    if (resource === undefined) dependencies.forget(key)
    // Also when there is another one of the name by now, which has to ask for it anew.
    if ((resource === undefined || this.#left.has(key)) && !(await this.#swept(key))) return { result: 'retry' }
    if (resource === undefined) return { result: 'done' }
    const running = new AbortController()
    this.#running.set(key, running)
    const reads = dependencies.begin(key)
    const frame = openFrame(this.#runtime, resource, reads, AbortSignal.any([stop, running.signal]))
    try {
      const outcome = await this.#syncFrame(frame)
      reads.finish()
      return outcome
    } catch (error) {
      if (error instanceof WorkerAborted) return { result: 'done' }
      if (error instanceof StaleResourceError) return { result: 'retry' }
      return await this.#fail(frame, error)
    } finally {
      this.#running.delete(key)
    }
  }

  async #syncFrame(opened: Frame): Promise<SyncOutcome> {
    const { definition, project, settings } = this.#runtime
    if (opened.resource.metadata.deletionTimestamp !== undefined) return finalize(this.#runtime, opened)
    const frame = await this.#withFinalizer(opened)
    const { resource, status } = frame
    const spec = readSpec(definition.spec, resource)
    if (!spec.ok) {
      const ready = notReady('InvalidSpec', formatDiagnostic(spec.problem))
      return this.#rest(frame, status.phase || undefined, ready)
    }
    const phase = project.phases.find(({ name, initial }) => (status.phase === '' ? initial : name === status.phase))
    if (phase === undefined) return this.#unknownPhase(frame)
    const pause = phase.final ? undefined : pauseOf(resource, project)
    if (pause !== undefined) return this.#rest(frame, phase.name, notReady('Paused', pause))
    const orders = await this.#ordersOf(frame, phase)
    if (await noteOrders(this.#runtime, frame, orders)) return { result: 'again' }
    if (phase.final) return this.#ended(frame, phase, orders)
    const wait = await stillPending(this.#runtime, frame)
    if (wait !== undefined) return { result: 'later', after: wait }
    let result: WorkerAnswer
    try {
      result = await this.#work(frame, phase, { ...resource, spec: spec.value }, orders.command)
    } catch (error) {
      if (error instanceof WorkerAborted) throw error
      return this.#workerFailed(frame, phase, error)
    }
    const { next, reason, after, command } = result
    const ready = readyAfter(phase, result)
    const settled = await settle(this.#runtime, frame, { phase: phase.name, result, ready, command })
    if (!settled.settled) return settled.outcome
    if (command !== undefined) tellCommand(this.#runtime, frame, command)
    if (ready.status === 'False' && isNews(status.conditions, ready)) {
      this.#runtime.events.record({ regarding: resource, type: 'Warning', reason: ready.reason, note: ready.message })
    }
    if (next !== undefined) {
      this.#phaseChanged(frame, phase.name, next, reason)
      return { result: 'again' }
    }
    if (settled.repaired) return { result: 'again' }
    if (after !== undefined) return { result: 'later', after }
    return { result: 'resync', after: settings.workInterval }
  }

  async #ordersOf(frame: Frame, phase: Phase): Promise<Orders> {
    const orders = ordersOf(frame.resource, frame.status, phase, this.#runtime.project)
    if (orders.command === undefined || this.#remembers) return orders
    const checked = await remembered(this.#runtime, frame, orders.command)
    this.#remembers = checked.command !== undefined
    return checked
  }

  async #withFinalizer(frame: Frame): Promise<Frame> {
    const { project, statusWriter } = this.#runtime
    if (!project.enableFinalizer) return frame
    const resource = await statusWriter.addFinalizer(frame.resource, finalizerName(project))
    return { ...frame, resource }
  }

  async #work(frame: Frame, phase: Phase, resource: KubeObject, command: Command | undefined): Promise<WorkerAnswer> {
    const runtime = this.#runtime
    const { clock, definition, kinds, metrics, observer, project, settings } = runtime
    const { key, log, namespace, reads, status } = frame
    const now = clock.now()
    const started = clock.elapsed()
    const worker = definition.workers[phase.name]
    let looked = false
    const call = { phase: phase.name, resource: key, clock, timeout: settings.workerTimeout, signal: frame.signal }
    try {
      const result = await callWorker(call, (signal) => {
        const inputs = createInputs(runtime, {
          phase: phase.name,
          declared: phase.inputs,
          namespace,
          metrics: metricsInput(metrics, project.queries, namespace, signal),
          reads,
        })
        const entered = enteredAt(status.phaseHistory, phase.name) ?? now
        return worker?.sync({
          resource: structuredClone(resource),
          inputs,
          now,
          entered,
          get command() {
            looked = true
            return command && { ...command }
          },
          log: log.child({ phase: phase.name }),
          signal,
        })
      })
      const rules = { phase, project, kinds, status: definition.status, namespace, commanded: command !== undefined }
      const checked = checkResult(result, rules)
      const { refuses } = checked
      return { ...checked, command: command && recordOf(command, phase.name, { looked, refuses }) }
    } finally {
      observer.workerCalled(phase.name, clock.elapsed() - started)
    }
  }

  /** Nothing to work on: what is there is kept as it should be. */
  async #rest(frame: Frame, phase: string | undefined, ready: ConditionChange): Promise<SyncOutcome> {
    const settled = await settle(this.#runtime, frame, { phase, result: nothingNew, ready })
    return settled.settled ? { result: 'done' } : settled.outcome
  }

  /** A final phase has no worker: a verb that leads out of it is carried out here. */
  async #ended(frame: Frame, phase: Phase, { command }: Orders): Promise<SyncOutcome> {
    const { project } = this.#runtime
    const next = verbsOf(project, phase.name).find(({ name }) => name === command?.verb)?.next
    if (command === undefined || next === undefined)
      return this.#rest(frame, phase.name, isReady('Finished', `the workflow has ended in the phase ${phase.name}`))
    const record = { ...command, phase: phase.name }
    const reason = describeCommand(command)
    const settled = await settle(this.#runtime, frame, {
      phase: phase.name,
      result: { ...nothingNew, next, reason },
      ready: isReady('Synced', reason),
      command: record,
    })
    if (!settled.settled) return settled.outcome
    tellCommand(this.#runtime, frame, record)
    this.#phaseChanged(frame, phase.name, next, reason)
    return { result: 'again' }
  }

  async #unknownPhase(frame: Frame): Promise<SyncOutcome> {
    const { resource, status } = frame
    const known = this.#runtime.project.phases.map(({ name }) => name).join(', ')
    const problem = diagnostic('AP4001', { resource: describe(resource), phase: status.phase, known })
    frame.log.warn({ phase: status.phase }, 'unknown phase')
    await report(this.#runtime, frame, { ready: notReady('UnknownPhase', formatDiagnostic(problem)) })
    return { result: 'done' }
  }

  async #workerFailed(frame: Frame, phase: Phase, error: unknown): Promise<SyncOutcome> {
    const { client, observer } = this.#runtime
    frame.log.error({ phase: phase.name, err: error }, 'worker failed')
    observer.workerFailed(phase.name)
    const ready = notReady(
      'WorkerError',
      `the worker of ${phase.name} failed: ${describeFailure(error, client.server)}`,
    )
    await report(this.#runtime, frame, { phase: phase.name, ready })
    return { result: 'retry' }
  }

  /** Something could not be read or written. Said on the resource, if that at least can be written. */
  async #fail(frame: Frame, error: unknown): Promise<SyncOutcome> {
    const { client, informers, kind } = this.#runtime
    frame.log.warn({ err: error }, 'sync failed')
    const resource = informers.of(kind).store.get(frame.resource.metadata)
    // Only on top of what this sync has seen: a newer state is the next sync's to judge.
    if (resource?.metadata.resourceVersion !== frame.resource.metadata.resourceVersion) return { result: 'retry' }
    try {
      await report(this.#runtime, frame, { ready: notReady('ApplyFailed', describeFailure(error, client.server)) })
    } catch (second) {
      frame.log.debug({ err: second }, 'status not written')
    }
    return { result: 'retry' }
  }

  #phaseChanged({ log, resource }: Frame, phase: string, next: string, reason: string | undefined): void {
    const { events, observer } = this.#runtime
    log.info({ phase, next, reason }, 'phase finished')
    observer.phaseChanged(phase, next)
    const note = `${phase} → ${next}${reason === undefined ? '' : `: ${reason}`}`
    events.record({ regarding: resource, type: 'Normal', reason: 'PhaseChanged', note })
  }

  /** Sweeps after a resource that is gone; says whether that is done. */
  async #swept(key: string): Promise<boolean> {
    try {
      await this.#sweep(key)
      return true
    } catch (error) {
      if (!(error instanceof StaleResourceError))
        this.#runtime.log.warn({ resource: key, err: error }, 'what a deleted resource left is not taken away yet')
      return false
    }
  }

  /** Takes away what the garbage collector cannot: objects whose owner was in another namespace, and annotations of Services. */
  async #sweep(key: string): Promise<void> {
    const { contributions, meshObjects, traffic } = this.#runtime
    const { namespace } = refOf(key)
    const left = this.#left.get(key)
    // What the last sync wrote for it the status may not have told any more.
    const owned = (left?.uids ?? []).flatMap((uid) => meshObjects.apexesOwnedBy(uid))
    const known = new Map([...(left?.apexes ?? []), ...owned].map((apex) => [serviceName(apex), apex]))
    const apexes = [...known.values()].filter(
      (apex) => apex.namespace !== namespace && contributions.to(apex).size === 0,
    )
    const namespaces = (left?.namespaces ?? []).filter(
      (other) => other !== namespace && contributions.protecting(other).size === 0,
    )
    const annotated = traffic.annotatedFor(key, left?.apexes ?? []).filter((apex) => contributions.to(apex).size === 0)
    const all = new Map([...apexes, ...annotated].map((apex) => [serviceName(apex), apex]))
    const scope = { apexes: [...all.values()].sort(compareServices), routes: [], namespaces: namespaces.toSorted() }
    await traffic.exclusively(key, scope, () => {
      const policies = { namespaces, refused: new Set<string>() }
      return traffic.prune(key, { apexes, objects: [], annotations: traffic.withoutAnnotations(annotated), policies })
    })
    // What has gone meanwhile is swept after next.
    if (this.#left.get(key) === left) this.#left.delete(key)
  }
}

/** What resources of one name asked for that are gone. */
interface Left extends Pick<Contribution, 'apexes' | 'namespaces'> {
  readonly uids: readonly string[]
}

/** What a worker answered, and the command that is done with when all of it has taken effect. */
interface WorkerAnswer extends CheckedResult {
  readonly command: CommandRecord | undefined
}

/** What `Ready` says when everything in a worker's result has taken effect. */
function readyAfter(phase: Phase, { next, problem, reason }: CheckedResult): ConditionChange {
  if (problem !== undefined) return notReady('Blocked', problem)
  return isReady('Synced', reason ?? `in the phase ${next ?? phase.name}`)
}

const faultsOf = 'fault backends of '

/** The key under which the fault backends of a namespace are worked on. No resource has such a name. */
export function faultsKey(namespace: string): string {
  return `${faultsOf}${namespace}`
}

function faultNamespace(key: string): string | undefined {
  return key.startsWith(faultsOf) ? key.slice(faultsOf.length) : undefined
}

/** The name behind a key of `keyOf`. */
function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
