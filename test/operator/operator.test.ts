import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { Kind } from '../../src/kube/object.ts'
import { definition, runningProject, shifting, shiftingProject } from './support/flows.ts'
import { defaultConfig, flowProject, phase, World } from './support/world.ts'

const crds: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

test('a definition that does not fit the project is refused at once, with everything that is missing', async () => {
  const project = flowProject([phase('One', { initial: true, inputs: ['gadgets'] }), phase('Two')], {
    enableFinalizer: true,
  })
  const world = await World.create({ project, definition: definition({}) })
  expect(() => world.start()).toThrow(
    /AP4012 the phase One has no worker.*\n.*AP4015 the phase One names gadgets.*\n.*AP4012 the phase Two has no worker.*\n.*AP4013/,
  )
})

test('of two processes one works; when it dies the other carries on where it was', async () => {
  const world = await World.create({
    project: shiftingProject,
    definition: shifting,
    config: { enableLeaderElection: true, leaderElectionNamespace: 'shop' },
  })
  await world.service('web')
  await world.flow('web')
  const first = world.start()
  await world.run(1_000)
  const second = world.start()
  await world.run(10_000)
  expect((await world.status('web'))['weight']).toBe(20)
  expect(second.operator.ready()).toBe(true)
  expect(world.logs.filter(({ msg }) => msg === 'leadership acquired')).toMatchObject([{ identity: 'operator-1' }])
  first.kill()
  await world.run(30_000)
  expect(world.logs.filter(({ msg }) => msg === 'leadership acquired')).toMatchObject([{}, { identity: 'operator-2' }])
  await world.run(60_000)
  expect(await world.status('web')).toMatchObject({ phase: 'Finished', weight: 50 })
})

test('a leader that is stopped hands over at once', async () => {
  const world = await World.create({
    project: shiftingProject,
    definition: shifting,
    config: { enableLeaderElection: true, leaderElectionNamespace: 'shop' },
  })
  const first = world.start()
  await world.run(1_000)
  world.start()
  await world.run(1_000)
  await first.stop()
  await world.run(5_000)
  expect(world.logs.filter(({ msg }) => msg === 'leadership acquired')).toHaveLength(2)
})

test('a process that may not have the Lease is not ready, says so once, and works when it may', async () => {
  const world = await World.create({
    project: shiftingProject,
    definition: shifting,
    config: { enableLeaderElection: true, leaderElectionNamespace: 'shop' },
  })
  let allowed = false
  const forbidden = {
    kind: 'Status',
    apiVersion: 'v1',
    code: 403,
    reason: 'Forbidden',
    message: 'leases.coordination.k8s.io "flow-operator" is forbidden: User "operator" cannot get resource "leases"',
  }
  const { operator } = world.start((send) => async (request) => {
    if (allowed || request.call.resource !== 'leases') return send(request)
    async function* body() {
      yield Buffer.from(JSON.stringify(forbidden))
    }
    return { status: 403, headers: {}, body: body() }
  })
  await world.run(30_000)
  expect(operator.ready()).toBe(false)
  expect(operator.problems()).toEqual([expect.stringMatching(/AP3011 .* may not get leases/)])
  expect(world.logs.filter(({ msg }) => msg === 'lease attempt failed')).toMatchObject([{ namespace: 'shop' }])
  allowed = true
  await world.run(10_000)
  expect(operator.problems()).toEqual([])
  expect(world.logs.filter(({ msg }) => msg === 'leadership acquired')).toHaveLength(1)
})

test('a process that stands by for a leader is ready', async () => {
  const world = await World.create({
    project: shiftingProject,
    definition: shifting,
    config: { enableLeaderElection: true, leaderElectionNamespace: 'shop' },
  })
  const [first, second] = [world.start(), world.start()]
  await world.run(30_000)
  expect([first.operator.problems(), second.operator.problems()]).toEqual([[], []])
})

test('while a kind is not installed the operator is not ready and says which, and then it works', async () => {
  const world = await World.create({ project: shiftingProject, definition: shifting })
  await world.service('web')
  await world.flow('web')
  const name = 'virtualservices.networking.istio.io'
  const crd = await world.client.get(crds, { name })
  await world.client.delete(crds, { name })
  const { operator } = world.start()
  await world.run(60_000)
  expect(operator.ready()).toBe(false)
  expect(operator.problems()).toEqual([
    expect.stringContaining(
      'AP2225 the cluster does not serve v1 of virtualservices.networking.istio.io, which istio needs.',
    ),
  ])
  expect(world.logs.filter(({ msg }) => msg === 'the cluster is not ready for this operator')).toHaveLength(1)
  const { resourceVersion: _, uid: __, ...metadata } = crd.metadata
  await world.client.create(crds, { ...crd, metadata })
  await world.run(60_000)
  expect(operator.ready()).toBe(true)
  expect(await world.status('web')).toMatchObject({ phase: 'Finished' })
})

test('an edited configuration takes effect without a restart, where it can', async () => {
  let calls = 0
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: () => {
        calls++
        return {}
      },
    }),
  })
  await world.flow('web')
  const { operator } = world.start()
  await world.run(0)
  operator.reconfigure({ ...defaultConfig, workInterval: 1_000, logLevel: 2, meshProvider: 'linkerd' })
  await world.run(5_000)
  calls = 0
  await world.run(10_000)
  expect(calls).toBe(10)
  expect(world.logs).toContainEqual(
    expect.objectContaining({ msg: 'a restart is needed for these settings to take effect', fields: ['meshProvider'] }),
  )
  operator.configRefused([diagnostic('AP1001', { problem: 'a tab' })])
  expect(await operator.telemetry.registry.metrics()).toContain('autopilot_config_reload_failed 1')
  operator.reconfigure(defaultConfig)
  expect(await operator.telemetry.registry.metrics()).toContain('autopilot_config_reload_failed 0')
})

test('the metrics bear controller-runtime’s names, are there from the start and count what happens', async () => {
  const world = await World.create({ project: shiftingProject, definition: shifting })
  await world.service('web')
  await world.flow('web')
  const { operator } = world.start()
  const before = await operator.telemetry.registry.metrics()
  expect(before).toContain('controller_runtime_reconcile_total{controller="flow",result="success"} 0')
  expect(before).toContain('controller_runtime_max_concurrent_reconciles{controller="flow"} 4')
  expect(before).toContain('workqueue_depth{name="flow",controller="flow"} 0')
  expect(before).toContain('autopilot_worker_duration_seconds_count{phase="Shifting"} 0')
  await world.run(60_000)
  const after = await operator.telemetry.registry.metrics()
  expect(after).toContain('controller_runtime_reconcile_total{controller="flow",result="requeue"} 1')
  expect(after).toContain('controller_runtime_reconcile_total{controller="flow",result="requeue_after"} 5')
  expect(after).toContain('autopilot_worker_duration_seconds_count{phase="Shifting"} 6')
  expect(after).toContain('autopilot_phase_transitions_total{from="Shifting",to="Finished"} 1')
  expect(after).toContain('controller_runtime_active_workers{controller="flow"} 0')
})

test('probes and metrics are served, and readiness tells what is missing', async () => {
  const port = await freePort()
  const world = await World.create({
    project: runningProject,
    definition: definition({ Running: () => ({}) }),
    config: { metricsAddr: `127.0.0.1:${port}` },
  })
  const process = world.start()
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return [response.status, await response.text()]
  }
  await expect.poll(() => process.operator.ready()).toBe(true)
  expect(await get('/healthz')).toEqual([200, 'ok\n'])
  expect(await get('/readyz')).toEqual([200, 'ok\n'])
  expect(await get('/metrics')).toEqual([200, expect.stringContaining('controller_runtime_reconcile_total')])
  expect((await get('/else'))[0]).toBe(404)
  await process.stop()
})

test('an address that is taken ends the operator with an error that says so', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const world = await World.create({
    project: runningProject,
    definition: definition({ Running: () => ({}) }),
    config: { metricsAddr: `127.0.0.1:${port}` },
  })
  expect(String(await world.start().ended)).toContain(
    `AP4014 cannot listen on 127.0.0.1:${port}: another process listens on this port`,
  )
  server.close()
})

test('an address that is none is refused', async () => {
  const world = await World.create({
    project: runningProject,
    definition: definition({ Running: () => ({}) }),
    config: { metricsAddr: 'here' },
  })
  expect(String(await world.start().ended)).toContain('AP4014 cannot listen on here: it is not of the form host:port')
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
