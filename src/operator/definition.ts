import type { z } from 'zod'
import type { MeshProvider } from '../mesh/adapter.ts'
import type { Finalizer, Worker } from './worker.ts'

/**
 * The code of a project: what its autopilot.yaml cannot say. `src/operator.ts` of a project exports one as default.
 */
export interface OperatorDefinition {
  /** Defines `spec`: types for workers, defaults, and the CRD's schema. */
  readonly spec: z.ZodObject
  /** The workers' own fields of `status`. */
  readonly status: z.ZodObject
  /** One per phase that is not final, by the phase's name. */
  readonly workers: Readonly<Record<string, Worker>>
  /** Meshes besides those that come with Autopilot, for `meshProvider` to name. */
  readonly meshes?: readonly MeshProvider[]
  /** Present when autopilot.yaml says `enableFinalizer: true`. */
  readonly finalizer?: Finalizer
}

/** States a project's code; only checks its type. */
export function defineOperator<Definition extends OperatorDefinition>(definition: Definition): Definition {
  return definition
}
