import { describe, expect, test } from 'vitest'
import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { at, type Json, list } from '../support/api-suite/client.ts'
import { deployment } from '../support/api-suite/fixtures.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { InProcess } from './client.ts'

const path = '/apis/apps/v1/namespaces/default/deployments'

function start() {
  const clock = new VirtualClock()
  const failing = (object: Json) => JSON.stringify(object).includes('broken')
  const plane = createControlPlane({ clock, workloads: { readyAfter: 3000, failing } })
  const api = new InProcess(plane)
  return {
    clock,
    create: (spec: Json, image = 'podinfo:1') => {
      const object = deployment('web', { image })
      return api.send('POST', path, { ...object, spec: { ...Object(object.spec), ...spec } })
    },
    patch: (spec: Json) => api.send('PATCH', `${path}/web`, { spec }, 'application/merge-patch+json'),
    image: (image: string) => {
      const spec = { template: { spec: { containers: [{ name: 'main', image }] } } }
      return api.send('PATCH', `${path}/web`, { spec }, 'application/merge-patch+json')
    },
    read: () => api.get(`${path}/web`),
    status: async () => {
      const { status } = await api.get(`${path}/web`)
      const pick = (name: string) => Number(at(status, name) ?? 0)
      return [pick('replicas'), pick('updatedReplicas'), pick('availableReplicas')]
    },
    condition: async (type: string) => {
      const conditions = list(at((await api.get(`${path}/web`)).status, 'conditions'))
      const found = conditions.find((one) => at(one, 'type') === type)
      return `${at(found, 'status')} ${at(found, 'reason')}`
    },
  }
}

describe('Deployments', () => {
  test('a new one is observed at once and available after its time', async () => {
    const { clock, create, status, condition, read } = start()
    await create({ replicas: 2 })
    expect(await status()).toEqual([2, 2, 0])
    expect(at((await read()).status, 'observedGeneration')).toBe(1)
    expect(await condition('Available')).toBe('False MinimumReplicasUnavailable')
    await clock.advance(2999)
    expect(await status()).toEqual([2, 2, 0])
    await clock.advance(1)
    expect(await status()).toEqual([2, 2, 2])
    expect(await condition('Available')).toBe('True MinimumReplicasAvailable')
    expect(await condition('Progressing')).toBe('True NewReplicaSetAvailable')
  })

  test('a rolling update keeps what is available until the new ones are', async () => {
    const { clock, create, image, status, condition, read } = start()
    await create({ replicas: 4 })
    await clock.advance(3000)
    await image('podinfo:2')
    expect(await status()).toEqual([5, 1, 4])
    expect(await condition('Available')).toBe('True MinimumReplicasAvailable')
    expect(await condition('Progressing')).toBe('True ReplicaSetUpdated')
    await clock.advance(3000)
    expect(await status()).toEqual([4, 4, 4])
    expect(at(await read(), 'metadata', 'annotations', 'deployment.kubernetes.io/revision')).toBe('2')
  })

  test('Recreate has nothing available in between', async () => {
    const { clock, create, image, status } = start()
    await create({ replicas: 2, strategy: { type: 'Recreate' } })
    await clock.advance(3000)
    await image('podinfo:2')
    expect(await status()).toEqual([2, 2, 0])
    await clock.advance(3000)
    expect(await status()).toEqual([2, 2, 2])
  })

  test('scaling up keeps the old ones, scaling down is immediate', async () => {
    const { clock, create, patch, status } = start()
    await create({ replicas: 1 })
    await clock.advance(3000)
    await patch({ replicas: 3 })
    expect(await status()).toEqual([3, 3, 1])
    await clock.advance(3000)
    expect(await status()).toEqual([3, 3, 3])
    await patch({ replicas: 0 })
    expect(await status()).toEqual([0, 0, 0])
  })

  test('a version that fails never gets available, and is late after its deadline', async () => {
    const { clock, create, image, status, condition } = start()
    await create({ replicas: 4, progressDeadlineSeconds: 60 })
    await clock.advance(3000)
    await image('podinfo:broken')
    await clock.advance(59_000)
    expect(await status()).toEqual([5, 1, 4])
    expect(await condition('Progressing')).toBe('True ReplicaSetUpdated')
    await clock.advance(1000)
    expect(await condition('Progressing')).toBe('False ProgressDeadlineExceeded')
    expect(await condition('Available')).toBe('True MinimumReplicasAvailable')
    await image('podinfo:1')
    await clock.advance(3000)
    expect(await status()).toEqual([4, 4, 4])
    expect(await condition('Progressing')).toBe('True NewReplicaSetAvailable')
  })

  test('minReadySeconds delays availability', async () => {
    const { clock, create, status } = start()
    await create({ replicas: 1, minReadySeconds: 10 })
    await clock.advance(12_999)
    expect(await status()).toEqual([1, 1, 0])
    await clock.advance(1)
    expect(await status()).toEqual([1, 1, 1])
  })

  test('a paused one takes a new template up when it is resumed', async () => {
    const { clock, create, patch, image, status, condition } = start()
    await create({ replicas: 1 })
    await clock.advance(3000)
    await patch({ paused: true })
    await image('podinfo:2')
    await clock.advance(10_000)
    expect(await status()).toEqual([1, 1, 1])
    expect(await condition('Progressing')).toBe('Unknown DeploymentPaused')
    await patch({ paused: false })
    await clock.advance(3000)
    expect(await condition('Progressing')).toBe('True NewReplicaSetAvailable')
  })

  test('what the controller writes belongs to it', async () => {
    const { clock, create, read } = start()
    await create({ replicas: 1 })
    await clock.advance(3000)
    const entries = list(at(await read(), 'metadata', 'managedFields'))
    const owners = entries.map((entry) => `${at(entry, 'manager')} ${at(entry, 'subresource') ?? ''}`).sort()
    expect(owners).toEqual(['kube-controller-manager ', 'kube-controller-manager status', 'test '])
    expect(at(await read(), 'metadata', 'generation')).toBe(1)
  })
})
