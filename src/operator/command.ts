import type { Project } from '../project/project.ts'

/** What a person tells a resource to do, by one of the verbs that its workflow declares. */
export interface Command<Verb extends string = string> {
  readonly verb: Verb
  /** When it was given (RFC 3339). */
  readonly at: string
  /** Who gave it, by the name that they go by; absent when they left it out. */
  readonly by?: string
  /** Why, in their words. */
  readonly reason?: string
}

/** A command and what became of it. */
export interface CommandRecord extends Command {
  /** The phase that the resource was in. */
  readonly phase: string
  /** Why it was not followed; absent when it was. */
  readonly refused?: string
}

/**
 * Annotation by which a command is given: `promote at 2025-01-01T09:00:00Z by alice: looks good`, the last two being optional.
 *
 * It stays where it is when it was handled. What was handled last is on the status, and only a later time makes a new command: so a tool
 * that puts back what it finds in Git repeats nothing, and the operator never writes into what others own.
 */
export function commandAnnotation({ group }: Pick<Project, 'group'>): string {
  return `${group}/command`
}

const shape = /^(\S+) at (\S+?)(?: by (.+?))?(?:: (.+))?$/s
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/

/** The annotation's value for a command, in one line. */
export function formatCommand({ verb, at, by = '', reason = '' }: Command): string {
  // A colon and a space are where the reason begins.
  const who = oneLine(by).replace(/: +/g, ':')
  const why = oneLine(reason)
  return `${verb} at ${at}${who === '' ? '' : ` by ${who}`}${why === '' ? '' : `: ${why}`}`
}

/** The command behind an annotation's value; undefined for anything else. */
export function parseCommand(value: string): Command | undefined {
  const [, verb, at = '', by, reason] = shape.exec(value.trim()) ?? []
  if (verb === undefined || !time.test(at) || Number.isNaN(Date.parse(at))) return undefined
  return { verb, at, ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) }
}

/** `promote by alice (looks good)`. */
export function describeCommand({ verb, by, reason }: Command): string {
  return `${verb}${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : ` (${reason})`}`
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
