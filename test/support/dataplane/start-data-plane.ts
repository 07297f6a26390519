import { type Binaries, findBinaries } from '../cluster/binaries.ts'
import { type Access, PlainClient } from '../cluster/client.ts'
import { command } from '../cluster/command.ts'
import { startControlPlane } from '../cluster/control-plane.ts'
import { installCrds } from '../cluster/crds.ts'
import type { ClusterEnvironment } from '../cluster/environment.ts'
import { startProgress } from '../cluster/progress.ts'
import { openRun, type Run } from '../cluster/run.ts'
import { issueIdentity } from './identity.ts'
import { startIstiod } from './istiod.ts'
import { ownAddresses } from './own-address.ts'
import { findMeshPrograms, type MeshPrograms } from './programs.ts'
import { startSecretService } from './secret-service.ts'
import { clientAccount, clientNamespace, startSidecar } from './sidecar.ts'

/** What a test needs to know of the running mesh, as plain data. */
export interface DataPlaneFacts {
  readonly admin: Access
  /** Where backends listen: addresses of this machine alone. A Service with more than one pod has one at each. */
  readonly backendAddresses: readonly string[]
  /** Loopback port of the sidecar's own pages. */
  readonly sidecarAdminPort: number
  readonly sidecarLog: string
  /** Where istiod answers over plain HTTP, its validation of objects at `/validate` included. */
  readonly istiodUrl: string
  /** Loopback ports of istiod: the one configures proxies without TLS, the other issues certificates with it. */
  readonly discoveryPort: number
  readonly certificatePort: number
  /** The programs of a proxy and of istiod, with what the latter knows the API server by, and where they may keep what they need. */
  readonly envoy: string
  readonly istiod: string
  readonly kubeconfig: string
  readonly folder: string
  readonly logs: string
}

interface StartedDataPlane {
  readonly facts: DataPlaneFacts
  stop(): Promise<void>
}

/** Starts etcd, kube-apiserver, the CRDs, istiod and a client's sidecar. Nothing is left running when it throws. */
export async function startDataPlane(environment: ClusterEnvironment): Promise<StartedDataPlane> {
  const run = await openRun('autopilot-dataplane-')
  try {
    // First what may be impossible here, then what may take long.
    const own = await ownAddresses()
    run.undo(async () => own.remove())
    const binaries = await findBinaries(environment)
    const programs = await findMeshPrograms(environment)
    return { facts: await startPrograms(binaries, programs, own.addresses, run), stop: run.stop }
  } catch (error) {
    await run.stop()
    throw error
  }
}

async function startPrograms(
  binaries: Binaries,
  programs: MeshPrograms,
  backendAddresses: readonly string[],
  { folder, logs, started, undo }: Run,
): Promise<DataPlaneFacts> {
  const progress = startProgress('starting the mesh')
  try {
    progress.say('waiting for the API server')
    const plane = await startControlPlane(binaries, folder, started)
    progress.say('installing CRDs')
    const kubectl = (args: readonly string[]) =>
      command(binaries.kubectl, ['--kubeconfig', plane.kubeconfigs.admin, ...args])
    await installCrds(kubectl, folder, undefined, 'experimental')
    await makeNamespaces(plane.admin)
    progress.say('waiting for istiod')
    const istiod = await startIstiod(programs.istiod, plane.kubeconfigs.admin, folder, logs, started)
    progress.say('waiting for Envoy')
    const { certificatePort, discoveryPort } = istiod
    const admin = new PlainClient(plane.admin)
    const secrets = await startSecretService(await issueIdentity(admin, { certificatePort, folder }, clientAccount))
    undo(async () => secrets.stop())
    admin.close()
    const surroundings = { discoveryPort, secretsPort: secrets.port, folder, logs, started }
    const sidecar = await startSidecar(programs.envoy, surroundings)
    progress.end('ready')
    return {
      admin: plane.admin,
      backendAddresses,
      sidecarAdminPort: sidecar.adminPort,
      sidecarLog: sidecar.process.log,
      istiodUrl: istiod.url,
      discoveryPort,
      certificatePort,
      envoy: programs.envoy,
      istiod: programs.istiod,
      kubeconfig: plane.kubeconfigs.admin,
      folder,
      logs,
    }
  } catch (error) {
    progress.end('failed')
    throw error
  }
}

async function makeNamespaces(admin: Access): Promise<void> {
  const client = new PlainClient(admin)
  for (const name of ['istio-system', clientNamespace]) {
    await client.ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  client.close()
}
