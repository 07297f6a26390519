import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock } from '../kube/clock.ts'
import type { RequestFacts } from '../kube/transport.ts'
import type { Project } from '../project/project.ts'
import type { ControllerObserver } from './controller.ts'
import type { WorkflowObserver } from './runtime.ts'
import type { QueueObserver } from './work-queue.ts'

/** Seconds; those of controller-runtime's reconcile_time_seconds. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]
/** Seconds; those of client-go's work queue, 10 ns to 1000 s by tens. */
const queueBuckets = Array.from({ length: 12 }, (_, index) => 10 ** (index - 8))
const workerBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300]

/** Everything an operator measures of itself. Names and labels are controller-runtime's where it has the thing too. */
export interface Telemetry {
  readonly registry: Registry
  readonly queue: QueueObserver
  readonly controller: ControllerObserver
  readonly workflow: WorkflowObserver
  /** For the hooks of the transport. */
  onRequest(report: RequestFacts): void
  concurrency(workers: number): void
  configReload(ok: boolean): void
}

/** `depth` tells how many keys are ready. Every series that can be known is there from the start, at 0. */
export function createTelemetry(
  project: Pick<Project, 'kind' | 'phases'>,
  { clock, depth }: { readonly clock: Clock; readonly depth: () => number },
): Telemetry {
  const registry = new Registry()
  const controller = project.kind.toLowerCase()
  const phases = project.phases.filter(({ final }) => !final).map(({ name }) => name)
  const workflow = workflowMetrics(registry, phases)
  const requests = counter(registry, 'rest_client_requests_total', 'Number of HTTP requests to the API server.', [
    'code',
    'method',
    'host',
  ])
  const workers = gauge(
    registry,
    'controller_runtime_max_concurrent_reconciles',
    'Maximum number of concurrent reconciles per controller.',
    ['controller'],
  )
  const reload = gauge(
    registry,
    'autopilot_config_reload_failed',
    'Whether the last edit of the operator configuration was invalid.',
  )
  reload.set(0)
  return {
    registry,
    workflow,
    controller: controllerMetrics(registry, controller),
    queue: queueMetrics(registry, controller, clock, depth),
    onRequest: ({ status, method, host }) =>
      requests.inc({ code: status === 0 ? '<error>' : String(status), method, host }),
    concurrency: (count) => workers.set({ controller }, count),
    configReload: (ok) => reload.set(ok ? 0 : 1),
  }
}

function workflowMetrics(registry: Registry, phases: readonly string[]): WorkflowObserver {
  const durations = histogram(
    registry,
    'autopilot_worker_duration_seconds',
    'Time that the worker of a phase took.',
    workerBuckets,
    ['phase'],
  )
  const failures = counter(registry, 'autopilot_worker_errors_total', 'Calls of workers that failed.', ['phase'])
  const transitions = counter(registry, 'autopilot_phase_transitions_total', 'Resources that went to another phase.', [
    'from',
    'to',
  ])
  for (const phase of phases) {
    durations.zero({ phase })
    failures.inc({ phase }, 0)
  }
  return {
    workerCalled: (phase, durationMs) => durations.observe({ phase }, durationMs / 1000),
    workerFailed: (phase) => failures.inc({ phase }),
    phaseChanged: (from, to) => transitions.inc({ from, to }),
  }
}

function controllerMetrics(registry: Registry, controller: string): ControllerObserver {
  const total = counter(registry, 'controller_runtime_reconcile_total', 'Total number of reconciliations.', [
    'controller',
    'result',
  ])
  const errors = counter(
    registry,
    'controller_runtime_reconcile_errors_total',
    'Total number of reconciliation errors.',
    ['controller'],
  )
  const panics = counter(
    registry,
    'controller_runtime_reconcile_panics_total',
    'Total number of reconciliation panics.',
    ['controller'],
  )
  const time = histogram(
    registry,
    'controller_runtime_reconcile_time_seconds',
    'Length of time per reconciliation.',
    reconcileBuckets,
    ['controller'],
  )
  const active = gauge(registry, 'controller_runtime_active_workers', 'Number of currently used workers.', [
    'controller',
  ])
  for (const result of ['success', 'error', 'requeue', 'requeue_after']) total.inc({ controller, result }, 0)
  errors.inc({ controller }, 0)
  panics.inc({ controller }, 0)
  time.zero({ controller })
  active.set({ controller }, 0)
  return {
    started: () => active.inc({ controller }),
    finished: (result, durationMs) => {
      active.dec({ controller })
      total.inc({ controller, result })
      if (result === 'error') errors.inc({ controller })
      time.observe({ controller }, durationMs / 1000)
    },
    panicked: () => panics.inc({ controller }),
  }
}

function queueMetrics(registry: Registry, name: string, clock: Clock, depth: () => number): QueueObserver {
  const labels = { name, controller: name }
  const names = ['name', 'controller']
  const started = new Map<string, number>()
  const adds = counter(registry, 'workqueue_adds_total', 'Total number of adds handled by workqueue.', names)
  const retries = counter(registry, 'workqueue_retries_total', 'Total number of retries handled by workqueue.', names)
  const waited = histogram(
    registry,
    'workqueue_queue_duration_seconds',
    'How long an item stays in workqueue before being requested.',
    queueBuckets,
    names,
  )
  const worked = histogram(
    registry,
    'workqueue_work_duration_seconds',
    'How long processing an item from workqueue takes.',
    queueBuckets,
    names,
  )
  const ages = () => [...started.values()].map((time) => (clock.elapsed() - time) / 1000)
  gauge(registry, 'workqueue_depth', 'Current depth of workqueue.', names, (own) => own.set(labels, depth()))
  gauge(
    registry,
    'workqueue_unfinished_work_seconds',
    'How many seconds of work is in progress and has not been observed by work_duration.',
    names,
    (own) =>
      own.set(
        labels,
        ages().reduce((total, age) => total + age, 0),
      ),
  )
  gauge(
    registry,
    'workqueue_longest_running_processor_seconds',
    'How many seconds the longest running processor has been running.',
    names,
    (own) => own.set(labels, Math.max(0, ...ages())),
  )
  adds.inc(labels, 0)
  retries.inc(labels, 0)
  waited.zero(labels)
  worked.zero(labels)
  return {
    added: () => adds.inc(labels),
    retried: () => retries.inc(labels),
    taken: (key, waitedMs) => {
      started.set(key, clock.elapsed())
      waited.observe(labels, waitedMs / 1000)
    },
    finished: (key) => {
      const time = started.get(key)
      if (time !== undefined) worked.observe(labels, (clock.elapsed() - time) / 1000)
      started.delete(key)
    },
  }
}

function counter(registry: Registry, name: string, help: string, labelNames: string[]): Counter {
  return new Counter({ name, help, labelNames, registers: [registry] })
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[] = [],
  collect: (own: Gauge) => void = () => {},
): Gauge {
  return new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      collect(this)
    },
  })
}

function histogram(registry: Registry, name: string, help: string, buckets: number[], labelNames: string[]): Histogram {
  return new Histogram({ name, help, buckets, labelNames, registers: [registry] })
}
