import { resolve } from 'node:path'
import { leaderElectionRole } from '../../../generators/deploy-objects.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { KubeClient } from '../../kube/client.ts'
import { isNotFound } from '../../kube/errors.ts'
import { type Kind, type KubeObject, keyOf } from '../../kube/object.ts'
import { textOf } from '../../mesh/fields.ts'
import { loadProject } from '../../project/load.ts'
import type { Project } from '../../project/project.ts'
import { atCluster } from '../cluster/at-cluster.ts'
import { requireDuration } from '../cluster/duration-option.ts'
import {
  findInstallations,
  installationLabels,
  listAll,
  listAllowed,
  selectorOf,
  sharedLabels,
} from '../cluster/installation.ts'
import { definitionKind, deploymentKind, installedKinds } from '../cluster/kinds.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { askTraffic } from './ask-traffic.ts'
import { removeLease } from './remove-lease.ts'
import { abandonResources, restoreResources, untilStopped } from './retire-resources.ts'

interface Installed {
  readonly kind: Kind
  readonly object: KubeObject
}

/** What there is of one installation. */
interface Inventory {
  readonly objects: readonly Installed[]
  /** The resources that nobody would work on any more. */
  readonly resources: readonly KubeObject[]
  /** Namespaces with another installation of the same operator, which needs the definition of the kind as well. */
  readonly others: readonly string[]
}

/**
 * `ap undeploy`: deletes what `ap deploy` made, but for the namespace, in which others may live. While there are resources of the kind it
 * refuses, unless it is to delete them as well: then either the operator cleans up after each of them first, or it is stopped first and
 * what they made stays.
 */
export async function runUndeploy(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  const timeout = requireDuration('--timeout', options['timeout'])
  const asked = readTraffic(options)
  const { project } = await loadProject(resolve(io.cwd, folder))
  const namespace = textOf(options['namespace']) ?? project.operatorName
  return atCluster(options, io, async ({ client }) => {
    const inventory = await takeInventory(client, project, namespace, io.signal)
    const { objects, resources, others } = inventory
    if (objects.length === 0) throw notDeployed(project, namespace, others)
    const cascades = options['cascade'] === true
    if (resources.length > 0 && !cascades) throw stillThere(project, resources)
    const dryRun = options['dryRun'] === true
    const traffic = resources.length === 0 || dryRun ? asked : (asked ?? (await askTraffic(io, resources.length)))
    if (traffic === undefined && resources.length > 0 && !dryRun) return exitCode.interrupted
    const say = (word: string, text: string) => io.stdout.write(`${word.padEnd(dryRun ? 14 : 11)}${text}\n`)
    if (dryRun) for (const resource of resources) say('would delete', nameOf(resource))
    else if (resources.length > 0) {
      const retire = traffic === 'restore' ? restoreResources : abandonResources
      try {
        await retire({ client, project, namespace, resources, timeout, io, say })
      } catch (error) {
        if (io.signal.aborted)
          io.stderr.write('interrupted: what is being deleted goes on so; call the command again for the rest\n')
        throw error
      }
    }
    const remove = async (list: readonly Installed[]) => {
      for (const { kind, object } of list) {
        if (!dryRun) await deleteObject(client, kind, object, io.signal)
        say(dryRun ? 'would delete' : 'deleted', nameOf(object))
      }
    }
    await remove(objects.filter(({ kind }) => kind === deploymentKind))
    if (!dryRun) await untilStopped({ client, project, namespace, timeout, io })
    await remove(objects.filter(({ kind }) => kind !== deploymentKind))
    for (const home of leaseHomes(objects, project, others)) {
      const tell = (word: 'deleted' | 'kept', text: string) =>
        say(dryRun ? (word === 'deleted' ? 'would delete' : 'would keep') : word, text)
      const { operatorName } = project
      await removeLease({ client, operatorName, namespace: home, dryRun, signal: io.signal, say: tell })
    }
    if (others.length > 0) {
      const where = others.join(', ')
      say(
        dryRun ? 'would keep' : 'kept',
        `CustomResourceDefinition ${project.plural}.${project.group}: used from ${where}`,
      )
    }
    say(dryRun ? 'would keep' : 'kept', `Namespace ${namespace}: others may live in it`)
    return exitCode.ok
  })
}

function readTraffic(options: Readonly<Record<string, unknown>>): 'restore' | 'keep' | undefined {
  const { traffic } = options
  if (traffic === undefined) return undefined
  if (traffic !== 'restore' && traffic !== 'keep') {
    throw new UsageError(`--traffic ${String(traffic)} is nothing to do with it; there are restore, keep`)
  }
  if (options['cascade'] !== true) throw new UsageError('--traffic goes with --cascade, which deletes resources')
  return traffic
}

/** In the order in which it is to be deleted: the operator before its rights. */
async function takeInventory(
  client: KubeClient,
  project: Project,
  namespace: string,
  signal: AbortSignal,
): Promise<Inventory> {
  const { operatorName } = project
  const found = await findInstallations(client, operatorName, signal)
  const others = found.map((one) => one.namespace).filter((name) => name !== namespace)
  const objects: Installed[] = []
  for (const kind of installedKinds.toReversed()) {
    if (kind.kind === 'Namespace') continue
    const shared = kind === definitionKind
    if (shared && others.length > 0) continue
    const labels = selectorOf(shared ? sharedLabels(operatorName) : installationLabels(operatorName, namespace))
    // Rights may be in the namespace that is watched, or in that of the Lease.
    const everywhere = await listAllowed(client, kind, labels, undefined, signal)
    const here =
      everywhere.length > 0 || !kind.namespaced
        ? everywhere
        : await listAllowed(client, kind, labels, namespace, signal)
    objects.push(...here.map((object) => ({ kind, object })))
  }
  // A definition alone belongs to nobody: it may be what another cluster's manifests installed, or wait for a new deployment.
  const own = found.find((one) => one.namespace === namespace)
  const watched = own === undefined || own.watches === '*' ? undefined : own.watches
  const resources =
    objects.length === 0 ? [] : await listResources(client, project, others.length > 0 ? watched : undefined, signal)
  return { objects, resources, others }
}

/** Where the Lease of an installation is: its rights say so. One that another installation is in may be shared with it. */
function leaseHomes(
  objects: readonly Installed[],
  { operatorName }: Project,
  others: readonly string[],
): readonly string[] {
  const roles = objects.filter(({ object }) => object.kind === 'Role')
  const own = roles.filter(({ object }) => object.metadata.name === leaderElectionRole(operatorName))
  return own.map(({ object }) => object.metadata.namespace ?? '').filter((namespace) => !others.includes(namespace))
}

async function listResources(client: KubeClient, project: Project, namespace: string | undefined, signal: AbortSignal) {
  try {
    return await listAll(client, resourceKind(project), { namespace, signal })
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

async function deleteObject(client: KubeClient, kind: Kind, { metadata }: KubeObject, signal: AbortSignal) {
  try {
    const { uid } = metadata
    // In the foreground, so that its pods are gone when the Deployment is.
    const propagationPolicy = kind === deploymentKind ? 'Foreground' : 'Background'
    await client.delete(kind, metadata, {
      propagationPolicy,
      ...(uid !== undefined && { preconditions: { uid } }),
      signal,
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

const shown = 5

function stillThere({ kind }: Project, resources: readonly KubeObject[]): DiagnosticError {
  const names = resources.slice(0, shown).map(({ metadata }) => keyOf(metadata))
  const more = resources.length > shown ? ` and ${resources.length - shown} more` : ''
  return new DiagnosticError([diagnostic('AP6037', { kind, count: resources.length, names: names.join(', ') + more })])
}

function notDeployed(
  { operatorName: operator }: Project,
  namespace: string,
  others: readonly string[],
): DiagnosticError {
  const elsewhere = others.length === 0 ? '' : `, only in ${others.join(', ')}`
  return new DiagnosticError([diagnostic('AP6038', { operator, namespace, elsewhere })])
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${keyOf(metadata)}`
}
