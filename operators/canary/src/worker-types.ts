import type { OutputsOf, StatusPatch } from '../../../src/operator/phase-types.ts'
import type { CanaryDeploymentStatus, EvaluatingWorker, WaitingPhase, WaitingWorker } from './generated/phases.ts'

/** What every phase can read. */
export type CommonContext = Parameters<WaitingWorker['sync']>[0]
export type EvaluatingContext = Parameters<EvaluatingWorker['sync']>[0]
/** What a worker answers, without the promise around it. */
export type ReturnOf<W extends { sync(context: never): unknown }> = Awaited<ReturnType<W['sync']>>
export type Outputs = OutputsOf<WaitingPhase>
export type Patch = StatusPatch<CanaryDeploymentStatus>
