import type { OutputsOf, StatusPatch } from '../../../src/operator/phase-types.ts'
import type {
  CanaryDeploymentStatus,
  EvaluatingWorker,
  PromotingWorker,
  WaitingPhase,
  WaitingWorker,
} from './generated/phases.ts'

/** What every phase can read. */
export type CommonContext = Omit<WaitingContext, 'command'>
export type WaitingContext = Parameters<WaitingWorker['sync']>[0]
export type EvaluatingContext = Parameters<EvaluatingWorker['sync']>[0]
export type PromotingContext = Parameters<PromotingWorker['sync']>[0]
export type Outputs = OutputsOf<WaitingPhase>
export type Patch = StatusPatch<CanaryDeploymentStatus>
