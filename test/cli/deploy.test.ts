import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { deploymentState, podTrouble } from '../../src/cli/cluster/deployment-state.ts'
import { installedKind } from '../../src/cli/cluster/kinds.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { callAp } from '../support/call-ap.ts'
import { canaryInstallation, folder, image, operator } from '../support/canary-installation.ts'
import { embeddedCluster, names } from '../support/embedded-cluster.ts'

const { cluster, deploy, installed, namespace, undeploy } = canaryInstallation()

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
