import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CounterpartMissing, findBinaries } from '../support/cluster/binaries.ts'
import { clusterEnvironment } from '../support/cluster/environment.ts'
import { kubernetesProgram } from '../support/cluster/go-build.ts'
import { withLock } from '../support/cluster/lock.ts'

test('the cache is named by AUTOPILOT_CACHE, else it is in the user’s cache folder, and an empty variable counts as unset', () => {
  expect(clusterEnvironment({ AUTOPILOT_CACHE: '/c', XDG_CACHE_HOME: '/x' }).cache).toBe('/c')
  expect(clusterEnvironment({ AUTOPILOT_CACHE: '', XDG_CACHE_HOME: '/x' }).cache).toBe('/x/mesh-autopilot')
  expect(clusterEnvironment({}).cache).toMatch(/\.cache\/mesh-autopilot$/)
})

test('a folder of KUBEBUILDER_ASSETS without the programs is told, not replaced', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'autopilot-assets-'))
  const found = findBinaries(clusterEnvironment({ KUBEBUILDER_ASSETS: empty }))
  await expect(found).rejects.toBeInstanceOf(CounterpartMissing)
  await rm(empty, { recursive: true })
})

test('the module that builds Kubernetes repeats the replaces with published versions', () => {
  const upstream = [
    'module k8s.io/kubernetes',
    'go 1.24.0',
    'godebug default=go1.24',
    'replace (',
    '\tk8s.io/api => ./staging/src/k8s.io/api',
    '\tk8s.io/client-go => ./staging/src/k8s.io/client-go',
    ')',
  ].join('\n')
  const { goMod } = kubernetesProgram(upstream)
  expect(goMod).toContain('replace k8s.io/client-go => k8s.io/client-go v0.34.4')
  expect(goMod).toContain('\ngodebug default=go1.24\n')
  expect(() => kubernetesProgram('module k8s.io/kubernetes\n')).toThrow(/no staging modules/)
})

test('work under a lock is done by one at a time, and the lock is free after a failure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'autopilot-lock-'))
  const lock = join(folder, 'a', 'build.lock')
  const order: string[] = []
  const taken = Promise.withResolvers<void>()
  const waited = Promise.withResolvers<void>()
  const failing = withLock(lock, waited.resolve, async () => {
    taken.resolve()
    // Over only when the other one has found the lock taken.
    await waited.promise
    order.push('first out')
    throw new Error('the build failed')
  })
  await taken.promise
  const second = withLock(lock, waited.resolve, async () => order.push('second in'))
  await expect(failing).rejects.toThrow('the build failed')
  await second
  expect(order).toEqual(['first out', 'second in'])
  await rm(folder, { recursive: true })
})
