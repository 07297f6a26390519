import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deploymentKind, installedKind } from '../../src/cli/cluster/kinds.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { fieldsOf } from '../../src/mesh/fields.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { Background } from '../support/new-project/terminal.ts'
import { namespace, podinfo, podinfoService } from '../support/podinfo.ts'

const root = join(import.meta.dirname, '..', '..')
const kind = (group: string, version: string, name: string, plural: string): Kind => ({
  group,
  version,
  kind: name,
  plural,
  namespaced: true,
})
const canaryKind = kind('autopilot.examples.io', 'v1', 'CanaryDeployment', 'canarydeployments')
const virtualServiceKind = kind('networking.istio.io', 'v1', 'VirtualService', 'virtualservices')
const target = { name: 'podinfo', namespace }

/** The operator is a process beside the cluster here, where a Deployment has no pods: to `ap undeploy` that is no difference. */
describe('ap undeploy --cascade --traffic restore, while the operator runs', () => {
  let cluster: EmbeddedCluster
  let operator: Background

  beforeAll(async () => {
    cluster = await embeddedCluster()
    await cluster.install('istio')
    await cluster.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const deployed = await cluster.ap('deploy', 'registry.example/canary:1', 'operators/canary', '--cluster-scoped')
    expect(deployed).toMatchObject({ code: 0, stderr: '' })
    await cluster.client.create(deploymentKind, asWritten(podinfo()))
    await cluster.client.create(installedKind('Service'), asWritten(podinfoService()))
    await cluster.client.create(canaryKind, {
      apiVersion: 'autopilot.examples.io/v1',
      kind: 'CanaryDeployment',
      metadata: target,
      spec: { deployment: 'podinfo' },
    })
    const call = `exec ${process.execPath} bin/ap.js run operators/canary --metrics-addr "" --kubeconfig ${cluster.kubeconfig}`
    operator = new Background(call, root, { PATH: process.env['PATH'] })
    await waitFor('the canary waits for a new version', async () => {
      const { status } = await cluster.client.get(canaryKind, target)
      return fieldsOf(status)['phase'] === 'Waiting'
    })
  })
  afterAll(async () => {
    await operator?.interrupt()
    await cluster?.close()
  })

  test('the Service, the Deployment and the mesh are as they were before, and nothing of the operator is left', async () => {
    expect(await selector()).not.toEqual({ app: 'podinfo' })
    const { code, stdout, stderr } = await cluster.ap(
      ...['undeploy', 'operators/canary', '--cascade', '--traffic', 'restore'],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^restored {3}CanaryDeployment shop\/podinfo\ndeleted {4}Deployment canary-operator\/canary-operator\n/,
    )
    expect(stdout).toContain('deleted    CustomResourceDefinition canarydeployments.autopilot.examples.io\n')
    expect(await selector()).toEqual({ app: 'podinfo' })
    const deployments = await cluster.client.list(deploymentKind, { namespace })
    expect(deployments.items.map(({ metadata, spec }) => [metadata.name, fieldsOf(spec)['replicas']])).toEqual([
      ['podinfo', 2],
    ])
    expect((await cluster.client.list(virtualServiceKind, { namespace })).items).toEqual([])
  })

  async function selector() {
    const { spec } = await cluster.client.get(installedKind('Service'), target)
    return fieldsOf(spec)['selector']
  }
})

/** Without what an API server writes itself. */
function asWritten({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, namespace, labels } = metadata
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), ...(labels && { labels }) },
    spec,
  }
}
