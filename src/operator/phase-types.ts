import type { z } from 'zod'
import type { KubeObject } from '../kube/object.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import type { NativeKinds } from './kinds.ts'
import type { WorkflowStatus } from './status.ts'
import type { Finalizer, FinalizerResult, InputOf, OutputOf, PhaseResult, Worker, WorkerContext } from './worker.ts'

/** The resource of a project, from its zod definitions: spec with its defaults filled in, status with the workers' fields. */
export type ResourceOf<Spec extends z.ZodObject, Status extends z.ZodObject> = KubeObject & {
  readonly spec: z.output<Spec>
  readonly status?: WorkflowStatus & Partial<z.output<Status>>
}

/**
 * What a phase of autopilot.yaml declares, as a type. `next` is the union of the phases that may follow (`string` when the
 * file does not restrict them); `kinds` adds the types of custom parameters.
 */
export interface PhaseDeclaration {
  readonly resource: KubeObject
  /** Union of names of `inputs:`; `never` for none. */
  readonly inputs: string
  /** Union of names of `outputs:`; `never` for none. */
  readonly outputs: string
  readonly next: string
  /** The workers' own fields of `status`. */
  readonly status: object
  readonly kinds?: Record<string, KubeObject>
}

type KindsOf<Declaration> = Declaration extends { readonly kinds: infer Kinds extends Record<string, KubeObject> }
  ? NativeKinds & Kinds
  : NativeKinds

/** Exactly the declared inputs. */
export type InputsOf<Declaration extends Pick<PhaseDeclaration, 'inputs'>> = {
  readonly [Name in Declaration['inputs']]: InputOf<Name, KindsOf<Declaration>>
}

/**
 * Any of the declared outputs. The other names are forbidden one by one, because TypeScript does not look for excess
 * fields in what a contextually typed function returns.
 */
export type OutputsOf<Declaration extends Pick<PhaseDeclaration, 'outputs'>> = {
  readonly [Name in Declaration['outputs']]?: OutputOf<Name, KindsOf<Declaration>>
} & {
  readonly [Name in Exclude<keyof KindsOf<Declaration> | keyof NeutralOutputs, Declaration['outputs']>]?: never
}

/** Status fields to merge: any of them, `null` deletes one. The operator's own fields do not compile. */
export type StatusPatch<Status extends object> = {
  readonly [Field in keyof Status]?: Status[Field] | null
} & { readonly [Field in keyof WorkflowStatus]?: never }

/** The worker of one phase: an undeclared input, output or next phase does not compile. */
export type PhaseWorker<Declaration extends PhaseDeclaration> = Worker<
  WorkerContext<Declaration['resource'], InputsOf<Declaration>>,
  PhaseResult<Declaration['next'], OutputsOf<Declaration>, StatusPatch<Declaration['status']>>
>

/** The finalizer of a project; it may use what it declares and has no next phase. */
export type FinalizerWorker<Declaration extends Omit<PhaseDeclaration, 'next'>> = Omit<
  Finalizer<WorkerContext<Declaration['resource'], InputsOf<Declaration>>>,
  'sync'
> & {
  sync(
    context: WorkerContext<Declaration['resource'], InputsOf<Declaration>>,
  ):
    | FinalizerResult<OutputsOf<Declaration>, StatusPatch<Declaration['status']>>
    | Promise<FinalizerResult<OutputsOf<Declaration>, StatusPatch<Declaration['status']>>>
}
