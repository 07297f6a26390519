import type { KubeObject } from '../../kube/object.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { type Simulation, type SimulationOptions, simulate } from '../../simulator/simulation.ts'
import type { Step } from '../../simulator/timeline.ts'
import {
  canary,
  clients,
  images,
  namespace,
  oldVersion,
  podinfo,
  port,
  type ScenarioName,
  scenarioOf,
} from './podinfo.ts'
import { type RunResult, type StepResult, stepResult, type TransitionResult, transitionResult } from './result.ts'

/** What is tried out: the operator that all runs share. */
export type Workflow = Pick<SimulationOptions, 'project' | 'definition' | 'crds'>

/** Hears of a run while it goes on. */
export interface RunListener {
  /** The simulation is there; nothing has happened in it yet. */
  started?(simulation: Simulation): void
  phase?(transition: TransitionResult): void
  /** A step that is over. */
  step?(step: StepResult): void
  /** Something went on; called many times a second of virtual time. */
  tick?(current: () => StepResult | undefined, seconds: () => number): void
}

export interface RunOptions {
  readonly workflow: Workflow
  readonly provider: MeshProvider
  readonly scenario: ScenarioName
  readonly seed: number
  readonly speed?: number | undefined
  readonly listener?: RunListener
  readonly signal?: AbortSignal
}

const target = { namespace, name: 'podinfo' }
const minute = 60_000
const requestsPerSecond = 100
/** How long a canary that nobody calls is watched before it is said to be waiting. */
const patience = 10 * minute

/** Takes one canary of podinfo to its verdict. The simulation stands there afterwards, for whoever wants to go on with it. */
export async function runScenario(options: RunOptions): Promise<{ result: RunResult; simulation: Simulation }> {
  const scenario = scenarioOf[options.scenario]
  const simulation = await simulate({
    ...options.workflow,
    adapter: options.provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed: options.seed,
    speed: options.speed,
    resource: { namespace, name: canary.metadata.name },
    signal: options.signal,
    traffic: {
      rate: 0,
      apex: target,
      port,
      source: { namespace, name: 'shoppers' },
      clients,
      versions: { [images.old]: oldVersion, [images.new]: scenario.newVersion },
    },
  })
  try {
    const start = simulation.clock.now()
    options.listener?.started?.(simulation)
    const tellLast = listen(simulation, options.listener ?? {}, start)
    await play(simulation, options.scenario)
    tellLast()
    return { result: resultOf(simulation, options, start), simulation }
  } catch (error) {
    await simulation.stop()
    throw error
  }
}

async function play(simulation: Simulation, name: ScenarioName): Promise<void> {
  const { timeline } = simulation
  const scenario = scenarioOf[name]
  await simulation.apply(podinfo)
  await simulation.runUntil(
    () => isAvailable(simulation.object({ group: 'apps', kind: 'Deployment' }, target)),
    5 * minute,
  )
  simulation.traffic.rate = requestsPerSecond
  await simulation.apply([canary])
  await simulation.runUntil(() => timeline.phase === 'Waiting', 30 * minute)
  await simulation.runFor(minute)
  if (!scenario.traffic) simulation.traffic.rate = 0
  await simulation.setImage(target, 'podinfod', images.new)
  await simulation.runUntil(() => timeline.phase === 'Evaluating', 5 * minute)
  await simulation.runUntil(() => timeline.phase === 'Waiting', scenario.traffic ? 60 * minute : patience)
  await simulation.runFor(minute)
}

/**
 * A step is told when it is over, or when a phase that it was tried in is: what came of the last step explains the next phase.
 */
function listen({ timeline, traffic, clock }: Simulation, listener: RunListener, start: number): () => void {
  const told = new Set<Step>()
  const result = (step: Step) => stepResult(step, { start, now: clock.now() })
  const tell = (step: Step | undefined) => {
    if (step === undefined || told.has(step)) return
    told.add(step)
    listener.step?.(result(step))
  }
  timeline.onEvent((event) => {
    if ('end' in event) return tell(event)
    const step = timeline.steps.at(-1)
    if (step !== undefined && result(step).requested > 0) tell(step)
    listener.phase?.(transitionResult(event, start))
  })
  const current = () => timeline.steps.at(-1)
  traffic.onAnswer(() =>
    listener.tick?.(
      () => {
        const step = current()
        return step && result(step)
      },
      () => (clock.now() - start) / 1000,
    ),
  )
  return () => tell(current())
}

function resultOf(simulation: Simulation, { provider, scenario, seed }: RunOptions, start: number): RunResult {
  const { timeline, invariants, clock } = simulation
  const times = { start, now: clock.now() }
  const phases = timeline.phases.map(({ phase }) => phase)
  return {
    mesh: provider.name,
    scenario,
    verdict: verdictOf(phases),
    phases,
    steps: timeline.steps.map((step) => stepResult(step, times)),
    apiCalls: simulation.operatorCalls(),
    objects: simulation.written(),
    errorsSeen: timeline.failedUsers.size,
    users: clients.reduce((sum, { users }) => sum + users, 0),
    requests: timeline.requests,
    transitions: timeline.phases.map((change) => transitionResult(change, start)),
    violations: invariants.violations.map(({ write, problem }) => `${problem}, after ${write}`),
    seconds: (times.now - start) / 1000,
    seed,
  }
}

/** The last word: what is neither promoted nor rolled back, and at rest again, is still waiting for something. */
function verdictOf(phases: readonly string[]): RunResult['verdict'] {
  if (phases.at(-1) !== 'Waiting' || !phases.includes('Evaluating')) return 'waiting'
  return phases.includes('RollBack') ? 'rolled-back' : 'promoted'
}

function isAvailable(deployment: KubeObject | undefined): boolean {
  const { spec, status } = (deployment ?? {}) as {
    spec?: { replicas?: number }
    status?: { availableReplicas?: number }
  }
  return status?.availableReplicas !== undefined && status.availableReplicas === spec?.replicas
}
