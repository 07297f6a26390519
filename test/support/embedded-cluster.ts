import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlaneOptions, createControlPlane } from '../../src/apiserver/control-plane.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { connect } from '../../src/kube/connect.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { callAp } from './call-ap.ts'
import type { ApResult } from './run-ap.ts'

/** An API server in this process behind a kubeconfig file, for commands that look for a cluster. */
export interface EmbeddedCluster {
  readonly client: KubeClient
  readonly kubeconfig: string
  /** Calls `ap` with that kubeconfig, without a terminal. */
  ap(...args: readonly string[]): Promise<ApResult>
  /** Serves the kinds of a mesh. */
  install(mesh: string): Promise<void>
  close(): Promise<void>
}

export async function embeddedCluster(options: ControlPlaneOptions = {}): Promise<EmbeddedCluster> {
  const plane = createControlPlane({ workloads: { readyAfter: 0 }, ...options })
  const { url } = await plane.listen()
  const folder = await mkdtemp(join(tmpdir(), 'ap-cluster-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, plane.kubeconfig(url))
  const { client } = await connect({ kubeconfig, env: {} })
  return {
    client,
    kubeconfig,
    ap: (...args) => callAp([...args, '--kubeconfig', kubeconfig]),
    async install(mesh) {
      const provider = builtInMeshes.find(({ name }) => name === mesh)
      const kinds = provider?.create({ clusterDomain: 'cluster.local', apiVersions: {} }).kinds ?? []
      for (const crd of meshCrds(kinds)) await client.create(definitionKind, crd)
    },
    async close() {
      await client.close()
      await plane.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const definitionKind: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** `Kind namespace/name` of objects, for tables of what there is. */
export function names(objects: readonly KubeObject[]): string[] {
  return objects.map(
    ({ kind, metadata: { namespace, name } }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
  )
}
