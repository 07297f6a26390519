import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, formatDiagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Phase, Project } from '../project/project.ts'
import { type Command, type CommandRecord, commandAnnotation, describeCommand, parseCommand } from './command.ts'
import type { ConditionChange } from './conditions.ts'
import { describe, type KnownStatus } from './status-reading.ts'

/** A command that no worker is given. `record` is to be kept, so that it is told once. */
export interface CommandRefusal {
  readonly reason: 'Refused' | 'Malformed' | 'Outdated' | 'Forgotten'
  readonly problem: Diagnostic
  readonly record?: CommandRecord
}

/** What the annotation asks for now: nothing (any more), a command for the present phase, or something that cannot be done. */
export interface Orders {
  readonly command?: Command
  readonly refusal?: CommandRefusal
}

/** Everything is derived from the resource, so that any process can go on from what another one has written. */
export function ordersOf(resource: KubeObject, { lastCommand }: KnownStatus, phase: Phase, project: Project): Orders {
  const annotation = commandAnnotation(project)
  const value = resource.metadata.annotations?.[annotation]?.trim() ?? ''
  if (value === '') return {}
  const called = describe(resource)
  const command = parseCommand(value)
  if (command === undefined) {
    const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
    return {
      refusal: { reason: 'Malformed', problem: diagnostic('AP4027', { resource: called, annotation, value: shown }) },
    }
  }
  if (lastCommand?.verb === command.verb && timeOf(lastCommand.at) === timeOf(command.at)) return {}
  const later = laterThan(resource, lastCommand, command)
  if (later !== undefined) {
    const facts = { resource: called, command: describeCommand(command), at: command.at, later }
    return { refusal: { reason: 'Outdated', problem: diagnostic('AP4028', facts) } }
  }
  const possible = verbsOf(project, phase.name).map(({ name }) => name)
  if (possible.includes(command.verb)) return { command }
  const problem = diagnostic('AP4026', {
    resource: called,
    state: `in ${phase.name}`,
    verb: command.verb,
    possible: possible.join(', ') || 'nothing',
  })
  return {
    refusal: {
      reason: 'Refused',
      problem,
      record: { ...command, phase: phase.name, refused: formatDiagnostic(problem) },
    },
  }
}

/** The verbs that the workflow declares for a phase. */
export function verbsOf({ verbs }: Pick<Project, 'verbs'>, phase: string): Project['verbs'] {
  return verbs.filter(({ phases }) => phases.includes(phase))
}

/**
 * What a command comes too late after: one that was handled, or the beginning of the resource, which may be made from a manifest or a
 * backup that has the annotation of a former life.
 */
function laterThan({ metadata }: KubeObject, last: CommandRecord | undefined, { at }: Command): string | undefined {
  if (last !== undefined && timeOf(at) <= timeOf(last.at)) return `${describeCommand(last)} at ${last.at}`
  const created = metadata.creationTimestamp
  return created !== undefined && timeOf(at) < timeOf(created)
    ? `the resource itself, which is of ${created}`
    : undefined
}

function timeOf(text: string): number {
  return Date.parse(text)
}

/** What the condition `CommandAccepted` says of a refusal, else of the last command; undefined when there was none. */
export function commandCondition(
  refusal: CommandRefusal | undefined,
  last: CommandRecord | undefined,
): ConditionChange | undefined {
  const type = 'CommandAccepted'
  const record = refusal === undefined ? last : refusal.record
  if (refusal !== undefined && record === undefined)
    return { type, status: 'False', reason: refusal.reason, message: formatDiagnostic(refusal.problem) }
  if (record === undefined) return undefined
  const { phase, refused } = record
  const command = describeCommand(record)
  if (refused === undefined)
    return { type, status: 'True', reason: 'Taken', message: `${command} was taken in ${phase}` }
  return { type, status: 'False', reason: 'Refused', message: `${command} is not followed in ${phase}: ${refused}` }
}
