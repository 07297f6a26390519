import type { z } from 'zod'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../diagnostics/diagnostic.ts'
import { apiVersionOf, type Kind, type KubeObject } from '../kube/object.ts'
import { isKubeObject, isRecord } from '../kube/wire.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import { parseDuration } from '../project/duration.ts'
import { isNeutral } from '../project/native-kinds.ts'
import type { Phase, Project } from '../project/project.ts'
import { shorten } from './conditions.ts'
import { plainValue } from './plain-value.ts'
import { reservedStatusFields } from './status.ts'
import type { EditOutput, NativeOutput, OwnedOutput } from './worker.ts'

/** What a worker answered, found to be in order. */
export interface CheckedResult {
  /** Absent when it said nothing about traffic. */
  readonly neutral: NeutralOutputs | undefined
  readonly natives: readonly { readonly kind: Kind; readonly outputs: readonly NativeOutput[] }[]
  /** The phase to go to, if it is another one. */
  readonly next: string | undefined
  readonly status: Readonly<Record<string, unknown>>
  /** Milliseconds, not less than the shortest time after which a worker is called again. */
  readonly after: number | undefined
  readonly reason: string | undefined
  readonly problem: string | undefined
  /** Why the command is not followed. */
  readonly refuses: string | undefined
}

/** What results are held against. `next` is not looked at for a finalizer. */
export interface ResultRules {
  readonly phase: Pick<Phase, 'name' | 'outputs' | 'next'>
  readonly project: Pick<Project, 'phases'>
  readonly kinds: ReadonlyMap<string, Kind>
  readonly status: z.ZodObject
  readonly namespace: string
  /** Whether there is a command to refuse. */
  readonly commanded?: boolean
}

/** A worker that asks to be called again at once would keep a processor busy. Milliseconds. */
const shortestAfter = 100

const resultFields = ['outputs', 'next', 'status', 'after', 'reason', 'problem', 'refuses']

/** Checks what a worker returned, which may be anything. @throws DiagnosticError with everything that is wrong with it */
export function checkResult(
  result: unknown,
  rules: ResultRules,
  fields: readonly string[] = resultFields,
): CheckedResult {
  const { phase } = rules
  const malformed = (problem: string) => diagnostic('AP4007', { phase: phase.name, problem })
  if (!isRecord(result)) throw new DiagnosticError([malformed(`${show(result)} instead of an object`)])
  const problems: Diagnostic[] = []
  for (const field of Object.keys(result)) {
    if (!fields.includes(field)) problems.push(malformed(`it has the unknown field ${field}`))
  }
  const sentence = (field: 'reason' | 'problem' | 'refuses') => {
    const value = result[field]
    if (value !== undefined && typeof value !== 'string') problems.push(malformed(`${field} is ${show(value)}`))
    return typeof value === 'string' && value.trim() !== '' ? shorten(value.trim()) : undefined
  }
  const checked: CheckedResult = {
    ...checkOutputs(result['outputs'], rules, problems),
    next: checkNext(result['next'], rules, problems),
    status: checkStatus(result['status'], rules, problems),
    after: checkAfter(result['after'], problems),
    reason: sentence('reason'),
    problem: sentence('problem'),
    refuses: sentence('refuses'),
  }
  if (checked.refuses !== undefined && rules.commanded !== true)
    problems.push(malformed('it refuses a command, and none was given'))
  if (problems.length > 0) throw new DiagnosticError(problems)
  return checked
}

function checkOutputs(outputs: unknown, { phase, kinds, namespace }: ResultRules, problems: Diagnostic[]) {
  const malformed = (problem: string) => problems.push(diagnostic('AP4007', { phase: phase.name, problem }))
  const neutral: Record<string, unknown> = {}
  const natives: { kind: Kind; outputs: NativeOutput[] }[] = []
  if (outputs !== undefined && !isRecord(outputs)) malformed(`outputs is ${show(outputs)}`)
  for (const [name, wanted] of Object.entries(isRecord(outputs) ? outputs : {})) {
    if (wanted === undefined) continue
    const kind = kinds.get(name)
    if (!phase.outputs.includes(name)) problems.push(diagnostic('AP4004', { phase: phase.name, output: name }))
    else if (!Array.isArray(wanted)) malformed(`outputs.${name} is ${show(wanted)} instead of a list`)
    // What neutral outputs look like is checked when they are merged.
    else if (isNeutral(name)) neutral[name] = plainly(wanted, `outputs.${name}`, malformed)
    else if (kind !== undefined) {
      const place = (index: number) => `outputs.${name}[${index}]`
      const read = wanted.map((value: unknown, index) => readNative(value, kind, namespace, place(index), malformed))
      natives.push({ kind, outputs: read.filter((output) => output !== undefined) })
    }
  }
  return { neutral: Object.keys(neutral).length === 0 ? undefined : neutral, natives }
}

function readNative(
  value: unknown,
  kind: Kind,
  namespace: string,
  place: string,
  malformed: (problem: string) => void,
): NativeOutput | undefined {
  if (isRecord(value) && isRecord(value['edit'])) {
    const { name, fields } = value['edit']
    if (typeof name === 'string' && name !== '' && isRecord(fields))
      return { edit: { name, fields } } satisfies EditOutput
  }
  if (isRecord(value) && isKubeObject(value['object'])) {
    const { object, initially } = value
    const problem = objectProblem(object, kind, namespace)
    if (problem !== undefined) return void malformed(`${place}.object ${problem}`)
    if (initially !== undefined && !isPaths(initially)) return void malformed(`${place}.initially is no list of paths`)
    const metadata = kind.namespaced ? { ...object.metadata, namespace } : object.metadata
    return { object: { ...object, metadata }, ...(initially !== undefined && { initially }) } satisfies OwnedOutput
  }
  return void malformed(`${place} is neither { object } nor { edit: { name, fields } }`)
}

function objectProblem(object: KubeObject, kind: Kind, namespace: string): string | undefined {
  const { name } = object.metadata
  if (typeof name !== 'string' || name === '') return 'has no metadata.name'
  if (object.kind !== kind.kind || object.apiVersion !== apiVersionOf(kind))
    return `is a ${object.apiVersion} ${object.kind} instead of a ${apiVersionOf(kind)} ${kind.kind}`
  // Owner references do not work across namespaces: the garbage collector would delete the object.
  if (!kind.namespaced) return `is cluster-scoped, and a resource of the namespace ${namespace} cannot own it`
  const other = object.metadata.namespace
  return other === undefined || other === namespace ? undefined : `is in the namespace ${other} instead of ${namespace}`
}

function isPaths(value: unknown): value is readonly (readonly string[])[] {
  return (
    Array.isArray(value) &&
    value.every((path) => Array.isArray(path) && path.length > 0 && path.every((part) => typeof part === 'string'))
  )
}

function checkNext(next: unknown, { phase, project }: ResultRules, problems: Diagnostic[]): string | undefined {
  if (next === undefined || next === phase.name) return undefined
  const known = project.phases.map(({ name }) => name)
  if (typeof next !== 'string' || !known.includes(next)) {
    problems.push(diagnostic('AP4005', { phase: phase.name, next: show(next), known: known.join(', ') }))
    return undefined
  }
  if (phase.next === undefined || phase.next.includes(next)) return next
  const allowed = phase.next.join(', ') || 'no other phase'
  problems.push(diagnostic('AP4006', { phase: phase.name, next, allowed }))
  return undefined
}

function checkStatus(status: unknown, { phase, status: schema }: ResultRules, problems: Diagnostic[]) {
  const malformed = (problem: string) => problems.push(diagnostic('AP4007', { phase: phase.name, problem }))
  const checked: Record<string, unknown> = {}
  if (status !== undefined && !isRecord(status)) malformed(`status is ${show(status)}`)
  const reserved: readonly string[] = reservedStatusFields
  for (const [field, value] of Object.entries(isRecord(status) ? status : {})) {
    if (value === undefined) continue
    const type = schema.shape[field]
    if (reserved.includes(field)) problems.push(diagnostic('AP4008', { phase: phase.name, field }))
    else if (type === undefined) malformed(`status.${field} is not in the status of the definition`)
    else if (value === null) checked[field] = null
    else {
      const parsed: z.ZodSafeParseResult<unknown> = type.safeParse(value)
      if (parsed.success)
        checked[field] = finitely(plainly(value, `status.${field}`, malformed), `status.${field}`, malformed)
      else malformed(`status.${field}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`)
    }
  }
  return checked
}

/** A copy that can be stored; undefined for what cannot. */
function plainly(value: unknown, place: string, malformed: (problem: string) => void): unknown {
  try {
    return plainValue(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    malformed(`${place}: ${error.message}`)
    return undefined
  }
}

/** NaN and infinity are stored as null, and would be written anew for ever. */
function finitely(value: unknown, place: string, malformed: (problem: string) => void): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) malformed(`${place}: ${value} cannot be stored`)
  if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) finitely(part, `${place}.${name}`, malformed)
  return value
}

function checkAfter(after: unknown, problems: Diagnostic[]): number | undefined {
  if (after === undefined) return undefined
  const ms = typeof after === 'string' ? parseDuration(after) : typeof after === 'number' ? after : undefined
  if (ms !== undefined && Number.isFinite(ms) && ms >= 0) return Math.max(ms, shortestAfter)
  problems.push(diagnostic('AP4010', { what: 'after', value: show(after) }))
  return undefined
}

function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `${value.slice(0, 40)}…` : value === '' ? '""' : value
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
