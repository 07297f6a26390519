import type { KubeObject } from '../kube/object.ts'
import type { Cluster } from './cluster.ts'
import { createObject, type Write } from './write.ts'

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** Creates what every cluster starts with: its namespaces and the Service of the API itself. */
export function seed(cluster: Cluster): void {
  for (const name of namespaces)
    create(cluster, 'namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  create(cluster, 'services', 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  })
}

function create(cluster: Cluster, plural: string, namespace: string | undefined, object: KubeObject): void {
  const served = cluster.registry.find('', 'v1', plural)
  if (served === undefined) return
  const write: Write = {
    cluster,
    ...served,
    namespace,
    subresource: '',
    writer: { manager: 'kube-apiserver', operation: 'Update', apiVersion: 'v1', subresource: '' },
    dryRun: false,
    strictness: 'Ignore',
    warnings: [],
  }
  createObject(write, object)
}
