import { afterEach, beforeEach } from 'vitest'
import { installedKinds } from '../../src/cli/cluster/kinds.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { type EmbeddedCluster, embeddedCluster, names } from './embedded-cluster.ts'
import type { ApResult } from './run-ap.ts'

/** The project of the canary operator. */
export const folder = 'operators/canary'
export const image = 'registry.example/team/canary:1.0'
export const operator = { namespace: 'canary-operator', name: 'canary-operator' }
/** The operator's own, on resources that it has to clean up after. */
export const ownFinalizer = 'autopilot.examples.io/canary-operator'
export const canaryKind: Kind = {
  group: 'autopilot.examples.io',
  version: 'v1',
  kind: 'CanaryDeployment',
  plural: 'canarydeployments',
  namespaced: true,
}

type Call = (...args: string[]) => Promise<ApResult>

/** A cluster with Istio's kinds, and what one does there with the canary operator. */
export interface CanaryInstallation {
  readonly cluster: Omit<EmbeddedCluster, 'close'>
  readonly deploy: Call
  readonly undeploy: Call
  /** All that is there of the operator, as `Kind namespace/name`. */
  installed(): Promise<string[]>
  namespace(name: string): Promise<void>
  /** Makes the resource `default/web`. */
  canary(finalizers?: string[]): Promise<KubeObject>
}

/** For the tests of a file: each of them has a cluster of its own. */
export function canaryInstallation(): CanaryInstallation {
  let current: EmbeddedCluster
  beforeEach(async () => {
    current = await embeddedCluster()
    await current.install('istio')
  })
  afterEach(() => current.close())
  return {
    cluster: {
      get client() {
        return current.client
      },
      get kubeconfig() {
        return current.kubeconfig
      },
      ap: (...args) => current.ap(...args),
      install: (mesh) => current.install(mesh),
    },
    deploy: (...args) => current.ap('deploy', image, folder, ...args),
    undeploy: (...args) => current.ap('undeploy', folder, ...args),
    async installed() {
      const labelSelector = 'app.kubernetes.io/name=canary-operator'
      const lists = await Promise.all(installedKinds.map((kind) => current.client.list(kind, { labelSelector })))
      return names(lists.flatMap(({ items }) => items))
    },
    async namespace(name) {
      await current.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    },
    canary: (finalizers = []) =>
      current.client.create(canaryKind, {
        apiVersion: 'autopilot.examples.io/v1',
        kind: 'CanaryDeployment',
        metadata: { name: 'web', namespace: 'default', finalizers },
        spec: { deployment: 'web' },
      }),
  }
}
