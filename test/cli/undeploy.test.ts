import { describe, expect, test, vi } from 'vitest'
import { operatorLabels } from '../../generators/deployment.ts'
import { deploymentKind, installedKind, podKind } from '../../src/cli/cluster/kinds.ts'
import { leaseKind } from '../../src/kube/lease.ts'
import { callAp } from '../support/call-ap.ts'
import {
  canaryInstallation,
  canaryKind,
  folder,
  image,
  operator,
  ownFinalizer,
} from '../support/canary-installation.ts'

const { canary, cluster, deploy, installed, namespace, undeploy } = canaryInstallation()

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
    const owner = await canary([ownFinalizer])
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

  test('a finalizer of somebody else is left to him, and named', async () => {
    await deploy()
    await canary([ownFinalizer, 'backups.example/keep'])
    const { code, stderr } = await undeploy('--cascade', '--traffic', 'keep', '--timeout', '0s')
    expect(code).toBe(1)
    expect(stderr).toContain('default/web waits for somebody else, by the finalizer backups.example/keep')
    const { metadata } = await cluster.client.get(canaryKind, { namespace: 'default', name: 'web' })
    expect(metadata.finalizers).toContain('backups.example/keep')
    expect(metadata.finalizers).not.toContain(ownFinalizer)
  })

  test('whoever interrupts it is told that what is being deleted goes on so', async () => {
    await deploy()
    await canary([ownFinalizer])
    const interrupt = new AbortController()
    const args = ['undeploy', folder, '--cascade', '--traffic', 'restore', '--kubeconfig', cluster.kubeconfig]
    const ended = callAp(args, '', process.cwd(), interrupt.signal)
    const web = { namespace: 'default', name: 'web' }
    await vi.waitUntil(async () => (await cluster.client.get(canaryKind, web)).metadata.deletionTimestamp !== undefined)
    interrupt.abort()
    expect(await ended).toEqual({
      code: 130,
      stdout: '',
      stderr: 'interrupted: what is being deleted goes on so; call the command again for the rest\n',
    })
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
      spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: new Date().toISOString().replace('Z', '000Z') },
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
    await canary([ownFinalizer])
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
