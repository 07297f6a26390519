import { join } from 'node:path'
import { expect, test } from 'vitest'
import { builtInMeshes } from '../../src/meshes.ts'
import { describeCluster } from '../support/cluster/cluster.ts'
import { command } from '../support/cluster/command.ts'
import { findHelm } from '../support/cluster/helm.ts'
import { versions } from '../support/cluster/versions.ts'

const chart = join(import.meta.dirname, '..', '..', 'deploy', 'chart')
const helm = (await findHelm()) ?? ''

describeCluster('the Helm chart of the canary operator', (cluster) => {
  test.skipIf(helm === '').each(builtInMeshes.map((mesh) => [mesh.name, mesh] as const))(
    'is accepted as it is for %s',
    async (mesh, provider) => {
      const namespace = await cluster.namespace('chart')
      const release = ['template', 'web', chart, '--namespace', namespace, '--include-crds']
      const values = ['--set', `mesh=${mesh}`, '--kube-version', versions.kubernetes.version]
      const objects = await command(helm, [...release, ...values])
      const dryRun = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-']
      const accepted = (await cluster.kubectl(dryRun, { stdin: objects })).trim().split('\n')
      // The release of a mesh that is told by its CRDs is read from them.
      const { annotatedCrds = [] } = provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
      const reading = ['clusterrole', 'clusterrolebinding'].map((kind) => `${kind}.rbac.authorization.k8s.io`)
      expect(accepted.map((line) => line.split(' ')[0]?.split('/').at(0)).sort()).toEqual(
        [
          'clusterrole.rbac.authorization.k8s.io',
          'clusterrole.rbac.authorization.k8s.io',
          'clusterrolebinding.rbac.authorization.k8s.io',
          'clusterrolebinding.rbac.authorization.k8s.io',
          'configmap',
          'customresourcedefinition.apiextensions.k8s.io',
          'deployment.apps',
          'networkpolicy.networking.k8s.io',
          'poddisruptionbudget.policy',
          'role.rbac.authorization.k8s.io',
          'rolebinding.rbac.authorization.k8s.io',
          'service',
          'serviceaccount',
          ...(annotatedCrds.length > 0 ? reading : []),
        ].sort(),
      )
    },
  )
})
