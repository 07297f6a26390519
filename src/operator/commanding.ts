import { diagnostic } from '../diagnostics/catalogue.ts'
import { formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { type Command, type CommandRecord, describeCommand } from './command.ts'
import { isNews, withCondition, withoutCondition } from './conditions.ts'
import { commandCondition, type Orders } from './orders.ts'
import type { Runtime } from './runtime.ts'
import { readStatus } from './status-reading.ts'
import type { Frame } from './sync-frame.ts'

/**
 * Says on the resource what became of the command in its annotation, where no worker is to be called for it: that it is refused, or that
 * what was wrong with it is gone. Answers whether anything was written; then the sync is to begin again.
 */
export async function noteOrders(runtime: Runtime, frame: Frame, { command, refusal }: Orders): Promise<boolean> {
  const { clock, events, statusWriter } = runtime
  const { generation, resource, status } = frame
  // Until it is done the status tells about the command before it.
  if (command !== undefined) return false
  const { lastCommand } = status
  const said = commandCondition(refusal, lastCommand)
  const known = status.conditions.some(({ type }) => type === 'CommandAccepted')
  if (said === undefined ? !known : !isNews(status.conditions, said) && refusal?.record === undefined) return false
  const written = await statusWriter.write(resource, {
    ...status.fields,
    conditions:
      said === undefined
        ? withoutCondition(status.conditions, 'CommandAccepted')
        : withCondition(status.conditions, said, { generation, now: clock.now() }),
    lastCommand: refusal?.record ?? lastCommand,
  })
  // The CRD of an older version keeps no record; what is said of the command is all there is then.
  if (written.metadata.resourceVersion === resource.metadata.resourceVersion) return false
  if (said !== undefined && refusal !== undefined) {
    frame.log.warn({ problem: refusal.problem }, 'command refused')
    events.record({ regarding: written, type: 'Warning', reason: 'CommandRefused', note: said.message })
  }
  return true
}

/**
 * Whether the API server keeps what says that a command was handled. With the CRD of an older version, which Helm for one leaves in place,
 * it would be followed again and again: then it is refused until there is a newer one.
 */
export async function remembered({ statusWriter }: Runtime, { resource }: Frame, command: Command): Promise<Orders> {
  const record: CommandRecord = { ...command, phase: '' }
  const { lastCommand } = readStatus(await statusWriter.tries(resource, { lastCommand: record }))
  if (lastCommand?.at === command.at) return { command }
  const facts = { kind: resource.kind, command: describeCommand(command) }
  return { refusal: { reason: 'Forgotten', problem: diagnostic('AP4034', facts) } }
}

/** A command and what the worker of a phase made of it. */
export function recordOf(
  command: Command,
  phase: string,
  { looked, refuses }: { readonly looked: boolean; readonly refuses: string | undefined },
): CommandRecord {
  const ignored = () => formatDiagnostic(diagnostic('AP4029', { phase, verb: command.verb }))
  const refused = refuses ?? (looked ? undefined : ignored())
  return { ...command, phase, ...(refused !== undefined && { refused }) }
}

/** Tells that a command is done with. */
export function tellCommand({ events }: Runtime, { log, resource }: Frame, record: CommandRecord): void {
  const { phase, refused, verb, by } = record
  const note = commandCondition(undefined, record)?.message ?? ''
  if (refused === undefined) {
    log.info({ phase, verb, by }, 'command taken')
    events.record({ regarding: resource, type: 'Normal', reason: 'CommandTaken', note })
    return
  }
  log.warn({ phase, verb, by, refused }, 'command refused')
  events.record({ regarding: resource, type: 'Warning', reason: 'CommandRefused', note })
}
