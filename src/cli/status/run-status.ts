import { configFile, watchesAnnotation } from '../../../generators/deploy-objects.ts'
import { configMapName, operatorLabels } from '../../../generators/deployment.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { KubeClient } from '../../kube/client.ts'
import { systemClock } from '../../kube/clock.ts'
import { isForbidden, isNotFound } from '../../kube/errors.ts'
import { leaseKind } from '../../kube/lease.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { fieldsOf, listOf, textOf } from '../../mesh/fields.ts'
import { readStatus } from '../../operator/status-reading.ts'
import type { Project } from '../../project/project.ts'
import { age } from '../cluster/age.ts'
import { atCluster } from '../cluster/at-cluster.ts'
import { deploymentState, podTrouble } from '../cluster/deployment-state.ts'
import { findInstallations, getOrNothing, listAll, listAllowed, selectorOf } from '../cluster/installation.ts'
import { deploymentKind, installedKind, podKind } from '../cluster/kinds.ts'
import { operatorHere } from '../cluster/operator-here.ts'
import { pluralName, resourceKind } from '../cluster/resource-kind.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'

/** How one deployed operator is, and what it works on. */
interface OperatorStatus {
  readonly operator: string
  readonly namespace: string
  readonly image: string
  readonly mesh: string
  /** `*` for the whole cluster. */
  readonly watches: string
  readonly available: boolean
  readonly state: string
  readonly problem?: string
  /** Who leads, and how long ago it last said so; absent without leader election or before the first leader. */
  readonly leader?: { readonly holder: string; readonly renewed: string }
  readonly resources: {
    readonly total: number
    readonly byPhase: Readonly<Record<string, number>>
    /** Those that are not Ready, with what they say. */
    readonly notReady: readonly { readonly name: string; readonly reason: string; readonly message: string }[]
  }
}

/** `ap status`: 0 when the operator is available, 1 when it is not, or is not deployed. */
export async function runStatus(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const { project, config } = await operatorHere(folder, io, providers)
  const namespace = textOf(options['namespace']) ?? project.operatorName
  return atCluster(options, io, async ({ client }) => {
    const deployment = await getOrNothing(client, deploymentKind, { name: project.operatorName, namespace }, io.signal)
    if (deployment === undefined) {
      const found = await findInstallations(client, project.operatorName, io.signal)
      const elsewhere = found.length === 0 ? '' : `, only in ${found.map((one) => one.namespace).join(', ')}`
      throw new DiagnosticError([diagnostic('AP6042', { operator: project.operatorName, namespace, elsewhere })])
    }
    const status = await collect(client, project, deployment, config.leaderElectionNamespace, io.signal)
    io.stdout.write(format === 'json' ? `${JSON.stringify(status, null, 2)}\n` : describe(status, project))
    return status.available ? exitCode.ok : exitCode.failed
  })
}

async function collect(
  client: KubeClient,
  project: Project,
  deployment: KubeObject,
  leaseNamespace: string,
  signal: AbortSignal,
): Promise<OperatorStatus> {
  const { operatorName } = project
  const namespace = deployment.metadata.namespace ?? ''
  const watches = deployment.metadata.annotations?.[watchesAnnotation] ?? '*'
  const configMap = { name: configMapName(project), namespace }
  const leaseIn = leaseNamespace || (watches === '*' ? namespace : watches)
  const [config, lease, pods, resources] = await Promise.all([
    allowed(getOrNothing(client, installedKind('ConfigMap'), configMap, signal)),
    allowed(getOrNothing(client, leaseKind, { name: operatorName, namespace: leaseIn }, signal)),
    listAllowed(client, podKind, selectorOf(operatorLabels(operatorName)), namespace, signal),
    listResources(client, project, watches === '*' ? undefined : watches, signal),
  ])
  const state = deploymentState(deployment)
  const problem = state.problem ?? podTrouble(pods)
  const { holderIdentity, renewTime } = fieldsOf(lease?.spec)
  const holder = textOf(holderIdentity) ?? ''
  return {
    operator: operatorName,
    namespace,
    image: imageOf(deployment),
    mesh: meshOf(config),
    watches,
    available: state.isAvailable,
    state: state.text,
    ...(!state.isAvailable && problem !== undefined && { problem }),
    ...(holder !== '' && { leader: { holder, renewed: textOf(renewTime) ?? '' } }),
    resources: summary(project, resources),
  }
}

async function listResources(client: KubeClient, project: Project, namespace: string | undefined, signal: AbortSignal) {
  try {
    return await listAll(client, resourceKind(project), { namespace, signal })
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

async function allowed(reading: Promise<KubeObject | undefined>): Promise<KubeObject | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}

function imageOf({ spec }: KubeObject): string {
  const pod = fieldsOf(fieldsOf(fieldsOf(spec)['template'])['spec'])
  return textOf(fieldsOf(listOf(pod['containers'])[0])['image']) ?? 'unknown'
}

/** The configuration that is deployed counts, and not the one in this folder. */
function meshOf(config: KubeObject | undefined): string {
  const text = textOf(fieldsOf(config?.['data'])[configFile]) ?? ''
  return /^meshProvider:\s*["']?([\w-]+)/m.exec(text)?.[1]?.toLowerCase() ?? 'unknown'
}

function summary({ phases }: Project, resources: readonly KubeObject[]): OperatorStatus['resources'] {
  const initial = phases.find((phase) => phase.initial)?.name ?? ''
  const byPhase: Record<string, number> = {}
  const notReady: { name: string; reason: string; message: string }[] = []
  for (const resource of resources) {
    const { phase, conditions } = readStatus(resource)
    const name = phase || initial
    byPhase[name] = (byPhase[name] ?? 0) + 1
    const ready = conditions.find(({ type }) => type === 'Ready')
    if (ready?.status === 'True') continue
    const { namespace, name: own } = resource.metadata
    notReady.push({
      name: `${namespace}/${own}`,
      reason: ready?.reason ?? 'Unknown',
      message: ready?.message ?? 'no operator has looked at it yet',
    })
  }
  return { total: resources.length, byPhase, notReady }
}

function describe(status: OperatorStatus, project: Project): string {
  const { phases } = project
  const { leader, resources } = status
  const rows: [string, string][] = [
    ['operator', `${status.namespace}/${status.operator}`],
    ['image', status.image],
    ['mesh', status.mesh],
    ['watches', status.watches === '*' ? 'all namespaces' : `the namespace ${status.watches}`],
    ['state', `${status.available ? 'available' : 'not available'}, ${status.state}`],
    ...(status.problem === undefined ? [] : [['problem', status.problem] satisfies [string, string]]),
    ['leader', leader === undefined ? 'none' : `${leader.holder}, seen ${age(leader.renewed, systemClock.now())} ago`],
    [pluralName(project), resources.total === 0 ? 'none' : String(resources.total)],
  ]
  const names = [...new Set([...phases.map(({ name }) => name), ...Object.keys(resources.byPhase)])]
  const counted = names.flatMap((name): [string, string][] => {
    const count = resources.byPhase[name]
    return count === undefined ? [] : [[`  ${name}`, String(count)]]
  })
  const all = [...rows, ...counted]
  const width = Math.max(...all.map(([name]) => name.length))
  const lines = all.map(([name, text]) => `${name.padEnd(width)}  ${text}`)
  const troubled = resources.notReady.map(({ name, reason, message }) => `  ${name}  ${reason}: ${message}`)
  return [...lines, ...(troubled.length > 0 ? ['not ready', ...troubled] : []), ''].join('\n')
}
