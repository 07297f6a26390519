import { diagnostic } from '../../diagnostics/catalogue.ts'
import { type Diagnostic, formatDiagnostic } from '../../diagnostics/diagnostic.ts'
import type { Connection } from '../../kube/connect.ts'
import { Discovery } from '../../kube/discovery.ts'
import { ApiError, isForbidden } from '../../kube/errors.ts'
import { explain } from '../../kube/explain.ts'
import { type KubeObject, keyOf } from '../../kube/object.ts'
import { managedByLabel } from '../../kube/ownership.ts'
import { namespaceKind } from '../../mesh/core-kinds.ts'
import { fieldsOf } from '../../mesh/fields.ts'
import { findVersions } from '../../operator/discovered-mesh.ts'
import { fieldManager } from '../cluster/at-cluster.ts'
import { findInstallations, getOrNothing, managedBy } from '../cluster/installation.ts'
import { missingRights } from '../cluster/rights.ts'
import type { DeploymentPlan, PlannedObject } from './plan-deployment.ts'

/** One object of the plan beside what there is. */
export interface Prospect extends PlannedObject {
  readonly live: KubeObject | undefined
  /** What the server would make of it; absent where that cannot be known before what it depends on is there. */
  readonly result: KubeObject | undefined
}

/** What the cluster says to a plan: what stands in its way, and what would come of it. Nothing is written. */
export interface Preflight {
  readonly problems: readonly Diagnostic[]
  readonly prospects: readonly Prospect[]
}

/**
 * Looks for everything that would make a deployment fail, so that it does not fail half-way: namespaces, kinds the operator has to see,
 * the rights of this user, another installation that would do the same work, objects of somebody else. What passes is tried by a dry run.
 */
export async function preflight(connection: Connection, plan: DeploymentPlan, signal: AbortSignal): Promise<Preflight> {
  const { client, user } = connection
  const [missing, namespaces, rights, others] = await Promise.all([
    missingKinds(plan, new Discovery(client)),
    checkNamespaces(connection, plan, signal),
    missingRights(connection, neededRights(plan), signal),
    overlapping(connection, plan, signal),
  ])
  const problems = [...namespaces.problems, ...missing, ...rights, ...others]
  if (rights.length > 0) return { problems, prospects: [] }
  const prospects: Prospect[] = []
  for (const planned of plan.objects) {
    const { kind, object } = planned
    const live = await getOrNothing(client, kind, object.metadata, signal)
    // A namespace that is there is left as it is: others may live in it.
    if (live !== undefined && kind.kind === 'Namespace') continue
    if (live !== undefined && isForeign(live, plan)) {
      const by = live.metadata.labels?.[managedByLabel]
      problems.push(
        diagnostic('AP6034', { object: `${kind.kind} ${keyOf(object.metadata)}`, by: by ?? 'somebody else' }),
      )
      continue
    }
    const known = object.metadata.namespace === undefined || namespaces.present.has(object.metadata.namespace)
    try {
      const result = known && isTryable(planned, live) ? await tried(connection, planned, signal) : undefined
      prospects.push({ ...planned, live, result })
    } catch (error) {
      const found = explain(error, { server: client.server, user })
      if (found === undefined && !(error instanceof ApiError)) throw error
      problems.push(found ?? diagnostic('AP6030', { problem: String(error) }))
    }
  }
  return { problems: unique(problems), prospects }
}

/** The API server looks up the role of a binding, unless the user may bind any: a new one is not there yet. */
function isTryable({ kind }: PlannedObject, live: KubeObject | undefined): boolean {
  return live !== undefined || !kind.kind.endsWith('Binding')
}

function tried({ client }: Connection, { kind, object }: PlannedObject, signal: AbortSignal): Promise<KubeObject> {
  return client.apply(kind, object, { fieldManager, force: true, dryRun: true, signal })
}

/** Every namespace that something is written to or watched must be there, but for the one that is made. */
async function checkNamespaces(
  { client }: Connection,
  { objects, placement, ownNamespace }: DeploymentPlan,
  signal: AbortSignal,
) {
  const names = new Set([...objects.flatMap(({ object }) => object.metadata.namespace ?? []), placement.namespace])
  if (placement.watched !== undefined) names.add(placement.watched)
  const present = new Set<string>()
  const problems: Diagnostic[] = []
  for (const namespace of names) {
    const live = await getOrNothing(client, namespaceKind, { name: namespace }, signal).catch((error: unknown) => {
      // Whoever has rights in one namespace only need not be allowed to look at it.
      if (isForbidden(error)) return 'unknown' as const
      throw error
    })
    const leaving = live !== undefined && live !== 'unknown' && fieldsOf(live.status)['phase'] === 'Terminating'
    if (leaving) problems.push(diagnostic('AP6033', { namespace }))
    else if (live !== undefined) present.add(namespace)
    else if (namespace !== placement.namespace || !ownNamespace) problems.push(diagnostic('AP6032', { namespace }))
  }
  return { present, problems }
}

function neededRights({ objects }: DeploymentPlan) {
  return objects.map(({ kind, object }) => ({
    kind,
    namespace: object.metadata.namespace,
    verbs: ['get', 'create', 'patch'],
  }))
}

/** Two operators on the same resources would undo each other's work. */
async function overlapping({ client }: Connection, plan: DeploymentPlan, signal: AbortSignal): Promise<Diagnostic[]> {
  const { project, placement } = plan
  const watched = placement.watched ?? '*'
  const found = await findInstallations(client, project.operatorName, signal)
  return found
    .filter(({ namespace, watches }) => {
      const shares = watches === watched || watches === '*' || watched === '*'
      return namespace !== placement.namespace && shares
    })
    .map(({ namespace, watches }) =>
      diagnostic('AP6035', {
        operator: project.operatorName,
        namespace,
        watches: watches === '*' ? 'the whole cluster' : `the namespace ${watches}`,
      }),
    )
}

/** What is called as ours would be, but is not ours. The definition of the kind is told by its name, and so ours in any case. */
function isForeign({ kind, metadata }: KubeObject, { project }: DeploymentPlan): boolean {
  const { [managedByLabel]: manager, 'app.kubernetes.io/name': name } = metadata.labels ?? {}
  if (manager !== undefined && manager !== managedBy) return true
  return kind !== 'CustomResourceDefinition' && name !== project.operatorName
}

function unique(problems: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(problems.map((problem) => [formatDiagnostic(problem), problem])).values()]
}

/** In the versions that the cluster serves, as the operator will look for them. */
async function missingKinds({ required }: DeploymentPlan, discovery: Discovery): Promise<Diagnostic[]> {
  const versions = await findVersions(required({}), discovery)
  return discovery.requireKinds(required(versions))
}
