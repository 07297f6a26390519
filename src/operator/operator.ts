import type { Logger } from 'pino'
import { type Diagnostic, formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { BackOff, type Random } from '../kube/back-off.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import { Discovery } from '../kube/discovery.ts'
import { EventRecorder } from '../kube/events.ts'
import type { InformerHealth } from '../kube/informers.ts'
import { LeaseElection } from '../kube/lease.ts'
import type { Kind } from '../kube/object.ts'
import { ServerSideApplier } from '../kube/server-side-applier.ts'
import { SharedInformers } from '../kube/shared-informers.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { consultedKinds, kindsFor } from '../mesh/adapter-kinds.ts'
import { faultBackendSelector } from '../mesh/fault-backend-objects.ts'
import type { Installed } from '../mesh/installed.ts'
import { withoutIdleLimits } from '../mesh/served-kinds.ts'
import type { MetricsSource } from '../metrics/metrics.ts'
import { isNeutral, kindsOf } from '../project/native-kinds.ts'
import type { OperatorConfig, Project } from '../project/project.ts'
import { ApexAnnotations } from './apex-annotations.ts'
import { Attachments } from './attachments.ts'
import { checkDefinition } from './check-definition.ts'
import { Contests } from './contests.ts'
import { Contributions } from './contributions.ts'
import { Controller } from './controller.ts'
import type { OperatorDefinition } from './definition.ts'
import { Dependencies } from './dependencies.ts'
import { discoverMesh } from './discovered-mesh.ts'
import { Echoes } from './echoes.ts'
import { describeFailure } from './failure.ts'
import { faultBackendsFor } from './fault-backends.ts'
import { serveEndpoint } from './http-endpoint.ts'
import { MeshObjects } from './mesh-objects.ts'
import { NativeOutputs } from './native-outputs.ts'
import { installedRivals, Rivals } from './rivals.ts'
import type { Runtime, Settings } from './runtime.ts'
import { Scheduler } from './scheduler.ts'
import { StatusWriter } from './status-writer.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import { Traffic } from './traffic.ts'
import { watchCluster } from './watches.ts'
import { WorkQueue } from './work-queue.ts'

export interface OperatorDeps {
  readonly project: Project
  readonly definition: OperatorDefinition
  readonly config: OperatorConfig
  readonly client: KubeClient
  readonly adapter: MeshAdapter
  /** Makes the adapter anew for what the cluster has; `adapter` stays unless given. */
  readonly adapterFor?: (installed: Installed) => MeshAdapter
  readonly metrics: MetricsSource
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** This process and no other, such as its pod: holder of the Lease, source of Events. */
  readonly identity: string
  readonly options?: Partial<OperatorOptions>
}

/** Milliseconds where they are times. */
export interface OperatorOptions extends Omit<Settings, 'workInterval'> {
  /** Resources that are worked on at the same time. */
  readonly concurrency: number
  /** How long running syncs have to end when the operator stops. */
  readonly drainTimeout: number
}

const defaults: OperatorOptions = {
  concurrency: 4,
  acceptanceTimeout: 10_000,
  workerTimeout: 300_000,
  drainTimeout: 30_000,
}

/** An operator of one project on one cluster. */
export interface Operator {
  readonly telemetry: Telemetry
  /**
   * Works until the signal aborts, then ends what is under way and resolves. Trouble with the cluster is waited out; it
   * rejects with a DiagnosticError only for what waiting cannot mend, such as a metrics address that is taken.
   */
  run(signal: AbortSignal): Promise<void>
  /** Something is being worked on or could be at this instant; a worker that waits for the clock counts. */
  busy(): boolean
  /** It knows the cluster and works, or stands by for the leader. */
  ready(): boolean
  /** Why it cannot work now; empty when it can. */
  problems(): readonly string[]
  health(): readonly InformerHealth[]
  /** Takes over an edited configuration; what needs a new process is logged. Metrics sources are the caller's to exchange. */
  reconfigure(config: OperatorConfig): void
  /** An edit of the configuration was refused, and the one before stays in force. */
  configRefused(problems: readonly Diagnostic[]): void
}

/** Makes an operator. @throws DiagnosticError when the definition does not fit the project */
export function createOperator(deps: OperatorDeps): Operator {
  checkDefinition(deps)
  return new ProjectOperator(deps)
}

class ProjectOperator implements Operator {
  readonly telemetry: Telemetry
  readonly #deps: OperatorDeps
  readonly #options: OperatorOptions
  readonly #informers: SharedInformers
  /** Not among those that have to be there: an operator without rights to them does all the rest. */
  readonly #faultInformers: SharedInformers
  #runtime: Runtime & { readonly informers: SharedInformers; readonly events: EventRecorder }
  #scheduler: Scheduler
  readonly #queue: WorkQueue
  #config: OperatorConfig
  #controller: Controller | undefined
  #election: LeaseElection | undefined
  #synced = false
  #problem = 'the first lists are not there yet'

  constructor(deps: OperatorDeps) {
    const { client, clock, config, log, project, random } = deps
    this.#deps = deps
    this.#config = config
    this.#options = { ...defaults, ...deps.options }
    log.level = levelOf(config.logLevel)
    this.telemetry = createTelemetry(project, { clock, depth: () => this.#queue.depth() })
    this.#queue = new WorkQueue(clock, this.telemetry.queue)
    this.telemetry.concurrency(this.#options.concurrency)
    const namespace = config.watchNamespace === '' ? undefined : config.watchNamespace
    this.#informers = new SharedInformers({ client, namespace, clock, random, log })
    const labelSelector = faultBackendSelector
    this.#faultInformers = new SharedInformers({ client, namespace, clock, random, log, labelSelector })
    this.#runtime = this.#assembled(deps.adapter)
    this.#scheduler = new Scheduler(this.#runtime)
  }

  #assembled(adapter: MeshAdapter) {
    const settings = { ...this.#options, workInterval: this.#config.workInterval }
    const informers = { all: this.#informers, ofFaults: this.#faultInformers }
    return assemble({ ...this.#deps, adapter }, informers, this.telemetry, settings)
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#deps
    const { metricsAddr } = this.#config
    const endpoint =
      metricsAddr === ''
        ? undefined
        : await serveEndpoint(metricsAddr, { registry: this.telemetry.registry, problems: () => this.problems() })
    let unwatch = () => {}
    log.info({ mesh: this.#deps.adapter.name }, 'operator started')
    try {
      await this.#untilDiscovered(signal)
      if (!signal.aborted)
        unwatch = watchCluster(this.#runtime, this.#scheduler, (key, options) => this.#enqueue(key, options))
      await this.#untilSynced(signal)
      if (!signal.aborted) await (this.#config.enableLeaderElection ? this.#workAsLeader(signal) : this.#work(signal))
    } finally {
      unwatch()
      await this.#runtime.events.flush()
      await Promise.all([this.#informers.stop(), this.#faultInformers.stop()])
      await endpoint?.close()
      log.info('operator stopped')
    }
  }

  busy(): boolean {
    return this.#controller?.busy() ?? false
  }

  ready(): boolean {
    return this.problems().length === 0
  }

  problems(): readonly string[] {
    if (!this.#synced) return [this.#problem]
    const unlisted = this.health().filter(({ synced }) => !synced)
    const problems = unlisted.map(({ kind }) => `${kind.plural} cannot be listed`)
    // A leader works on until it steps down; who cannot even ask for the Lease stands by for nothing.
    const { leading = false, trouble } = this.#election ?? {}
    return leading || trouble === undefined ? problems : [...problems, trouble]
  }

  health(): readonly InformerHealth[] {
    return this.#runtime.informers.health()
  }

  reconfigure(config: OperatorConfig): void {
    const { log } = this.#deps
    const before = this.#config
    this.#config = config
    this.telemetry.configReload(true)
    this.#runtime.settings.workInterval = config.workInterval
    log.level = levelOf(config.logLevel)
    const restart = restartFields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(config[field]))
    if (restart.length > 0) log.warn({ fields: restart }, 'a restart is needed for these settings to take effect')
    log.info({ workInterval: config.workInterval, logLevel: config.logLevel }, 'configuration reloaded')
  }

  configRefused(problems: readonly Diagnostic[]): void {
    this.telemetry.configReload(false)
    this.#deps.log.error({ problems: problems.map(formatDiagnostic) }, 'configuration refused, the one before stays')
  }

  #enqueue(key: string, options?: Parameters<WorkQueue['add']>[1]): void {
    if (this.#controller === undefined) this.#queue.add(key, options)
    else this.#controller.add(key, options)
  }

  /** Finds out in which versions the mesh is there, and by which kinds others may route, however long the API server or the mesh is away. */
  async #untilDiscovered(signal: AbortSignal): Promise<void> {
    const { client, project } = this.#deps
    await this.#patiently(signal, async () => {
      const discovery = new Discovery(client)
      const adapter = await discoverMesh(this.#deps, discovery)
      const routes = project.phases.some(({ outputs }) => outputs.some(isNeutral))
      const rivals = routes ? await installedRivals(adapter, discovery) : []
      if (adapter !== this.#runtime.adapter) {
        this.#runtime = this.#assembled(adapter)
        this.#scheduler = new Scheduler(this.#runtime)
      }
      this.#runtime.rivals.installed(rivals)
    })
  }

  /** Waits for the first lists, however long rights or kinds are missing. */
  async #untilSynced(signal: AbortSignal): Promise<void> {
    await this.#patiently(signal, async () => {
      await this.#runtime.informers.ready(signal)
      this.#synced = true
    })
  }

  /** Does what fails only as long as somebody has something to mend, until it is done or the signal aborts. */
  async #patiently(signal: AbortSignal, action: () => Promise<void>): Promise<void> {
    const { client, clock, log, random } = this.#deps
    const backOff = new BackOff(
      { firstMs: 1_000, maxMs: 30_000, factor: 2, jitter: 0.2, resetAfterMs: 600_000 },
      clock,
      random,
    )
    while (!signal.aborted) {
      try {
        return await action()
      } catch (error) {
        if (signal.aborted) return
        const problem = describeFailure(error, client.server)
        if (problem !== this.#problem) log.error({ problem }, 'the cluster is not ready for this operator')
        this.#problem = problem
        await clock.sleep(backOff.next(), signal)
      }
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps
    const { concurrency, drainTimeout } = this.#options
    const controller = new Controller({
      queue: this.#queue,
      clock,
      log,
      concurrency,
      drainTimeout,
      observer: this.telemetry.controller,
      sync: (key, stop) => this.#scheduler.sync(key, stop),
    })
    this.#controller = controller
    controller.start()
    await aborted(signal)
    await controller.stop()
    this.#controller = undefined
  }

  /** A process that lost the Lease stands by again: its stores stay warm. */
  async #workAsLeader(signal: AbortSignal): Promise<void> {
    const { client, clock, identity, log, project, random } = this.#deps
    const { leaderElectionNamespace, watchNamespace } = this.#config
    const namespace = leaderElectionNamespace || watchNamespace || 'default'
    const election = new LeaseElection({
      client,
      clock,
      random,
      log,
      namespace,
      name: project.operatorName,
      identity,
    })
    this.#election = election
    while (!signal.aborted) {
      // The Lease is only given back when the last sync has ended.
      const done = new AbortController()
      let working: Promise<void> = Promise.resolve()
      const stop = () => void working.then(() => done.abort())
      signal.addEventListener('abort', stop, { once: true })
      await election.run(done.signal, (leadership) => {
        working = this.#work(AbortSignal.any([signal, leadership]))
      })
      signal.removeEventListener('abort', stop)
      await working
    }
  }
}

/** What is decided when the process starts. */
const restartFields = [
  'meshProvider',
  'metricsAddr',
  'watchNamespace',
  'enableLeaderElection',
  'leaderElectionNamespace',
  'clusterDomain',
  'trustDomain',
  'meshApiVersions',
  'faultBackend',
] as const satisfies readonly (keyof OperatorConfig)[]

interface OperatorInformers {
  readonly all: SharedInformers
  readonly ofFaults: SharedInformers
}

function assemble(
  deps: OperatorDeps,
  { all: informers, ofFaults }: OperatorInformers,
  telemetry: Telemetry,
  settings: Settings,
) {
  const { client, clock, definition, identity, log, metrics, project, random } = deps
  const manager = project.operatorName
  const { group, version, plural } = project
  const kind: Kind = { group, version, kind: project.kind, plural, namespaced: true }
  const applier = new ServerSideApplier({ client, informers, manager })
  const echoes = new Echoes()
  const names = project.phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
  const adapter = withoutIdleLimits(deps.adapter, names)
  const contributions = new Contributions(kind, adapter.podLimits !== undefined)
  const meshObjects = new MeshObjects(informers, kindsFor(adapter, names), manager)
  const contests = new Contests({ client, clock, random, manager })
  const consulted = consultedKinds(adapter, names)
  const beside = consulted.length === 0 ? [] : [...consulted, ...adapter.kinds]
  const shared = { adapter, beside, client, contributions, echoes, informers, log, manager, meshObjects }
  const attachments = new Attachments({ ...shared, contests })
  const annotations = new ApexAnnotations(shared)
  const rivals = new Rivals(adapter, manager, kind)
  const faults = faultBackendsFor(project, {
    ...shared,
    pod: deps.config.faultBackend,
    services: informers,
    informers: ofFaults,
  })
  return {
    project,
    definition,
    kind,
    kinds: kindsOf(project),
    client,
    informers,
    applier,
    events: new EventRecorder({ client, clock, component: manager, instance: identity, log }),
    adapter,
    beside,
    metrics,
    clock,
    log,
    settings,
    observer: telemetry.workflow,
    contributions,
    dependencies: new Dependencies(),
    echoes,
    faults,
    meshObjects,
    rivals,
    natives: new NativeOutputs({ applier, informers, meshObjects, echoes }),
    statusWriter: new StatusWriter({ client, informers, echoes, kind, manager }),
    traffic: new Traffic({ ...shared, applier, rivals, faults, attachments, annotations, clock }),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function levelOf(logLevel: number): string {
  return ['debug', 'info', 'warn', 'error'][logLevel] ?? 'error'
}
