import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { operatorLabels } from '../../generators/deployment.ts'
import { deploymentState, podTrouble } from '../../src/cli/cluster/deployment-state.ts'
import { deploymentKind, installedKind, installedKinds, podKind } from '../../src/cli/cluster/kinds.ts'
import { leaseKind } from '../../src/kube/lease.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { callAp } from '../support/call-ap.ts'
import { type EmbeddedCluster, embeddedCluster, names } from '../support/embedded-cluster.ts'

const folder = 'operators/canary'
const image = 'registry.example/team/canary:1.0'
const operator = { namespace: 'canary-operator', name: 'canary-operator' }
const canaryKind: Kind = {
  group: 'autopilot.examples.io',
  version: 'v1',
  kind: 'CanaryDeployment',
  plural: 'canarydeployments',
  namespaced: true,
}
let cluster: EmbeddedCluster

beforeEach(async () => {
  cluster = await embeddedCluster()
  await cluster.install('istio')
})

afterEach(() => cluster.close())

const deploy = (...args: string[]) => cluster.ap('deploy', image, folder, ...args)
const undeploy = (...args: string[]) => cluster.ap('undeploy', folder, ...args)

/** All that is there of an operator. */
async function installed(): Promise<string[]> {
  const labelSelector = 'app.kubernetes.io/name=canary-operator'
  const lists = await Promise.all(installedKinds.map((kind) => cluster.client.list(kind, { labelSelector })))
  return names(lists.flatMap(({ items }) => items))
}

async function namespace(name: string): Promise<void> {
  await cluster.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
}

async function canary(finalizers: string[] = []): Promise<KubeObject> {
  return cluster.client.create(canaryKind, {
    apiVersion: 'autopilot.examples.io/v1',
    kind: 'CanaryDeployment',
    metadata: { name: 'web', namespace: 'default', finalizers },
    spec: { deployment: 'web' },
  })
}

describe('ap deploy', () => {
  test('without more it is for the namespace of its own name, and has no right beyond', async () => {
    const { code, stdout, stderr } = await deploy('--wait')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('in the namespace canary-operator, for that namespace\n')
    expect(stdout).toContain('available  Deployment canary-operator/canary-operator\n')
    expect(await installed()).toEqual([
      'Namespace canary-operator',
      'CustomResourceDefinition canarydeployments.autopilot.examples.io',
      'ServiceAccount canary-operator/canary-operator',
      'Role canary-operator/canary-operator',
      'Role canary-operator/canary-operator-istio',
      'Role canary-operator/canary-operator-leader-election',
      'RoleBinding canary-operator/canary-operator',
      'RoleBinding canary-operator/canary-operator-istio',
      'RoleBinding canary-operator/canary-operator-leader-election',
      'ConfigMap canary-operator/canary-operator-config',
      'PodDisruptionBudget canary-operator/canary-operator',
      'NetworkPolicy canary-operator/canary-operator',
      'Service canary-operator/canary-operator',
      'Deployment canary-operator/canary-operator',
    ])
    const config = await cluster.client.get(installedKind('ConfigMap'), { ...operator, name: 'canary-operator-config' })
    expect(config['data']).toMatchObject({
      'autopilot-operator.yaml': expect.stringContaining('watchNamespace: canary-operator\n'),
    })
  })

  test('a second time changes nothing; another image changes the image', async () => {
    await deploy()
    const again = await deploy()
    expect(again.stdout).not.toMatch(/^(created|configured|deleted)/m)
    const { stdout } = await cluster.ap('deploy', 'registry.example/team/canary:1.1', folder, '--dry-run')
    expect(stdout.split('\n').filter((line) => !line.startsWith('would leave'))).toEqual([
      'canary-operator for istio, image registry.example/team/canary:1.1',
      'in the namespace canary-operator, for that namespace',
      expect.stringMatching(/^on autopilot \(http:\/\/127\.0\.0\.1:\d+\)$/),
      'would configure  Deployment canary-operator/canary-operator',
      '  spec.template.spec.containers[0].image: "registry.example/team/canary:1.0" → "registry.example/team/canary:1.1"',
      '',
    ])
  })

  test('--dry-run writes nothing', async () => {
    const { code, stdout } = await deploy('--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('would create     Deployment canary-operator/canary-operator\n')
    expect(await installed()).toEqual([])
  })

  test('what another mesh or scope needed is taken away with it, and told before', async () => {
    await cluster.install('smi')
    await deploy('--cluster-scoped')
    const tried = await deploy('--mesh', 'smi', '--dry-run')
    expect(tried.stdout).toContain('    - meshProvider: istio\n')
    expect(tried.stdout).toContain('would delete     ClusterRole canary-operator-istio\n')
    const { stdout } = await deploy('--mesh', 'smi')
    expect(stdout).toContain('deleted    ClusterRole canary-operator-istio\n')
    const left = await installed()
    expect(left.filter((name) => name.startsWith('ClusterRole'))).toEqual([])
    expect(left).toContain('Role canary-operator/canary-operator-smi')
  })

  test('two installations each may read what tells the release of their mesh, and go alone', async () => {
    await cluster.install('gateway-api')
    await namespace('shop')
    await namespace('bank')
    const on = (where: string) => deploy('-n', where, '--mesh', 'gateway-api')
    expect([await on('shop'), await on('bank')]).toMatchObject([{ code: 0 }, { code: 0 }])
    const roles = async () => (await installed()).filter((name) => name.startsWith('ClusterRole '))
    expect(await roles()).toEqual([
      'ClusterRole canary-operator-gateway-api-bank-crds',
      'ClusterRole canary-operator-gateway-api-shop-crds',
    ])
    expect(await undeploy('-n', 'shop')).toMatchObject({ code: 0 })
    expect(await roles()).toEqual(['ClusterRole canary-operator-gateway-api-bank-crds'])
  })

  test('asks for the kinds of the mesh in the version that there is', async () => {
    const old = { group: 'split.smi-spec.io', version: 'v1alpha2', kind: 'TrafficSplit', plural: 'trafficsplits' }
    for (const crd of meshCrds([{ ...old, namespaced: true }]))
      await cluster.client.create(installedKind('CustomResourceDefinition'), crd)
    expect(await deploy('--mesh', 'smi')).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['the kinds of the mesh', ['--mesh', 'kuma'], 'AP3012 the cluster does not serve MeshHTTPRoute'],
    ['the namespace', ['-n', 'shop'], 'AP6032 there is no namespace shop'],
  ])('tells before the first write that %s is missing', async (_, args, problem) => {
    const { code, stderr } = await deploy(...args)
    expect(code).toBe(1)
    expect(stderr).toContain(problem)
    expect(await installed()).toEqual([])
  })

  test('refuses a second operator for the same resources', async () => {
    await namespace('shop')
    await namespace('bank')
    await deploy('-n', 'shop')
    expect(await deploy('-n', 'bank')).toMatchObject({ code: 0 })
    const { code, stderr } = await deploy('--cluster-scoped')
    expect(code).toBe(1)
    expect(stderr).toContain('AP6035 canary-operator is deployed in the namespace shop already')
    expect(stderr).toContain('AP6035 canary-operator is deployed in the namespace bank already')
  })

  test('leaves an object of the same name to whom it belongs', async () => {
    await namespace('shop')
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'canary-operator', namespace: 'shop' },
    }
    await cluster.client.create(installedKind('ServiceAccount'), account)
    const { code, stderr } = await deploy('-n', 'shop')
    expect(code).toBe(1)
    expect(stderr).toContain('AP6034 ServiceAccount shop/canary-operator is there already and belongs to somebody else')
    expect(await installed()).toEqual([])
  })

  test('-o yaml prints the objects and needs no cluster', async () => {
    const { code, stdout } = await callAp(['deploy', image, folder, '-n', 'shop', '--mesh', 'linkerd', '-o', 'yaml'])
    expect(code).toBe(0)
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject)
    expect(names(objects)).not.toContain('Namespace shop')
    expect(names(objects)).toContain('Role shop/canary-operator-linkerd')
    for (const { metadata } of objects) expect(metadata.labels?.['app.kubernetes.io/managed-by']).toBe('ap')
  })

  test.each([
    [['Registry/X:1'], 'names of images are in lower case'],
    [['https://registry.example/x'], 'an image is named without https://'],
    [['x y'], 'cannot be the name of an image'],
    [['x', folder, '--mesh', 'istoi'], '(did you mean "istio"?)'],
    [['x', folder, '-n', 'No_Name'], 'cannot be the name of a namespace'],
    [['x', folder, '-o', 'xml'], '-o xml is not a format'],
    [['x', folder, '--timeout', 'soon'], '--timeout soon is no duration'],
  ])('%j is a wrong call', async (args, text) => {
    const { code, stderr } = await callAp(['deploy', ...args])
    expect(code).toBe(2)
    expect(stderr.toLowerCase()).toContain(text.toLowerCase())
  })
})

describe('--wait', () => {
  test('gives up in time, with the reason', async () => {
    const broken = await embeddedCluster({ workloads: { failing: () => true } })
    try {
      await broken.install('istio')
      const { code, stderr } = await broken.ap('deploy', image, folder, '--wait', '--timeout', '100ms')
      expect(code).toBe(1)
      expect(stderr).toContain('AP6036 the Deployment canary-operator/canary-operator is not available after 100ms: ')
    } finally {
      await broken.close()
    }
  })

  test('a Deployment is available when all replicas have its present template', () => {
    const state = (status: object) =>
      deploymentState({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'x', generation: 2 },
        spec: { replicas: 2 },
        status,
      })
    const whole = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }
    expect(state(whole).isAvailable).toBe(true)
    expect(state({ ...whole, observedGeneration: 1 }).isAvailable).toBe(false)
    expect(state({ ...whole, replicas: 3 }).isAvailable).toBe(false)
    expect(state({ ...whole, availableReplicas: 1 }).text).toBe('1 of 2 replicas available')
    expect(state({}).text).toBe('0 of 2 replicas available')
  })

  test('what a pod waits for is told in a sentence', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling\nimage "x"' }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      status: { containerStatuses: [{ state: { waiting } }] },
    }
    expect(podTrouble([pod])).toBe('the pod a waits with ImagePullBackOff (Back-off pulling image "x")')
    expect(podTrouble([{ ...pod, status: {} }])).toBeUndefined()
  })
})

describe('ap undeploy', () => {
  test('takes away all but the namespace', async () => {
    await deploy()
    const { code, stdout } = await undeploy()
    expect(code).toBe(0)
    expect(stdout).toContain('kept       Namespace canary-operator: others may live in it\n')
    expect(await installed()).toEqual(['Namespace canary-operator'])
    expect(await undeploy()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AP6038 canary-operator is not deployed'),
    })
  })

  test('refuses while resources are left', async () => {
    await deploy()
    await canary()
    const before = await installed()
    const { code, stderr } = await undeploy()
    expect(code).toBe(1)
    expect(stderr).toContain('AP6037 there is 1 CanaryDeployment left: default/web')
    expect(await installed()).toEqual(before)
  })

  test('--cascade asks what becomes of the traffic, and nothing is deleted where nobody can be asked', async () => {
    await deploy()
    await canary()
    expect(await undeploy('--cascade')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--traffic restore or --traffic keep'),
    })
    expect(await undeploy('--cascade', '--dry-run')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('would delete  CanaryDeployment default/web\n'),
    })
    expect(await cluster.client.get(canaryKind, { namespace: 'default', name: 'web' })).toBeDefined()
  })

  test('keeping the traffic leaves what resources own, though they are being deleted already', async () => {
    await deploy()
    const owner = await canary(['autopilot.examples.io/finalizer'])
    const owned = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'owned',
        namespace: 'default',
        ownerReferences: [
          {
            apiVersion: owner.apiVersion,
            kind: owner.kind,
            name: 'web',
            uid: owner.metadata.uid ?? '',
            controller: true,
          },
        ],
      },
    }
    await cluster.client.create(installedKind('ConfigMap'), owned)
    const restored = await undeploy('--cascade', '--traffic', 'restore', '--timeout', '0s')
    expect(restored).toMatchObject({ code: 1, stderr: expect.stringContaining('default/web is still there') })
    const { code, stdout } = await undeploy('--cascade', '--traffic', 'keep')
    expect(code).toBe(0)
    expect(stdout).toContain('released   CanaryDeployment default/web\n')
    const left = await cluster.client.get(installedKind('ConfigMap'), { namespace: 'default', name: 'owned' })
    expect(left.metadata.ownerReferences ?? []).toEqual([])
  })

  test('an operator has its rights until its last pod is gone', async () => {
    await deploy()
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'last', namespace: operator.namespace, labels: operatorLabels(operator.name) },
      spec: { containers: [{ name: 'operator', image }] },
    }
    await cluster.client.create(podKind, pod)
    for (const _call of ['first', 'again']) {
      const { code, stderr } = await undeploy('--timeout', '0s')
      expect(code).toBe(1)
      expect(stderr).toContain('AP6040 after 0s the pod canary-operator/last still runs')
      expect(await installed()).toContain('RoleBinding canary-operator/canary-operator')
    }
    await cluster.client.delete(podKind, pod.metadata)
    expect(await undeploy()).toMatchObject({ code: 0 })
    expect(await installed()).toEqual(['Namespace canary-operator'])
  })

  test('takes the Lease along that the operator left, but not one that somebody holds', async () => {
    const lease = (holderIdentity: string) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: operator,
      spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: new Date().toISOString() },
    })
    await deploy()
    await cluster.client.create(leaseKind, lease('laptop_1'))
    expect((await undeploy()).stdout).toContain('kept       Lease canary-operator/canary-operator: held by laptop_1\n')
    await cluster.client.delete(leaseKind, operator)
    for (const holder of ['', 'canary-operator-5d8c_1']) {
      await deploy()
      await cluster.client.create(leaseKind, lease(holder))
      expect((await undeploy('--dry-run')).stdout).toContain('would delete  Lease canary-operator/canary-operator\n')
      expect((await undeploy()).stdout).toContain('deleted    Lease canary-operator/canary-operator\n')
      expect((await cluster.client.list(leaseKind, { namespace: operator.namespace })).items).toEqual([])
    }
  })

  test('restoring it, the operator is left the time to take its fault backends away', async () => {
    const backend = { name: 'fault-503', namespace: 'default' }
    const labels = { 'app.kubernetes.io/component': 'fault-backend', 'app.kubernetes.io/managed-by': operator.name }
    const services = installedKind('Service')
    const begin = async () => {
      await deploy('--wait')
      await canary()
    }
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...backend, labels },
      spec: { ports: [{ port: 80 }] },
    }
    await begin()
    await cluster.client.create(services, service)
    const restored = undeploy('--cascade', '--traffic', 'restore')
    await vi.waitUntil(async () => (await cluster.client.list(canaryKind, {})).items.length === 0, { timeout: 5_000 })
    expect(await installed()).toContain('Deployment canary-operator/canary-operator')
    await cluster.client.delete(services, backend)
    expect((await restored).stdout).not.toContain('fault-503')
    await begin()
    await cluster.client.create(services, service)
    expect((await undeploy('--cascade', '--traffic', 'restore', '--timeout', '0s')).stdout).toContain(
      'kept       Service default/fault-503: the fault backend is still in use',
    )
  })

  test('restoring it needs an operator that runs', async () => {
    await deploy()
    await canary(['autopilot.examples.io/finalizer'])
    await cluster.client.delete(deploymentKind, operator)
    const { code, stderr } = await undeploy('--cascade', '--traffic', 'restore')
    expect(code).toBe(1)
    expect(stderr).toContain('AP6039 the operator canary-operator/canary-operator does not run')
    expect(
      (await cluster.client.get(canaryKind, { namespace: 'default', name: 'web' })).metadata.deletionTimestamp,
    ).toBeUndefined()
  })

  test('leaves the kind to another installation', async () => {
    await namespace('shop')
    await deploy('-n', 'shop')
    await deploy()
    expect((await undeploy()).stdout).toContain('used from shop\n')
    expect(await installed()).toContain('CustomResourceDefinition canarydeployments.autopilot.examples.io')
    expect(await installed()).toContain('Deployment shop/canary-operator')
  })

  test.each([
    [['--traffic', 'keep'], '--traffic goes with --cascade'],
    [['--cascade', '--traffic', 'drop'], 'there are restore, keep'],
  ])('%j is a wrong call', async (args, text) => {
    const { code, stderr } = await undeploy(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(text)
  })
})
