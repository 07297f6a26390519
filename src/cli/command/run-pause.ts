import { resolve } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { systemClock } from '../../kube/clock.ts'
import { textOf } from '../../mesh/fields.ts'
import { oneLine } from '../../operator/command.ts'
import { pausedAnnotation, pausedByAnnotation, pauseOf, resumedByAnnotation } from '../../operator/pause.ts'
import { describe } from '../../operator/status-reading.ts'
import { loadProject } from '../../project/load.ts'
import { atCluster, fieldManager } from '../cluster/at-cluster.ts'
import { findResources } from '../cluster/find-resources.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { whoAmI } from '../cluster/who.ts'
import { viewOf } from '../get/resource-view.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'

/** `ap pause` and `ap resume`: an annotation on the resource, which says who and when. What is so already is no failure. */
export async function runPause(
  pauses: boolean,
  [name]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const { project } = await loadProject(resolve(io.cwd, String(options['project'])))
  return atCluster(options, io, async (connection) => {
    const { client } = connection
    const user = await whoAmI(connection, io.signal)
    const namespace = textOf(options['namespace']) ?? connection.namespace ?? 'default'
    const found = await findResources(connection, project, namespace, name, io.signal)
    for (const resource of found) {
      const { phase, isFinal } = viewOf(resource, project, [])
      const called = describe(resource)
      if (pauses && isFinal) throw new DiagnosticError([diagnostic('AP6045', { resource: called, phase })])
      const at = new Date(systemClock.now()).toISOString()
      const reason = oneLine(textOf(options['reason']) ?? '')
      const by = `${user} at ${at}${reason === '' ? '' : `: ${reason}`}`
      const changes = (pauseOf(resource, project) !== undefined) !== pauses
      if (changes) {
        const annotations = {
          [pausedAnnotation(project)]: pauses ? 'true' : null,
          [pausedByAnnotation(project)]: pauses ? by : null,
          [resumedByAnnotation(project)]: pauses ? null : by,
        }
        const patch = { metadata: { annotations } }
        await client.patch(resourceKind(project), resource.metadata, patch, {
          type: 'merge',
          fieldManager,
          signal: io.signal,
        })
      }
      const { kind, metadata } = resource
      const facts = { kind, namespace, name: metadata.name, phase, verb: pauses ? 'pause' : 'resume', at, by: user }
      if (format === 'json')
        io.stdout.write(
          `${JSON.stringify({ ...facts, ...(reason !== '' && { reason }), changed: changes }, null, 2)}\n`,
        )
      else if (changes) io.stdout.write(`${called} ${pauses ? 'stays' : 'goes on'} in ${phase}\n`)
      else io.stdout.write(`${called} is ${pauses ? 'paused already' : 'not paused'}, in ${phase}\n`)
    }
    return exitCode.ok
  })
}
