import { resolve } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { systemClock } from '../../kube/clock.ts'
import type { KubeObject } from '../../kube/object.ts'
import { textOf } from '../../mesh/fields.ts'
import {
  type Command,
  commandAnnotation,
  describeCommand,
  formatCommand,
  oneLine,
  parseCommand,
} from '../../operator/command.ts'
import { pausedAnnotation, pausedByAnnotation, pauseOf } from '../../operator/pause.ts'
import { describe, readStatus } from '../../operator/status-reading.ts'
import { runtimeVerbs } from '../../project/check-verbs.ts'
import { loadProject } from '../../project/load.ts'
import { didYouMean } from '../../project/nearest.ts'
import type { Project } from '../../project/project.ts'
import { atCluster, fieldManager } from '../cluster/at-cluster.ts'
import { requireDuration } from '../cluster/duration-option.ts'
import { findResources } from '../cluster/find-resources.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { whoAmI } from '../cluster/who.ts'
import { viewOf } from '../get/resource-view.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { runPause } from './run-pause.ts'
import { waitForCommand } from './wait-for-command.ts'

/**
 * `ap promote` and the other verbs that a workflow declares: an annotation on the resource, which says who and when. The operator follows
 * it, or says on the resource why not. A resource that is paused goes on, since nothing could come of the command otherwise.
 */
export async function runCommand(
  verb: string,
  [name]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  if (runtimeVerbs.includes(verb)) return runPause(verb === 'pause', [name ?? ''], options, io)
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const timeout = requireDuration('--timeout', options['timeout'] ?? '1m')
  const { project } = await loadProject(resolve(io.cwd, String(options['project'])))
  requireVerb(verb, project)
  return atCluster(options, io, async (connection) => {
    const { client } = connection
    const user = await whoAmI(connection, io.signal)
    const namespace = textOf(options['namespace']) ?? connection.namespace ?? 'default'
    for (const resource of await findResources(connection, project, namespace, name, io.signal)) {
      const { phase, orders } = requirePossible(verb, resource, project)
      const reason = oneLine(textOf(options['reason']) ?? '')
      const command = { verb, at: timeFor(resource, project), by: user, ...(reason !== '' && { reason }) }
      const wasPaused = pauseOf(resource, project) !== undefined
      const annotations = {
        [commandAnnotation(project)]: formatCommand(command),
        ...(wasPaused && { [pausedAnnotation(project)]: null, [pausedByAnnotation(project)]: null }),
      }
      const written = await client.patch(
        resourceKind(project),
        resource.metadata,
        { metadata: { annotations } },
        { type: 'merge', fieldManager, signal: io.signal },
      )
      // By the time it was written the phase may have changed, or another command been handled.
      const { refusal } = viewOf(written, project, []).orders
      if (refusal !== undefined) throw new DiagnosticError([refusal.problem])
      const { kind, metadata } = resource
      const facts = { kind, namespace, name: metadata.name, phase, ...command, resumed: wasPaused }
      if (format === 'text')
        io.stdout.write(`${said(resource, command, { phase, pending: orders.command, wasPaused }).join('\n')}\n`)
      const signal = io.signal
      const record =
        options['wait'] === true
          ? await waitForCommand(client, project, command, { resource, timeout, signal })
          : undefined
      if (format === 'json')
        io.stdout.write(`${JSON.stringify({ ...facts, ...(record && { followedIn: record.phase }) }, null, 2)}\n`)
      else if (record === undefined)
        io.stdout.write(`See what comes of it with: ap get ${metadata.name} -n ${namespace} -w\n`)
      else io.stdout.write(`It was followed in ${record.phase}\n`)
    }
    return exitCode.ok
  })
}

function requireVerb(verb: string, { kind, verbs }: Project): void {
  const known = [...verbs.map(({ name }) => name), ...runtimeVerbs]
  if (known.includes(verb)) return
  const facts = { kind, verb, hint: didYouMean(verb, known), known: known.join(', ') }
  throw new DiagnosticError([diagnostic('AP4030', facts)])
}

/** @throws DiagnosticError with what is possible instead */
function requirePossible(verb: string, resource: KubeObject, project: Project) {
  const view = viewOf(resource, project, [])
  if (view.verbs.some(({ name }) => name === verb)) return view
  const state = view.isDeleted ? 'being deleted' : `in ${view.phase}`
  const possible = view.verbs.map(({ name }) => name).join(', ') || 'nothing'
  throw new DiagnosticError([diagnostic('AP4026', { resource: describe(resource), state, verb, possible })])
}

/** Now, and in any case later than what the operator would take for handled: clocks differ. */
function timeFor(resource: KubeObject, project: Project): string {
  const { annotations, creationTimestamp } = resource.metadata
  const present = parseCommand(annotations?.[commandAnnotation(project)] ?? '')
  const before = [creationTimestamp, readStatus(resource).lastCommand?.at, present?.at]
  const latest = Math.max(...before.map((text) => Date.parse(text ?? '') || 0))
  return new Date(Math.max(systemClock.now(), latest + 1)).toISOString()
}

function said(
  resource: KubeObject,
  { verb }: Command,
  { phase, pending, wasPaused }: { phase: string; pending: Command | undefined; wasPaused: boolean },
): string[] {
  return [
    `${describe(resource)} is told to ${verb}, in ${phase}`,
    ...(pending === undefined ? [] : [`${describeCommand(pending)} is replaced; it was not handled yet`]),
    ...(wasPaused ? ['It was paused, and goes on'] : []),
  ]
}
