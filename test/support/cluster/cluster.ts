import { afterAll, describe, inject } from 'vitest'
import { AuditLog } from './audit.ts'
import { type Access, PlainClient } from './client.ts'
import { command } from './command.ts'
import { isExpected, type TriedMesh } from './crds.ts'
import { clusterEnvironment } from './environment.ts'
import { waitFor } from './processes.ts'
import { type ServiceAccountAccess, serviceAccountAccess } from './service-account.ts'
import type { ClusterFacts } from './start-cluster.ts'

interface Definition {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

/** The real cluster of this run, as a test sees it. */
export class Cluster {
  readonly facts: ClusterFacts
  /** Acts as `admin`. */
  readonly client: PlainClient
  readonly audit: AuditLog
  static #namespaces = 0

  constructor(facts: ClusterFacts) {
    this.facts = facts
    this.client = new PlainClient(facts.admin)
    this.audit = new AuditLog(facts.auditLog, this.client)
  }

  /** URL, certificate authority and token of the user `admin`. */
  get admin(): Access {
    return this.facts.admin
  }

  /** Makes a namespace that no other test has. It goes with the cluster; delete it if its content would disturb others. */
  async namespace(prefix = 'test', labels: Readonly<Record<string, string>> = {}): Promise<string> {
    Cluster.#namespaces += 1
    const name = `${prefix}-${process.pid}-${Cluster.#namespaces}`
    const metadata = { name, labels }
    await this.client.ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
    return name
  }

  /** Runs kubectl as `admin`, or with another kubeconfig, and gives what it printed. Throws `CommandFailed`. */
  kubectl(
    args: readonly string[],
    options: { readonly stdin?: string; readonly kubeconfig?: string } = {},
  ): Promise<string> {
    const { kubeconfig = this.facts.kubeconfig, ...rest } = options
    return command(this.facts.kubectl, ['--kubeconfig', kubeconfig, ...args], rest)
  }

  /**
   * Resolves when the API server serves these kinds, by the names of their definitions. `kubectl wait` fails on a definition that is so new
   * that it has no status.
   */
  async established(...definitions: readonly string[]): Promise<void> {
    for (const name of definitions) {
      await waitFor(`${name} is established`, async () => {
        const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`
        const { status } = (await this.client.ask('GET', path)) as Definition
        return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') === true
      })
    }
  }

  /** A token and a kubeconfig of a ServiceAccount that exists. */
  serviceAccount(namespace: string, name: string, expirationSeconds?: number): Promise<ServiceAccountAccess> {
    return serviceAccountAccess(this.client, this.admin, { namespace, name }, this.facts.folder, expirationSeconds)
  }

  /** Closes its connections. The cluster goes on. */
  close(): void {
    this.client.close()
  }
}

const given = inject('cluster')

/** Undefined where no cluster can be had. */
function facts(): ClusterFacts | undefined {
  return 'missing' in given ? undefined : given
}

/** A suite on the real cluster; skipped where none can be had, which happens to users only. */
export function describeCluster(name: string, body: (cluster: Cluster) => void): void {
  const known = facts()
  if (known === undefined) {
    describe.skip(name)
    return
  }
  describe(name, () => run(known, body))
}

/**
 * A suite on the real cluster for one mesh. Skipped for a user who has not named a folder with that mesh's CRDs; in CI the suite runs
 * all the same, and fails, but for a mesh whose CRDs no registry serves. With `concurrent` it runs beside the suites next to it that are so too.
 */
export function describeMesh(
  mesh: TriedMesh,
  body: (cluster: Cluster) => void,
  options: { readonly concurrent?: boolean } = {},
): void {
  const known = facts()
  if (known === undefined || (!known.meshes.includes(mesh) && !(clusterEnvironment().ci && isExpected(mesh)))) {
    describe.skip(mesh)
    return
  }
  describe(mesh, options, () => run(known, body))
}

function run(known: ClusterFacts, body: (cluster: Cluster) => void): void {
  const cluster = new Cluster(known)
  afterAll(() => cluster.close())
  body(cluster)
}
