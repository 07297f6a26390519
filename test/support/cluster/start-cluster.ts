import { findBinaries } from './binaries.ts'
import type { Access } from './client.ts'
import { command } from './command.ts'
import { startControlPlane } from './control-plane.ts'
import { startControllers, startScheduler } from './controllers.ts'
import { availableMeshes, installCrds, type TriedMesh } from './crds.ts'
import type { ClusterEnvironment } from './environment.ts'
import { startKwok } from './kwok.ts'
import { startProgress } from './progress.ts'
import { openRun } from './run.ts'

/** What a test needs to know of the cluster, as plain data. */
export interface ClusterFacts {
  /** A folder for files of this run; it goes with the cluster. */
  readonly folder: string
  readonly admin: Access
  /** Kubeconfig of the user `admin`, who may do everything. */
  readonly kubeconfig: string
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
  readonly auditLog: string
  readonly kubectl: string
  /** The meshes whose CRDs are installed. */
  readonly meshes: readonly TriedMesh[]
  /** Process ids by name, for measuring. */
  readonly processes: Readonly<Record<string, number>>
}

export interface StartedCluster {
  readonly facts: ClusterFacts
  stop(): Promise<void>
}

/** Starts etcd, kube-apiserver, the CRDs, the controllers, the scheduler and kwok. Nothing is left running when it throws. */
export async function startCluster(environment: ClusterEnvironment): Promise<StartedCluster> {
  const binaries = await findBinaries(environment)
  const { folder, logs, running, started, stop } = await openRun('autopilot-cluster-')
  const progress = startProgress('starting the cluster')
  try {
    progress.say('waiting for the API server')
    const plane = await startControlPlane(binaries, folder, started)
    const kubectl = (args: readonly string[]) =>
      command(binaries.kubectl, ['--kubeconfig', plane.kubeconfigs.admin, ...args])
    progress.say('installing CRDs')
    const crds = await installCrds(kubectl, folder, environment.crds)
    progress.say('waiting for the node')
    started(await startControllers(binaries, plane, logs))
    started(await startScheduler(binaries, plane, folder, logs))
    await startKwok(binaries, plane, folder, logs, started)
    const meshes = availableMeshes(crds)
    progress.end(`ready with ${crds.size} CRDs, for ${meshes.join(', ')},`)
    return {
      facts: {
        folder,
        admin: plane.admin,
        kubeconfig: plane.kubeconfigs.admin,
        clientCertificate: plane.clientCertificate,
        auditLog: plane.auditLog,
        kubectl: binaries.kubectl,
        meshes,
        processes: Object.fromEntries(running.map(({ name, pid }) => [name, pid])),
      },
      stop,
    }
  } catch (error) {
    progress.end('failed')
    await stop()
    throw error
  }
}
