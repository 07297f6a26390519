import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parse } from 'yaml'
import type { Cluster } from '../cluster/cluster.ts'
import type { MeshName } from '../cluster/crds.ts'
import { freePort } from '../cluster/ports.ts'
import { type Running, start, waitFor } from '../cluster/processes.ts'
import type { ServiceAccountAccess } from '../cluster/service-account.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** What of the operator's configuration a test sets; the rest is as in the overlay. */
export type Configuration = Readonly<Record<string, unknown>>

/**
 * The canary operator as `kubectl apply -k deploy/overlays/<mesh>` installs it, but for its name and namespace, so that several
 * have room in one cluster (kustomize's own way to do that). Its Deployment has no image here: `start` runs its command.
 */
export class Installation {
  readonly namespace: string
  readonly account: ServiceAccountAccess
  readonly accountName: string
  readonly #cluster: Cluster
  readonly #mesh: MeshName
  readonly #folder: string
  #configuration: Configuration = {}
  #starts = 0

  private constructor(cluster: Cluster, mesh: MeshName, place: Place, account: ServiceAccountAccess) {
    this.#cluster = cluster
    this.#mesh = mesh
    this.namespace = place.namespace
    this.accountName = place.accountName
    this.#folder = place.folder
    this.account = account
  }

  static async apply(cluster: Cluster, mesh: MeshName, label: string): Promise<Installation> {
    const namespace = `operator-${label}`
    const accountName = `canary-operator-${label}`
    const folder = join(cluster.facts.folder, namespace)
    await mkdir(folder, { recursive: true })
    const overlay = {
      resources: [relative(folder, join(root, 'deploy', 'overlays', mesh))],
      namespace,
      nameSuffix: `-${label}`,
    }
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(overlay))
    await applyFolder(cluster, folder)
    const account = await cluster.serviceAccount(namespace, accountName)
    return new Installation(cluster, mesh, { namespace, accountName, folder }, account)
  }

  /** Applies the manifests again. */
  async apply(): Promise<void> {
    await applyFolder(this.#cluster, this.#folder)
  }

  /** Gives the operator a fresh token in a file beside its kubeconfig, as a pod has it; called again, another one. */
  async useTokenFile(): Promise<void> {
    const { access } = await this.#cluster.serviceAccount(this.namespace, this.accountName)
    const tokenFile = join(this.#folder, 'token')
    await writeFile(tokenFile, access.token ?? '')
    const config: { users: object[] } = JSON.parse(await readFile(this.account.kubeconfig, 'utf8'))
    config.users = [{ name: 'test', user: { tokenFile } }]
    await writeFile(this.account.kubeconfig, JSON.stringify(config))
  }

  /** Writes the configuration that a running operator reads again: the overlay's with these fields. Answers its file. */
  async configure(configuration: Configuration): Promise<string> {
    const overlay = join(root, 'deploy', 'overlays', this.#mesh, 'autopilot-operator.yaml')
    const deployed: object = parse(await readFile(overlay, 'utf8'))
    this.#configuration = { ...this.#configuration, ...configuration }
    const config = { ...deployed, leaderElectionNamespace: this.namespace, ...this.#configuration }
    const file = join(this.#folder, 'autopilot-operator.yaml')
    await writeFile(file, JSON.stringify(config, undefined, 2))
    return file
  }

  /** Starts the operator as its own process and waits until it says that it is ready, unless `ready` is false. */
  async start(configuration: Configuration, { ready = true } = {}): Promise<LiveOperator> {
    this.#starts += 1
    const metricsAddr = `127.0.0.1:${await freePort()}`
    const file = await this.configure({ metricsAddr, ...configuration })
    const args = [join(root, 'bin', 'ap.js'), 'run', join(root, 'operators', 'canary')]
    const running = await start(
      `operator-${this.#starts}`,
      process.execPath,
      [...args, '--config', file, '--kubeconfig', this.account.kubeconfig],
      this.#folder,
    )
    const operator = new LiveOperator(running, `http://${metricsAddr}`)
    if (ready) await waitFor('the operator is ready', () => operator.isReady(), { processes: [running] })
    return operator
  }
}

interface Place {
  readonly namespace: string
  readonly accountName: string
  readonly folder: string
}

/** Others apply the same CustomResourceDefinition at the same time, with the same content. */
async function applyFolder(cluster: Cluster, folder: string): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-k', folder])
}

/** A running operator, as whoever operates it sees it. */
export class LiveOperator {
  readonly process: Running
  readonly #url: string

  constructor(process: Running, url: string) {
    this.process = process
    this.#url = url
  }

  async isReady(): Promise<boolean> {
    return (await this.readiness()).status === 200
  }

  /** What `/readyz` answers; status 0 while nobody listens. */
  async readiness(): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const answer = await fetch(`${this.#url}/readyz`)
      return { status: answer.status, text: await answer.text() }
    } catch {
      return { status: 0, text: '' }
    }
  }

  /** Its log so far, one object a line. */
  async log(): Promise<Record<string, unknown>[]> {
    const lines = (await readFile(this.process.log, 'utf8')).split('\n')
    return lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  }

  stop(): Promise<void> {
    return this.process.stop()
  }
}
