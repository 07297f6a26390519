import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { ControlPlane } from './control-plane.ts'
import { freePort } from './ports.ts'
import { type Running, start } from './processes.ts'

/** The controllers that a workflow on Deployments meets. Names as `kube-controller-manager --help` lists them. */
const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'clusterrole-aggregation-controller',
]

/**
 * Starts the real kube-controller-manager. Start it when the CRDs are installed: its garbage collector looks for new kinds only
 * every 30 seconds.
 */
export async function startControllers(binaries: Binaries, plane: ControlPlane, logs: string): Promise<Running> {
  return start(
    'kube-controller-manager',
    binaries.controllerManager,
    [
      `--kubeconfig=${plane.kubeconfigs.controllers}`,
      '--leader-elect=false',
      '--secure-port=0',
      `--controllers=${controllers.join(',')}`,
      // The default of 20 requests a second is for clusters that last; tests make and drop namespaces all the time.
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
      '--concurrent-namespace-syncs=10',
    ],
    logs,
  )
}

/** Starts the real kube-scheduler, which gives pods their node. */
export async function startScheduler(
  binaries: Binaries,
  plane: ControlPlane,
  folder: string,
  logs: string,
): Promise<Running> {
  const config = join(folder, 'scheduler.json')
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig: plane.kubeconfigs.scheduler, qps: 500, burst: 1000 },
      leaderElection: { leaderElect: false },
    }),
  )
  return start(
    'kube-scheduler',
    binaries.scheduler,
    [`--config=${config}`, '--bind-address=127.0.0.1', `--secure-port=${await freePort()}`, `--cert-dir=${folder}`],
    logs,
  )
}
