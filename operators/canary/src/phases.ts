import type { FinalizerWorker, OutputsOf, PhaseWorker, StatusPatch } from '../../../src/operator/phase-types.ts'
import type { CanaryDeployment, CanaryStatus } from './spec.ts'

/** The types of autopilot.yaml's phases. */
type Objects = 'deployments' | 'services' | 'horizontalpodautoscalers' | 'trafficsplits'

interface Phase<Inputs extends string, Next extends string> {
  resource: CanaryDeployment
  inputs: Inputs
  outputs: Objects
  next: Next
  status: CanaryStatus
  kinds: { canarydeployments: CanaryDeployment }
}

export type InitializingWorker = PhaseWorker<Phase<Objects | 'canarydeployments', 'Waiting'>>
export type WaitingWorker = PhaseWorker<Phase<Objects, 'Evaluating'>>
export type EvaluatingWorker = PhaseWorker<Phase<Objects | 'metrics', 'Promoting' | 'RollBack'>>
export type PromotingWorker = PhaseWorker<Phase<Objects, 'Waiting' | 'RollBack'>>
export type RollBackWorker = PhaseWorker<Phase<Objects, 'Waiting'>>
export type CanaryFinalizer = FinalizerWorker<Phase<Objects, never>>

/** What every phase can read. */
export type CommonContext = Parameters<WaitingWorker['sync']>[0]
export type EvaluatingContext = Parameters<EvaluatingWorker['sync']>[0]
/** What a worker answers, without the promise around it. */
export type ReturnOf<W extends { sync(context: never): unknown }> = Awaited<ReturnType<W['sync']>>
export type Outputs = OutputsOf<Phase<Objects, string>>
export type Patch = StatusPatch<CanaryStatus>
