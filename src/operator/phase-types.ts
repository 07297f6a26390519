import type { z } from 'zod'
import type { KubeObject } from '../kube/object.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import type { Command } from './command.ts'
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
  /** Union of the verbs that may be said in the phase; absent for none. */
  readonly verbs?: string
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
 * The command that a worker of the phase may be given. Its verb is one that the phase allows, and carries the phase's name for the
 * compiler to print where another one is asked for.
 */
export type CommandOf<Declaration extends object> = Declaration extends { readonly verbs: infer Verb extends string }
  ? Command<Verb & AllowedIn<Declaration>>
  : NoVerbAllowedIn<Declaration>

interface AllowedIn<Declaration> {
  readonly [undeclared]?: Told<[Declaration]>
}

/** Of no value at all: the type of what a worker is never given. */
interface NoVerbAllowedIn<Declaration> {
  readonly [undeclared]: Told<[Declaration]>
}

/** Of no value at all: compilers print its name, with that of the phase, where a worker emits what the phase does not declare. */
export interface UndeclaredOutput<Declaration, Name extends PropertyKey> {
  readonly [undeclared]: Told<[Declaration, Name]>
}

/** Of no value at all: where a worker sets a field of `status` that is the operator's own. */
export interface StatusFieldOfOperator<Declaration, Field extends PropertyKey> {
  readonly [undeclared]: Told<[Declaration, Field]>
}

declare const undeclared: unique symbol

/** The same whatever is told, so that what one phase may emit can be passed on by another that may emit it too. */
type Told<Facts> = Facts extends unknown ? true : true

/**
 * Any of the declared outputs. The other names are forbidden one by one, because TypeScript does not look for excess
 * fields in what a contextually typed function returns; names that nobody knows are found where a worker gives the type of its result.
 */
export type OutputsOf<Declaration extends Pick<PhaseDeclaration, 'outputs'>> = {
  readonly [Name in Declaration['outputs']]?: OutputOf<Name, KindsOf<Declaration>>
} & {
  readonly [Name in Exclude<
    keyof KindsOf<Declaration> | keyof NeutralOutputs,
    Declaration['outputs']
  >]?: UndeclaredOutput<Declaration, Name>
}

/** Status fields to merge: any of them, `null` deletes one. The operator's own fields do not compile. */
export type StatusOf<Declaration extends Pick<PhaseDeclaration, 'status'>> = {
  readonly [Field in keyof Declaration['status']]?: Declaration['status'][Field] | null
} & { readonly [Field in keyof WorkflowStatus]?: StatusFieldOfOperator<Declaration, Field> }

/** The same for the fields of a status, whatever the phase. */
export type StatusPatch<Status extends object> = StatusOf<{ readonly status: Status }>

/**
 * What the worker of a phase answers. Given as the type of what `sync` returns, it has every name checked that TypeScript cannot check
 * in a function without one: a misspelt output or status field does not compile then.
 */
export type ResultOf<Declaration extends PhaseDeclaration> = PhaseResult<
  Declaration['next'],
  OutputsOf<Declaration>,
  StatusOf<Declaration>,
  Declaration extends { readonly verbs: string } ? string : string & NoVerbAllowedIn<Declaration>
>

/** The worker of one phase: an undeclared input, output or next phase does not compile. */
export type PhaseWorker<Declaration extends PhaseDeclaration> = Worker<
  WorkerContext<Declaration['resource'], InputsOf<Declaration>, CommandOf<Declaration>>,
  ResultOf<Declaration>
>

/** The finalizer of a project; it may use what it declares and has no next phase. */
export type FinalizerWorker<Declaration extends Omit<PhaseDeclaration, 'next'>> = Omit<
  Finalizer<WorkerContext<Declaration['resource'], InputsOf<Declaration>, undefined>>,
  'sync'
> & {
  sync(
    context: WorkerContext<Declaration['resource'], InputsOf<Declaration>, undefined>,
  ):
    | FinalizerResult<OutputsOf<Declaration>, StatusOf<Declaration>>
    | Promise<FinalizerResult<OutputsOf<Declaration>, StatusOf<Declaration>>>
}
