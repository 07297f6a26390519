import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlainClient } from '../support/cluster/client.ts'
import { describeCluster, describeMesh } from '../support/cluster/cluster.ts'
import { type MeshName, meshNames } from '../support/cluster/crds.ts'
import { waitFor } from '../support/cluster/processes.ts'

const deploy = join(import.meta.dirname, '..', '..', 'deploy')
const operator = 'canary-operator'

/** A kind of each mesh that its operator may write: its version and its plural name. */
const kinds: Readonly<Record<MeshName, readonly [string, string]>> = {
  istio: ['networking.istio.io/v1', 'virtualservices'],
  'istio-ambient': ['gateway.networking.k8s.io/v1', 'httproutes'],
  'gateway-api': ['gateway.networking.k8s.io/v1', 'httproutes'],
  linkerd: ['gateway.networking.k8s.io/v1', 'httproutes'],
  smi: ['split.smi-spec.io/v1alpha2', 'trafficsplits'],
}

for (const mesh of meshNames) {
  describeMesh(mesh, (cluster) => {
    const overlay = join(deploy, 'overlays', mesh)

    beforeAll(async () => {
      await cluster.kubectl(['apply', '--server-side', '--validate=strict', '-k', overlay])
    })
    // What is cluster-wide goes, or the next mesh's operator would have this one's rights too.
    afterAll(() => cluster.kubectl(['delete', '-f', join(overlay, 'mesh-role.yaml')]))

    test('the overlay is accepted, and applying it again changes nothing', async () => {
      const written = ['get', 'deployment,role,configmap,serviceaccount', '-n', operator, '-o', 'yaml']
      await cluster.kubectl(['-n', operator, 'rollout', 'status', `deployment/${operator}`, '--timeout=60s'])
      const before = await cluster.kubectl(written)
      await cluster.kubectl(['apply', '--server-side', '-k', overlay])
      expect(await cluster.kubectl(written)).toBe(before)
      expect(before).toContain(`meshProvider: ${mesh}`)
    })

    test('the operator’s ServiceAccount may write its mesh’s objects and sees nothing of a mesh that has no say there, nor Secrets', async () => {
      const client = new PlainClient((await cluster.serviceAccount(operator, operator)).access)
      const list = async (version: string, kind: string) => {
        const root = version.includes('/') ? '/apis' : '/api'
        return (await client.call('GET', `${root}/${version}/namespaces/default/${kind}`)).status
      }
      await waitFor('the rights are in force', async () => (await list(...kinds[mesh])) === 200)
      // A kind that is new answers 429 for a moment, while its storage is set up.
      await waitFor('canaries are served', async () => {
        return (await list('autopilot.examples.io/v1', 'canarydeployments')) === 200
      })
      expect(await list('apps/v1', 'deployments')).toBe(200)
      expect(await list('v1', 'secrets')).toBe(403)
      expect(await list('apps/v1', 'daemonsets')).toBe(403)
      expect(await list(...kinds[mesh === 'smi' ? 'istio' : 'smi'])).toBe(403)
      client.close()
    })
  })
}

describeCluster('the CustomResourceDefinition of the canary operator', (cluster) => {
  const canaries = (namespace: string) => `/apis/autopilot.examples.io/v1/namespaces/${namespace}/canarydeployments`
  const canary = (spec: object) => ({
    apiVersion: 'autopilot.examples.io/v1',
    kind: 'CanaryDeployment',
    metadata: { generateName: 'web-' },
    spec: { deployment: 'web', ...spec },
  })

  beforeAll(async () => {
    await cluster.kubectl(['apply', '--server-side', '-f', join(deploy, 'base', 'crd.yaml')])
    await cluster.established('canarydeployments.autopilot.examples.io')
  })

  test('is served without a schema that the API server finds fault with', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/canarydeployments.autopilot.examples.io'
    const crd = JSON.stringify(await cluster.client.ask('GET', path))
    expect(crd).not.toContain('NonStructuralSchema')
    expect(crd).not.toContain('NonConformant')
  })

  test('takes a canary that names its Deployment alone', async () => {
    const namespace = await cluster.namespace()
    await waitFor('the new kind is served', async () => {
      return (await cluster.client.call('GET', canaries(namespace))).status === 200
    })
    expect(await cluster.client.call('POST', canaries(namespace), canary({}))).toMatchObject({ status: 201 })
  })

  test.each([
    ['steps that fall', { steps: [50, 20] }],
    ['a weight over 100', { steps: [20, 200] }],
    ['a negative weight', { stepWeight: -5 }],
    ['steps beside a step weight', { steps: [20, 50], stepWeight: 10 }],
    ['a Deployment whose name is no name', { deployment: 'Web/1' }],
  ])('refuses %s', async (_, spec) => {
    const namespace = await cluster.namespace()
    const answer = await cluster.client.call('POST', canaries(namespace), canary(spec))
    expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } })
  })
})
