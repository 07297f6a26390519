import type { Connection } from '../../kube/connect.ts'
import { Discovery } from '../../kube/discovery.ts'
import { apiVersionOf, type Kind } from '../../kube/object.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { findInstallations } from '../cluster/installation.ts'
import { deploymentKind, podKind } from '../cluster/kinds.ts'
import type { OperatorHere } from '../cluster/operator-here.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { missingRights } from '../cluster/rights.ts'
import { type Check, failed } from './check.ts'

/** Whether the cluster has the kinds of the project's mesh, and of which others. */
export async function checkMeshes(
  { client }: Connection,
  here: OperatorHere | undefined,
  providers: readonly MeshProvider[],
): Promise<Check[]> {
  const discovery = new Discovery(client)
  const checks: Check[] = []
  if (here !== undefined) {
    const { adapter } = here
    const missing = await discovery.requireKinds(requiredKinds(adapter))
    checks.push(...missing.map((problem) => failed('mesh', problem)))
    if (missing.length === 0) checks.push({ check: 'mesh', state: 'ok', text: `${adapter.name}: ${versions(adapter)}` })
  }
  const others = providers
    .filter(({ name }) => name !== here?.adapter.name)
    .map((provider) => provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
  const found: string[] = []
  for (const adapter of others) {
    const missing = await discovery.requireKinds([...requiredKinds(adapter), ...ownKinds(adapter)])
    if (missing.length === 0) found.push(`${adapter.name} (${versions(adapter)})`)
  }
  const text = found.length === 0 ? 'the kinds of no other mesh are installed' : `also installed: ${found.join(', ')}`
  if (here !== undefined || found.length > 0) checks.push({ check: 'mesh', state: 'ok', text })
  return checks
}

function requiredKinds({ kinds }: MeshAdapter): Kind[] {
  return kinds.filter(({ carries }) => carries === undefined)
}

/** What tells meshes apart that take the same routes. */
function ownKinds({ access, mtls }: MeshAdapter): Kind[] {
  return [...(access?.kinds ?? []), ...(mtls?.kinds ?? [])]
}

function versions(adapter: MeshAdapter): string {
  return [...new Set(requiredKinds(adapter).map(apiVersionOf))].join(', ')
}

/** What this user may do, and whether the operator is there. */
export async function checkOperator(
  connection: Connection,
  { project }: OperatorHere,
  namespace: string,
  signal: AbortSignal,
): Promise<Check[]> {
  const { operatorName } = project
  const [missing, found] = await Promise.all([
    missingRights(
      connection,
      [
        {
          kind: resourceKind(project),
          namespace: connection.namespace ?? 'default',
          verbs: ['list', 'create', 'delete'],
        },
        { kind: deploymentKind, namespace, verbs: ['get', 'create', 'patch'] },
        { kind: podKind, subresource: 'log', namespace, verbs: ['get'] },
      ],
      signal,
    ),
    findInstallations(connection.client, operatorName, signal),
  ])
  const rights = missing.map((problem) => failed('rights', problem))
  const where = found.map((one) => one.namespace).join(', ')
  const text = `${connection.user} may deploy ${operatorName} to ${namespace}, read its logs and use its resources`
  return [
    ...(rights.length === 0 ? [{ check: 'rights', state: 'ok', text } satisfies Check] : rights),
    found.length === 0
      ? {
          check: 'operator',
          state: 'unknown',
          text: `${operatorName} is not deployed`,
          remedy: 'Deploy it with `ap deploy IMAGE`, or run it here with `ap run`.',
        }
      : { check: 'operator', state: 'ok', text: `${operatorName} is deployed in ${where}` },
  ]
}
