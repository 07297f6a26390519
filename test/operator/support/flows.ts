import { z } from 'zod'
import type { TrafficSplit } from '../../../src/mesh/outputs.ts'
import type { OperatorDefinition } from '../../../src/operator/definition.ts'
import type { PhaseResult, Worker, WorkerContext } from '../../../src/operator/worker.ts'
import { flowProject, phase } from './world.ts'

/** A split of `apex` between `<apex>-primary` and `<apex>-canary`. */
export function split(weight: number, apex = 'web', fields: Partial<TrafficSplit> = {}): TrafficSplit {
  const backends = [
    { service: `${apex}-primary`, weight: 100 - weight },
    { service: `${apex}-canary`, weight },
  ]
  return { name: apex, service: apex, backends, ...fields }
}

/** A worker of one line. */
export function worker(sync: (context: WorkerContext) => unknown): Worker {
  return { sync: (context) => sync(context) as PhaseResult }
}

export function definition(
  workers: Record<string, (context: WorkerContext) => unknown>,
  fields: Partial<OperatorDefinition> = {},
): OperatorDefinition {
  return {
    spec: z.looseObject({}),
    status: z.object({ weight: z.number(), note: z.string() }),
    workers: Object.fromEntries(Object.entries(workers).map(([name, sync]) => [name, worker(sync)])),
    ...fields,
  }
}

export function specOf<T extends object>({ resource }: WorkerContext): T {
  return resource.spec as T
}

export function statusOf({ resource }: WorkerContext): { readonly weight?: number; readonly note?: string } {
  return (resource.status ?? {}) as { weight?: number; note?: string }
}

/** One phase `Running` that emits traffic and config maps, and a final one. */
export const runningProject = flowProject([
  phase('Running', {
    initial: true,
    inputs: ['configmaps', 'services', 'trafficsplits', 'metrics'],
    outputs: ['trafficsplits', 'httproutegroups', 'configmaps', 'services'],
  }),
  phase('Finished', { final: true }),
])

/** Shifts by ten every ten seconds until half is reached, then finishes. */
export const shiftingProject = flowProject([
  phase('Shifting', { initial: true, outputs: ['trafficsplits'] }),
  phase('Finished', { final: true }),
])

export const shifting: OperatorDefinition = definition(
  {
    Shifting(context) {
      const weight = (statusOf(context).weight ?? 0) + specOf<{ step: number }>(context).step
      if (weight > 50) return { next: 'Finished', reason: 'half of the traffic is shifted' }
      const outputs = { trafficsplits: [split(weight, context.resource.metadata.name)] }
      return { outputs, status: { weight }, after: '10s', reason: `${weight} % shifted` }
    },
  },
  { spec: z.object({ step: z.number().default(10) }) },
)
