import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { PlainClient } from './client.ts'
import type { ControlPlane } from './control-plane.ts'
import { freePort } from './ports.ts'
import { type Running, start, waitFor } from './processes.ts'

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'kwok-0', labels: { 'kubernetes.io/hostname': 'kwok-0', 'kubernetes.io/os': 'linux' } },
}

/**
 * Starts kwok with one fake node of 1000 CPUs, and waits until the node is ready. kwok's built-in stages apply: a pod with a node runs
 * and is ready at once, and is gone as soon as it is deleted. A release that never comes up is one that the scheduler finds no
 * node for: give its pods a `nodeSelector` that no node answers.
 */
export async function startKwok(
  binaries: Binaries,
  plane: ControlPlane,
  folder: string,
  logs: string,
  started: (running: Running) => void,
): Promise<void> {
  const kwok = await start(
    'kwok',
    binaries.kwok,
    [
      `--kubeconfig=${plane.kubeconfigs.kwok}`,
      '--manage-all-nodes',
      '--cidr=10.244.0.0/16',
      '--node-ip=10.244.0.1',
      `--server-address=127.0.0.1:${await freePort()}`,
    ],
    logs,
    // kwok also reads a configuration from its own folder in the user's home, which must not matter here.
    { variables: { KWOK_WORKDIR: join(folder, 'kwok') } },
  )
  started(kwok)
  const admin = new PlainClient(plane.admin)
  await admin.ask('POST', '/api/v1/nodes', node)
  await waitFor(
    'the fake node is ready',
    async () => isReady(await admin.ask('GET', `/api/v1/nodes/${node.metadata.name}`)),
    {
      processes: [kwok],
    },
  )
  admin.close()
}

interface WithConditions {
  readonly status: { readonly conditions: readonly unknown[] }
}

function hasConditions(value: unknown): value is WithConditions {
  if (typeof value !== 'object' || value === null || !('status' in value)) return false
  const { status } = value
  return typeof status === 'object' && status !== null && 'conditions' in status && Array.isArray(status.conditions)
}

function isReady(value: unknown): boolean {
  if (!hasConditions(value)) return false
  return value.status.conditions.some((entry) => {
    if (typeof entry !== 'object' || entry === null) return false
    return 'type' in entry && entry.type === 'Ready' && 'status' in entry && entry.status === 'True'
  })
}
