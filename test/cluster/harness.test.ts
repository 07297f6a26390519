import { expect, test } from 'vitest'
import { countCalls } from '../support/cluster/audit.ts'
import { PlainClient } from '../support/cluster/client.ts'
import { describeCluster, describeMesh } from '../support/cluster/cluster.ts'
import { CommandFailed } from '../support/cluster/command.ts'
import { type MeshName, meshNames } from '../support/cluster/crds.ts'
import { waitFor } from '../support/cluster/processes.ts'

const pod = { containers: [{ name: 'app', image: 'registry.invalid/app:1' }] }

function deployment(name: string, extra: object = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { ...pod, ...extra } },
    },
  }
}

describeCluster('the real cluster', (cluster) => {
  test('answers as the version that was built', async () => {
    expect(await cluster.client.ask('GET', '/version')).toMatchObject({ major: '1', minor: '34' })
    expect(await cluster.kubectl(['get', '--raw', '/readyz'])).toBe('ok')
  })

  test('makes a Deployment available with pods of the real controllers', async () => {
    const namespace = await cluster.namespace()
    await cluster.client.ask('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment('web'))
    await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s'])
    const ready = await cluster.kubectl(['-n', namespace, 'get', 'pods', '-l', 'app=web', '--no-headers'])
    expect(ready.trim().split('\n')).toHaveLength(2)
    expect(ready).toMatch(/Running/)
  })

  test('gives a Service endpoints once its pods are ready', async () => {
    const namespace = await cluster.namespace()
    await cluster.client.ask('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment('web'))
    await cluster.client.ask('POST', `/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })
    const slices = ['-n', namespace, 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=web', '-o']
    await waitFor('the Service has two endpoints', async () => {
      const addresses = await cluster.kubectl([...slices, 'jsonpath={.items[*].endpoints[*].addresses[0]}'])
      return addresses.split(' ').filter((address) => address !== '').length === 2
    })
  })

  test('leaves a Deployment unavailable whose pods fit no node', async () => {
    const namespace = await cluster.namespace()
    const broken = deployment('broken', { nodeSelector: { disk: 'none' } })
    await cluster.client.ask('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, broken)
    await cluster.kubectl([
      '-n',
      namespace,
      'wait',
      'deployment/broken',
      '--for=jsonpath={.status.unavailableReplicas}=2',
    ])
    await cluster.kubectl(['-n', namespace, 'wait', 'pod', '-l', 'app=broken', '--for=condition=PodScheduled=false'])
  })

  test('collects what belonged to an owner that is deleted', async () => {
    const namespace = await cluster.namespace()
    const maps = `/api/v1/namespaces/${namespace}/configmaps`
    const owner = await cluster.client.ask('POST', maps, { metadata: { name: 'owner' } })
    const { uid } = (owner as { metadata: { uid: string } }).metadata
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
    await cluster.client.ask('POST', maps, { metadata: { name: 'owned', ownerReferences } })
    await cluster.client.ask('DELETE', `${maps}/owner`)
    await waitFor(
      'the owned object is gone',
      async () => (await cluster.client.call('GET', `${maps}/owned`)).status === 404,
    )
  })

  test('collects what a custom resource owned', async () => {
    const namespace = await cluster.namespace()
    const services = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`
    const owner = await cluster.client.ask('POST', services, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'owner' },
      spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }] }] },
    })
    const { uid } = (owner as { metadata: { uid: string } }).metadata
    const ownerReferences = [{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', name: 'owner', uid }]
    const maps = `/api/v1/namespaces/${namespace}/configmaps`
    await cluster.client.ask('POST', maps, { metadata: { name: 'owned', ownerReferences } })
    await cluster.client.ask('DELETE', `${services}/owner`)
    await waitFor(
      'the owned object is gone',
      async () => (await cluster.client.call('GET', `${maps}/owned`)).status === 404,
    )
  })

  test('empties and removes a namespace that is deleted', async () => {
    const namespace = await cluster.namespace()
    await cluster.client.ask('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment('web'))
    await cluster.client.ask('DELETE', `/api/v1/namespaces/${namespace}`)
    const path = `/api/v1/namespaces/${namespace}`
    await waitFor('the namespace is gone', async () => (await cluster.client.call('GET', path)).status === 404)
  })

  test('refuses a ServiceAccount without rights, and lets it do what it is given', async () => {
    const namespace = await cluster.namespace()
    await cluster.kubectl(['-n', namespace, 'create', 'serviceaccount', 'reader'])
    const { access, kubeconfig, user } = await cluster.serviceAccount(namespace, 'reader')
    const client = new PlainClient(access)
    const path = `/api/v1/namespaces/${namespace}/services`
    expect(await client.call('GET', path)).toMatchObject({ status: 403, body: { reason: 'Forbidden' } })
    await cluster.kubectl(['-n', namespace, 'create', 'role', 'reader', '--verb=list', '--resource=services'])
    const subject = `--serviceaccount=${namespace}:reader`
    await cluster.kubectl(['-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', subject])
    await waitFor('the right is in force', async () => (await client.call('GET', path)).status === 200)
    expect(await cluster.kubectl(['get', 'services', '-o', 'name'], { kubeconfig })).toBe('')
    expect(
      await cluster.kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], { kubeconfig }),
    ).toBe(user)
    await expect(cluster.kubectl(['get', 'nodes'], { kubeconfig })).rejects.toThrow(CommandFailed)
    client.close()
  })

  test('refuses a token that is not one of its own', async () => {
    const client = new PlainClient({ ...cluster.admin, token: 'invented' })
    expect(await client.call('GET', '/api')).toMatchObject({ status: 401 })
    client.close()
  })

  test('counts the calls of one user between two marks, by verb and resource', async () => {
    const namespace = await cluster.namespace()
    await cluster.kubectl(['-n', namespace, 'create', 'serviceaccount', 'counted'])
    await cluster.kubectl([
      'create',
      'clusterrolebinding',
      namespace,
      '--clusterrole=edit',
      `--serviceaccount=${namespace}:counted`,
    ])
    const { access, user } = await cluster.serviceAccount(namespace, 'counted')
    const client = new PlainClient(access)
    const maps = `/api/v1/namespaces/${namespace}/configmaps`
    await waitFor('the right is in force', async () => (await client.call('GET', maps)).status === 200)

    const before = await cluster.audit.mark()
    await client.ask('POST', maps, { metadata: { name: 'a' } })
    await client.ask('GET', `${maps}/a`)
    await client.ask('PATCH', `${maps}/a`, { data: { b: 'c' } }, 'application/merge-patch+json')
    await client.call('GET', `${maps}/absent`)
    await client.ask('GET', `/apis/apps/v1/namespaces/${namespace}/deployments`)
    await client.call('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/absent/scale`)
    await client.ask('GET', `${maps}?watch=true&timeoutSeconds=1`)
    await cluster.client.ask('GET', `${maps}/a`)
    const after = await cluster.audit.mark()
    await client.ask('GET', `${maps}/a`)

    const calls = (await cluster.audit.calls(before, after)).filter((call) => call.user === user)
    expect(countCalls(calls, ({ verb, resource, status }) => `${verb} ${resource} ${status}`)).toEqual({
      'create configmaps 201': 1,
      'get configmaps 200': 1,
      'patch configmaps 200': 1,
      'get configmaps 404': 1,
      'list deployments.apps 200': 1,
      'get deployments.apps/scale 404': 1,
      'watch configmaps 200': 1,
    })
    client.close()
  })
})

/** Objects that a mesh's CRDs take, one for each kind and version that matters. */
const samples: Readonly<Record<MeshName, readonly object[]>> = {
  istio: [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'web' },
      spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web-v1' }, weight: 1 }] }] },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'web' },
      spec: { host: 'web', subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
    },
  ],
  'istio-ambient': [httpRoute('istio-ambient')],
  'gateway-api': [httpRoute('gateway-api')],
  linkerd: [httpRoute('linkerd')],
  smi: ['v1alpha2', 'v1alpha4'].map((version) => ({
    apiVersion: `split.smi-spec.io/${version}`,
    kind: 'TrafficSplit',
    metadata: { name: `web-${version}` },
    spec: { service: 'web', backends: [{ service: 'web-v1', weight: 1 }] },
  })),
}

function httpRoute(name: string) {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }],
      rules: [{ backendRefs: [{ name: 'web-v1', port: 80, weight: 1 }] }],
    },
  }
}

for (const mesh of meshNames) {
  describeMesh(mesh, (cluster) => {
    test('its CRDs take an object, and refuse one whose spec is no object', async () => {
      const namespace = await cluster.namespace(mesh)
      for (const sample of samples[mesh]) {
        const apply = (object: object) =>
          cluster.kubectl(['-n', namespace, 'apply', '--server-side', '-f', '-'], { stdin: JSON.stringify(object) })
        expect(await apply(sample)).toMatch(/serverside-applied/)
        await expect(apply({ ...sample, spec: 'none' })).rejects.toThrow(CommandFailed)
      }
    })
  })
}
