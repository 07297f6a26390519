import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { KubeClient } from '../../kube/client.ts'
import { systemClock } from '../../kube/clock.ts'
import type { KubeObject } from '../../kube/object.ts'
import {
  type Command,
  type CommandRecord,
  commandAnnotation,
  describeCommand,
  formatCommand,
} from '../../operator/command.ts'
import { describe, readStatus } from '../../operator/status-reading.ts'
import { formatDuration } from '../../project/duration.ts'
import type { Project } from '../../project/project.ts'
import { resourceKind } from '../cluster/resource-kind.ts'

const pause = 250

/**
 * Waits until the operator has followed a command, and answers what it noted.
 *
 * @throws DiagnosticError when it is refused, replaced by another, or not handled in time (`timeout` in milliseconds)
 */
export async function waitForCommand(
  client: KubeClient,
  project: Project,
  command: Command,
  {
    resource,
    timeout,
    signal,
  }: { readonly resource: KubeObject; readonly timeout: number; readonly signal: AbortSignal },
): Promise<CommandRecord> {
  const deadline = systemClock.now() + timeout
  const facts = { resource: describe(resource), command: describeCommand(command) }
  for (;;) {
    const now = await client.get(resourceKind(project), resource.metadata, signal)
    const { lastCommand } = readStatus(now)
    if (lastCommand?.verb === command.verb && lastCommand.at === command.at) {
      const { refused } = lastCommand
      if (refused === undefined) return lastCommand
      throw new DiagnosticError([diagnostic('AP4031', { ...facts, reason: refused.replace(/\.$/, '') })])
    }
    const value = now.metadata.annotations?.[commandAnnotation(project)] ?? 'nothing'
    if (value !== formatCommand(command))
      throw new DiagnosticError([diagnostic('AP4032', { ...facts, value: JSON.stringify(value) })])
    if (systemClock.now() >= deadline)
      throw new DiagnosticError([diagnostic('AP4033', { ...facts, after: formatDuration(timeout) })])
    await systemClock.sleep(pause, signal)
    signal.throwIfAborted()
  }
}
