import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeClient } from '../../kube/client.ts'
import { connect } from '../../kube/connect.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import type { MetricsSource } from '../../metrics/metrics.ts'
import { meshContext } from '../../project/configured-adapter.ts'
import { loadOperatorConfig } from '../../project/load.ts'
import { startLocalCluster } from '../../simulator/local-cluster.ts'
import { startLocalTraffic } from '../../simulator/local-traffic.ts'
import type { Screen } from '../demo/screen.ts'
import type { CommandIo } from '../io.ts'
import { packageVersion } from '../package.ts'
import type { DevOptions } from './options.ts'

/** Where the project runs. */
export interface Ground {
  readonly client: KubeClient
  /** Absent where the current kubeconfig is meant. */
  readonly kubeconfig?: string
  readonly metrics?: MetricsSource
  /** The mesh that the project names now, when that is not the one that this was made for. */
  otherMesh?(): Promise<string | undefined>
  close(): Promise<void>
}

/** The cluster of the current kubeconfig. */
export async function realGround({ context }: DevOptions, { env }: CommandIo): Promise<Ground> {
  const { client } = await connect({ env, context, userAgent: `ap-dev/${packageVersion()}` })
  return { client, close: () => client.close() }
}

/** A control plane with the project's mesh and simulated requests; its kubeconfig is written into `scratch`, always under the same name. */
export async function localGround(
  folder: string,
  scratch: string,
  options: DevOptions,
  providers: readonly MeshProvider[],
  screen: Screen,
): Promise<Ground> {
  const knownMeshes = providers.map(({ name }) => name)
  const config = await loadOperatorConfig('autopilot-operator.yaml', { knownMeshes }, folder)
  const provider = providers.find(({ name }) => name === config.meshProvider)
  // The reader of the configuration has refused every name that is not there.
  if (provider === undefined) throw new Error(`there is no mesh ${config.meshProvider}`)
  const adapter = provider.create(meshContext(config))
  const cluster = await startLocalCluster(adapter)
  const traffic = startLocalTraffic(adapter, cluster.view, options)
  const kubeconfig = join(scratch, 'kubeconfig')
  // For this user's eyes only.
  await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
  screen.line(`A control plane with ${provider.name} is running. In another terminal:`)
  screen.line(`  export KUBECONFIG=${kubeconfig}`)
  screen.line('Ctrl-C ends it.')
  return {
    client: cluster.client('ap-dev'),
    kubeconfig,
    metrics: traffic.metrics,
    async otherMesh() {
      // A file that cannot be read is told by the operator itself.
      const now = await loadOperatorConfig('autopilot-operator.yaml', { knownMeshes }, folder).catch(() => config)
      return now.meshProvider === config.meshProvider ? undefined : now.meshProvider
    },
    async close() {
      traffic.stop()
      await cluster.stop()
    },
  }
}
