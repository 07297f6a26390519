import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import type { WorkloadOptions } from '../../src/apiserver/workloads.ts'
import type { Transport, TransportResponse } from '../../src/kube/transport.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { faultBackendKinds } from '../../src/mesh/adapter-kinds.ts'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import { withFaultBackends } from '../../src/mesh/fault-backend.ts'
import type { FaultInjection } from '../../src/mesh/outputs.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowKind, flowProject, gatewayApi, istio, type Process, phase, World } from './support/world.ts'

const linkerd = linkerdProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const project = flowProject([
  phase('Running', { initial: true, outputs: ['trafficsplits', 'faultinjections'] }),
  phase('Finished', { final: true }),
])
const { configMap, deployment } = faultBackendKinds
const parts = Object.values(faultBackendKinds)

interface Told {
  /** The HTTP status that a fifth of the requests to `web` are answered with. */
  readonly abort?: number
  /** The Service that it is about. */
  readonly apex?: string
  readonly weight?: number
}

/** Asks for the fault and the split of its spec. */
const asTold = definition({
  Running: (context) => {
    const { abort, apex = 'web', weight } = specOf<Told>(context)
    const fault = (status: number): FaultInjection => {
      return { name: context.resource.metadata.name, service: apex, abort: { status, percent: 20 } }
    }
    return {
      outputs: {
        faultinjections: abort === undefined ? [] : [fault(abort)],
        trafficsplits: weight === undefined ? [] : [split(weight, apex)],
      },
      after: '1h',
    }
  },
})

/** Pods are ready when a test says so. */
const byHand: WorkloadOptions = { readyAfter: 3_600_000 }

async function cluster(adapter: MeshAdapter = gatewayApi, workloads: WorkloadOptions = byHand): Promise<World> {
  // Nobody answers for the mesh here.
  const options = { acceptanceTimeout: 0 }
  const world = await World.create({ project, definition: asTold, adapter, options, workloads })
  for (const name of ['web', 'web-primary', 'web-canary', 'api']) await world.service(name)
  return world
}

async function started(adapter?: MeshAdapter): Promise<World> {
  const world = await cluster(adapter)
  world.start()
  return world
}

/** What the world comes to: an operator gives the mesh a moment to answer. */
async function settled(world: World): Promise<void> {
  await world.run(1_000)
}

async function tell(world: World, name: string, spec: Record<keyof Told, number | string | null> | object) {
  await world.client.patch(flowKind, { namespace: 'shop', name }, { spec }, { type: 'merge', fieldManager: 'tester' })
  await settled(world)
}

/** Says of a Deployment what its controller would say of so many pods that are ready. */
async function pods(world: World, name: string, count: number): Promise<void> {
  const status = { replicas: 1, updatedReplicas: count, availableReplicas: count, readyReplicas: count }
  const ref = { namespace: 'shop', name }
  const options = { type: 'merge', subresource: 'status', fieldManager: 'kubelet' } as const
  await world.client.patch(deployment, ref, { status }, options)
  await settled(world)
}

/** Positive weights of all that the apex's requests are divided between, fault backends among them. */
async function ways(world: World, apex: string): Promise<Record<string, number>> {
  const objects = (await Promise.all(world.adapter.kinds.map((kind) => world.list(kind)))).flat()
  const { traffic } = world.adapter.observe(objects, { namespace: 'shop', name: apex }, { ports: () => [80] })
  const rule = traffic && withFaultBackends(traffic).ports[0]?.rules.find(({ matches }) => matches.length === 0)
  return Object.fromEntries((rule?.backends ?? []).map(({ service: { name }, weight }) => [name, weight]))
}

/** The parts of fault backends that there are, as `Deployment fault-503`. */
async function backends(world: World): Promise<string[]> {
  const all = await Promise.all(
    parts.map(async (kind) => (await world.list(kind)).map(({ metadata }) => `${kind.kind} ${metadata.name}`)),
  )
  return all.flat().filter((name) => name.includes(' fault-'))
}

const whole = (name: string) => [`ConfigMap ${name}`, `Deployment ${name}`, `Service ${name}`]

describe.each([
  ['gateway-api', gatewayApi],
  ['linkerd', linkerd],
])('on %s', (_name, adapter) => {
  test('a fault gets its backend, and routes lead there once a pod of it is ready', async () => {
    const world = await started(adapter)
    await world.flow('chaos', { abort: 503 })
    await settled(world)
    expect(await backends(world)).toEqual(whole('fault-503'))
    expect(await ways(world, 'web')).toEqual({})
    expect(await world.condition('chaos')).toMatchObject({
      status: 'Unknown',
      reason: 'WaitingForFaultBackend',
      message: expect.stringContaining(
        'AP4018 no request is sent to the fault backend shop/fault-503 before it can answer: Deployment shop/fault-503 has no available pod',
      ),
    })
    await pods(world, 'fault-503', 1)
    expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-503': 1 })
  })
})

test('its objects are marked as the others of this operator, and belong to no single resource', async () => {
  const world = await started()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  for (const kind of parts) {
    const object = await world.get(kind, 'fault-503')
    expect(object?.metadata).toMatchObject({
      labels: { 'app.kubernetes.io/managed-by': 'flow-operator', 'app.kubernetes.io/component': 'fault-backend' },
      managedFields: expect.arrayContaining([
        expect.objectContaining({ manager: 'flow-operator', operation: 'Apply' }),
      ]),
    })
    expect(object?.metadata.ownerReferences).toBeUndefined()
  }
})

test('two resources share one, and it goes with the last fault that needs it', async () => {
  const world = await started()
  await world.flow('one', { abort: 503 })
  await world.flow('two', { abort: 503, apex: 'api' })
  await settled(world)
  await pods(world, 'fault-503', 1)
  expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-503': 1 })
  expect(await ways(world, 'api')).toEqual({ api: 4, 'fault-503': 1 })
  await tell(world, 'one', { abort: null })
  expect(await ways(world, 'web')).toEqual({})
  expect(await backends(world)).toEqual(whole('fault-503'))
  await world.deleteFlow('two')
  await settled(world)
  expect(await backends(world)).toEqual([])
})

test('another status gets another one before the first goes', async () => {
  const world = await started()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  await pods(world, 'fault-503', 1)
  await tell(world, 'chaos', { abort: 429 })
  expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-503': 1 })
  expect(await backends(world)).toEqual([
    ...['ConfigMap fault-429', 'ConfigMap fault-503'],
    ...['Deployment fault-429', 'Deployment fault-503'],
    ...['Service fault-429', 'Service fault-503'],
  ])
  await pods(world, 'fault-429', 1)
  expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-429': 1 })
  expect(await backends(world)).toEqual(whole('fault-429'))
})

test('ports of a second Service join those of the first', async () => {
  const world = await started()
  await world.service('admin', [9090, 70])
  await world.flow('one', { abort: 503 })
  await settled(world)
  await world.flow('two', { abort: 503, apex: 'admin' })
  await settled(world)
  const service = await world.get(serviceKind, 'fault-503')
  expect(service?.spec).toMatchObject({
    ports: [
      { name: 'http', port: 80 },
      { name: 'http-70', port: 70 },
      { name: 'http-9090', port: 9090 },
    ],
  })
})

test('a Service that the user made is used and not touched, when it is asked for and when it is not any more', async () => {
  const world = await cluster()
  await world.service('fault-503')
  const before = await world.get(serviceKind, 'fault-503')
  world.start()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-503': 1 })
  await world.deleteFlow('chaos')
  await settled(world)
  expect(await world.get(serviceKind, 'fault-503')).toEqual(before)
  expect(await backends(world)).toEqual(['Service fault-503'])
})

test('a Service of the user without the port is refused as it is', async () => {
  const world = await started()
  await world.service('fault-503', [8080])
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  expect(await world.condition('chaos')).toMatchObject({
    reason: 'TrafficRefused',
    message: expect.stringContaining('AP2145 a fault on shop/web is a backend on gateway-api, and there is no Service'),
  })
  expect(await backends(world)).toEqual(['Service fault-503'])
})

test.each(['apply', 'list'])('an operator that may not %s says so, and goes on when it may', async (verb) => {
  const world = await cluster()
  let isForbidden = true
  const forbidding = (send: Transport['send']): Transport['send'] => {
    return (request) =>
      isForbidden && request.call.verb === verb && request.call.resource === 'deployments'
        ? Promise.resolve(forbidden('deployments.apps "fault-503" is forbidden: User "flow-operator" has no right'))
        : send(request)
  }
  world.start(forbidding)
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  expect(await world.condition('chaos')).toMatchObject({
    reason: 'TrafficRefused',
    message: expect.stringMatching(/AP2145 .* which the operator cannot make: .*deployments/),
  })
  isForbidden = false
  await world.run(60_000)
  await pods(world, 'fault-503', 1)
  expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-503': 1 })
})

test('why pods do not come up is said on the resource', async () => {
  const world = await cluster(gatewayApi, { failing: () => true })
  world.start()
  await world.flow('chaos', { abort: 503 })
  await world.run(700_000)
  expect(await world.condition('chaos')).toMatchObject({
    reason: 'WaitingForFaultBackend',
    message: expect.stringMatching(/Deployment shop\/fault-503 has no available pod: .*progress/),
  })
  expect(await ways(world, 'web')).toEqual({})
})

test('a split on the same Service does not wait for the fault of another resource', async () => {
  const world = await started()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  await world.flow('canary', { weight: 50 })
  await settled(world)
  expect(await ways(world, 'web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
  await pods(world, 'fault-503', 1)
  expect(await ways(world, 'web')).toEqual({ 'web-primary': 2, 'web-canary': 2, 'fault-503': 1 })
})

test('a fault that is in effect stays so while its pod is restarted', async () => {
  const world = await started()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  await pods(world, 'fault-503', 1)
  await pods(world, 'fault-503', 0)
  await world.run(60_000)
  expect(await ways(world, 'web')).toEqual({ web: 4, 'fault-503': 1 })
  expect(await world.condition('chaos')).toMatchObject({ status: 'True' })
})

test('its image is the one of the configuration, also when that names another one', async () => {
  const world = await cluster()
  const images = async () => (await world.list(deployment)).map(({ spec }) => JSON.stringify(spec))
  const first = world.start()
  await world.flow('web', { abort: 503 })
  await world.run(0)
  expect(await images()).toEqual([expect.stringContaining('"image":"nginxinc/nginx-unprivileged:')])
  first.kill()
  const image = 'registry.example.com/nginx-unprivileged:1.29'
  world.start(undefined, { config: { faultBackend: { image, imagePullSecrets: ['registry'] } } })
  await world.run(0)
  expect(await images()).toEqual([expect.stringContaining(`"image":"${image}"`)])
  expect(await images()).toEqual([expect.stringContaining('"imagePullSecrets":[{"name":"registry"}]')])
})

test('what somebody deletes of it is made again', async () => {
  const world = await started()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  await pods(world, 'fault-503', 1)
  for (const kind of parts) {
    await world.client.delete(kind, { namespace: 'shop', name: 'fault-503' })
    await settled(world)
    expect(await backends(world)).toEqual(whole('fault-503'))
  }
})

test('a process that died leaves nothing behind that the next one does not find', async () => {
  const world = await cluster()
  const first: Process = world.start()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  await pods(world, 'fault-503', 1)
  first.kill()
  await world.deleteFlow('chaos')
  world.start()
  await settled(world)
  expect(await backends(world)).toEqual([])
})

test('one that a route of somebody else leads to stays until that goes', async () => {
  const world = await started()
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  await pods(world, 'fault-503', 1)
  const [route] = gatewayApi.kinds.filter(({ kind }) => kind === 'HTTPRoute')
  if (route === undefined) throw new Error('no HTTPRoute')
  const ref = { namespace: 'shop', name: 'theirs' }
  await world.client.create(route, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: ref,
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'api' }],
      rules: [{ backendRefs: [{ name: 'fault-503', port: 80 }] }],
    },
  })
  await settled(world)
  await tell(world, 'chaos', { abort: null })
  expect(await backends(world)).toEqual(whole('fault-503'))
  await world.client.delete(route, ref)
  await settled(world)
  expect(await backends(world)).toEqual([])
})

test('a fault that the mesh cannot carry for another reason gets no backend', async () => {
  const world = await cluster()
  const delaying = definition({
    Running: () => {
      const delay = { duration: 100, percent: 50 }
      const fault = { name: 'slow', service: 'web', abort: { status: 503, percent: 20 }, delay }
      return { outputs: { faultinjections: [fault] }, after: '1h' }
    },
  })
  world.start(undefined, { definition: delaying })
  await world.flow('chaos')
  await settled(world)
  expect(await world.condition('chaos')).toMatchObject({ reason: 'TrafficRefused' })
  expect(await backends(world)).toEqual([])
})

test('on a mesh with faults of its own nothing is made', async () => {
  const world = await started(istio)
  await world.flow('chaos', { abort: 503 })
  await settled(world)
  expect(await backends(world)).toEqual([])
  expect(await world.list(configMap)).toEqual([])
  expect(await world.condition('chaos')).toMatchObject({ status: 'True' })
})

function forbidden(message: string): TransportResponse {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403, message }
  const headers = { 'content-type': 'application/json' }
  return { status: 403, headers, body: Readable.from([Buffer.from(JSON.stringify(status))]) }
}
