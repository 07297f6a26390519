import { resolve } from 'node:path'
import { manifestText } from '../../../generators/kustomize.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { Connection } from '../../kube/connect.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { textOf } from '../../mesh/fields.ts'
import { atCluster } from '../cluster/at-cluster.ts'
import { requireDuration } from '../cluster/duration-option.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { applyPlan, superseded } from './apply-plan.ts'
import { requireImage } from './image-reference.ts'
import { type DeploymentPlan, planDeployment } from './plan-deployment.ts'
import { preflight } from './preflight.ts'
import { describeProspects, nameOf } from './prospects.ts'
import { deletePods, waitForOperator } from './wait-for-operator.ts'

/**
 * `ap deploy`: 0 when everything is on the cluster (with `--wait`: and works), 1 when something is in the way. What is in the way is
 * found before the first write.
 */
export async function runDeploy(
  [image = '', folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'] ?? 'text', ['text', 'yaml', 'json'])
  const timeout = requireDuration('--timeout', options['timeout'])
  const request = {
    folder: resolve(io.cwd, folder),
    image: requireImage(image),
    namespace: textOf(options['namespace']),
    mesh: textOf(options['mesh']),
    clusterScoped: options['clusterScoped'] === true,
  }
  const plan = await planDeployment(request, providers)
  if (format !== 'text') {
    io.stdout.write(printed(plan, format))
    return exitCode.ok
  }
  return atCluster(options, io, async (connection) => {
    const { problems, prospects } = await preflight(connection, plan, io.signal)
    if (problems.length > 0) throw new DiagnosticError(problems)
    io.stdout.write(`${describePlan(plan, connection)}\n`)
    if (options['dryRun'] === true) {
      const gone = await superseded(connection.client, plan, io.signal)
      io.stdout.write(
        describeProspects(prospects) + gone.map(({ object }) => `would delete     ${nameOf(object)}\n`).join(''),
      )
      return exitCode.ok
    }
    await applyPlan(connection.client, plan, prospects, io)
    const where = { name: plan.project.operatorName, namespace: plan.placement.namespace }
    if (options['deletepods'] === true) await deletePods(connection.client, where, io)
    if (options['wait'] === true) await waitForOperator(connection.client, where, timeout, io)
    return exitCode.ok
  })
}

function printed({ objects }: DeploymentPlan, format: 'yaml' | 'json'): string {
  const all = objects.map(({ object }) => object)
  if (format === 'json') return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all }, null, 2)}\n`
  return all.map(manifestText).join('---\n')
}

function describePlan({ project, mesh, image, placement }: DeploymentPlan, { client, context }: Connection): string {
  const { namespace, watched } = placement
  const scope =
    watched === undefined ? 'all namespaces' : watched === namespace ? 'that namespace' : `the namespace ${watched}`
  return (
    `${project.operatorName} for ${mesh}, image ${image}\n` +
    `in the namespace ${namespace}, for ${scope}\n` +
    `on ${context} (${client.server.replace(/\/\/[^/@]*@/, '//')})`
  )
}
