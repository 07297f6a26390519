import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessCall, generatedWorkloads, workloadAccess } from '../../src/adapter-kit/access-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ServiceAccountRef } from '../../src/mesh/access.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import { decideAccess } from '../../src/mesh/access-decision.ts'
import { accessFeaturesOf } from '../../src/mesh/access-features.ts'
import { mergePolicies } from '../../src/mesh/access-merge.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import type { AccessFeature } from '../../src/mesh/capabilities.ts'
import type { MtlsMode } from '../../src/mesh/mtls.ts'
import type { NeutralOutputs } from '../../src/mesh/outputs.ts'
import { serviceName } from '../../src/mesh/service.ts'
import { istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { type Identity, issueIdentity } from '../support/dataplane/identity.ts'
import { Pod } from '../support/dataplane/pod.ts'
import { clientAccount } from '../support/dataplane/sidecar.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

const namespace = 'shop'
const [workload] = generatedWorkloads.in(namespace)
if (workload === undefined) throw new Error('there is no pod to be called')
const called = workload
const [port = 0, other = 0] = called.ports
const accounts = {
  client: { namespace, name: 'client' },
  admin: { namespace, name: 'admin' },
  prometheus: { namespace: 'ops', name: 'prometheus' },
  stranger: { namespace: 'ops', name: 'client' },
} satisfies Record<string, ServiceAccountRef>
const plain = { method: 'GET', path: '/', headers: {}, query: {} }

/** Outputs of one resource, as the AuthorizationPolicies and PeerAuthentications that Istio's adapter makes of them. */
function written(outputs: NeutralOutputs): KubeObject[] {
  const { accesses, diagnostics, mtls } = mergePolicies([{ source: 'Guard shop/web', namespace, outputs }])
  expect(diagnostics).toEqual([])
  return [
    ...accesses.flatMap(({ what }) => istio.access?.translate(what, generatedWorkloads) ?? []),
    ...mtls.flatMap(({ what }) => istio.mtls?.translate(what, generatedWorkloads) ?? []),
  ]
}

describeDataPlane('the proxy of a called pod', (mesh) => {
  const kinds = [...(istio.access?.kinds ?? []), ...(istio.mtls?.kinds ?? [])]
  const identities = new Map<string, Identity>()
  const as = (account: ServiceAccountRef) => identities.get(serviceName(account))
  let pod: Pod

  beforeAll(async () => {
    await mesh.client.call('POST', '/api/v1/namespaces', { metadata: { name: 'ops' } })
    for (const account of Object.values(accounts))
      identities.set(serviceName(account), await issueIdentity(mesh.client, mesh.facts, account))
    const { labels, name, ports, serviceAccount } = called
    pod = await Pod.start(mesh, { name, labels, ports, account: { namespace, name: serviceAccount } })
    await waitFor('the pod answers', async () => (await pod.call(port, plain, as(accounts.client))) === 200)
  })
  afterAll(() => pod?.stop())

  /** Writes the objects for as long as the body runs. */
  const during = async (objects: readonly KubeObject[], body: () => Promise<void>) => {
    await mesh.apply({ kinds }, objects)
    await pod.settled()
    try {
      await body()
    } finally {
      for (const object of objects) await mesh.remove({ kinds }, object)
      await pod.settled()
    }
  }
  const get = (path: string, account: ServiceAccountRef, headers: Record<string, string> = {}, to = port) =>
    pod.call(to, { ...plain, path, headers }, as(account))

  test('lets everybody in without a policy, by mutual TLS and in plain text', async () => {
    expect(await get('/', accounts.stranger)).toBe(200)
    expect(await pod.call(port, plain)).toBe(200)
  })

  test('lets in whom a traffic target names, for its requests and on its ports, and nobody else', async () => {
    const { client, prometheus, stranger } = accounts
    const named = (account: ServiceAccountRef) => ({ kind: 'ServiceAccount' as const, ...account })
    const destination = { kind: 'ServiceAccount' as const, name: called.serviceAccount }
    const rules = [
      { path: { prefixPath: '/api' }, methods: ['GET'] },
      { path: { exact: '/hook' }, headers: [{ name: 'x-from', exact: 'shop' }] },
    ]
    const traffictargets = [
      { name: 'web', destination, sources: [named(client)], ports: [port], rules },
      { name: 'scrape', destination, sources: [named(prometheus)], ports: [other] },
    ]
    await during(written({ traffictargets }), async () => {
      expect(await get('/api/cart', client)).toBe(200)
      expect(await get('/apis', client)).toBe(403)
      expect(await pod.call(port, { ...plain, path: '/api', method: 'POST' }, as(client))).toBe(403)
      expect(await get('/hook', client, { 'x-from': 'shop' })).toBe(200)
      expect(await get('/hook', client, { 'x-from': 'ops' })).toBe(403)
      expect(await get('/hook', client)).toBe(403)
      expect(await get('/api/cart', client, {}, other)).toBe(403)
      expect(await get('/metrics', prometheus, {}, other)).toBe(200)
      expect(await get('/api/cart', prometheus)).toBe(403)
      // The same name in another namespace, and nobody at all.
      expect(await get('/api/cart', stranger)).toBe(403)
      expect(await pod.call(port, { ...plain, path: '/api/cart' })).toBe(403)
    })
    expect(await get('/', accounts.stranger)).toBe(200)
    proves('istio', 'proxy', ['accessPolicy', 'accessPorts', 'accessHttp', 'accessHeaders'])
  })

  test('refuses everybody where nobody is let in', async () => {
    const nobody = { destination: { namespace, serviceAccount: called.serviceAccount }, grants: [] }
    await during(istio.access?.translate(nobody, generatedWorkloads) ?? [], async () => {
      for (const account of Object.values(accounts)) expect(await get('/', account)).toBe(403)
      expect(await pod.call(port, plain)).toBe(403)
    })
    proves('istio', 'proxy', ['accessNobody'])
  })

  test('decides on generated calls as the neutral meaning does', { timeout: 240_000 }, async () => {
    const proven = new Set<AccessFeature>()
    const all = fc.sample(workloadAccess(istio.capabilities), { numRuns: 120, seed: 11 })
    const ours = all.map(normalAccess).filter(({ destination }) => {
      return 'serviceAccount' in destination && destination.serviceAccount === called.serviceAccount
    })
    const carried = ours.filter((access) => checkAccess(access, istio, generatedWorkloads).length === 0).slice(0, 40)
    expect(carried.length).toBeGreaterThan(30)
    const calls = fc.sample(accessCall(), { numRuns: 100, seed: 11 }).filter(({ request }) => request !== undefined)
    const disagreements: object[] = []
    const counts = { 200: 0, 403: 0 }
    for (const access of carried) {
      const objects = istio.access?.translate(access, generatedWorkloads) ?? []
      await during(objects, async () => {
        for (const call of calls.map((one) => ({ ...one, pod: called }))) {
          const meant = decideAccess(call, [access]) === false ? 403 : 200
          counts[meant] += 1
          const answer = await pod.call(call.port, call.request ?? plain, as(call.source))
          if (answer !== meant) disagreements.push({ access, call, meant, answer })
        }
      })
      for (const feature of accessFeaturesOf(access)) proven.add(feature)
    }
    expect(disagreements).toEqual([])
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(300)
    proves('istio', 'proxy', proven)
  })

  /** How the pod takes a call in plain text, and one by mutual TLS. */
  const taken = async (to = port) => [await pod.call(to, plain), await pod.call(to, plain, as(accounts.client))]
  const takes = (what: string, expected: readonly (number | undefined)[], to = port) =>
    waitFor(what, async () => JSON.stringify(await taken(to)) === JSON.stringify(expected))
  const refusesPlain = [undefined, 200]
  const takesBoth = [200, 200]
  const refusesTls = [200, undefined]

  test('takes plain text, mutual TLS or both, as the mode says, of a port and of all', async () => {
    const policy = (mode: MtlsMode, ports?: Record<string, MtlsMode>) => {
      const workload = { labels: { app: called.labels['app'] ?? '' } }
      return written({ mtlspolicies: [{ name: 'web', workload, mode, ...(ports && { ports }) }] })
    }
    const [strict] = policy('strict')
    if (strict === undefined) throw new Error('nothing is written')
    await mesh.apply({ kinds }, [strict])
    await takes('plain text is refused', refusesPlain)
    await takes('on the other port too', refusesPlain, other)
    await mesh.apply({ kinds }, policy('permissive'))
    await takes('both are taken', takesBoth)
    await mesh.apply({ kinds }, policy('disable'))
    await takes('mutual TLS is refused', refusesTls)
    await mesh.apply({ kinds }, policy('strict', { [other]: 'permissive' }))
    await takes('plain text is refused', refusesPlain)
    expect(await taken(other)).toEqual(takesBoth)
    await mesh.remove({ kinds }, strict)
    await takes('both are taken without a policy', takesBoth)
    proves('istio', 'proxy', ['mtlsStrict', 'mtlsPermissive', 'mtlsDisable', 'mtlsPort'])
  })

  test('goes by the policy of its namespace where it has none of its own, and by access beside it', async () => {
    const [ofAll] = written({ mtlspolicies: [{ name: 'all', mode: 'strict' }] })
    if (ofAll === undefined) throw new Error('nothing is written')
    await mesh.apply({ kinds }, [ofAll])
    await takes('plain text is refused', refusesPlain)
    const grants = [{ name: 'g1', sources: [accounts.client] }]
    const access = { destination: { namespace, serviceAccount: called.serviceAccount }, grants }
    await during(istio.access?.translate(access, generatedWorkloads) ?? [], async () => {
      expect(await taken()).toEqual(refusesPlain)
      expect(await get('/', accounts.stranger)).toBe(403)
    })
    await mesh.remove({ kinds }, ofAll)
    await takes('both are taken without a policy', takesBoth)
    proves('istio', 'proxy', ['mtlsNamespace', 'mtlsWithAccess'])
  })

  test('knows who calls it through the proxy of the caller, which certifies itself when it is told to', async () => {
    const [clientPort = 0] = await freePorts(1)
    const service = { namespace, name: 'access-web' }
    await mesh.addEndpoint(service, clientPort, { address: pod.address, port })
    const send = async (path: string) => {
      const sent = mesh.send({ ...plain, path, service, port: clientPort, headers: { connection: 'close' } })
      return (await sent.catch(() => undefined))?.status
    }
    await waitFor('the pod answers', async () => (await send('/')) === 200)
    const [strict] = written({ mtlspolicies: [{ name: 'web', workload: { labels: called.selector }, mode: 'strict' }] })
    if (strict === undefined) throw new Error('nothing is written')
    await mesh.apply({ kinds }, [strict])
    await waitFor('plain text is refused', async () => (await send('/')) === 503)
    const tls: KubeObject = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: service,
      spec: {
        host: `${service.name}.${namespace}.svc.cluster.local`,
        // A connection that is there stays under the policy with which it began until it is drained.
        trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' }, connectionPool: { http: { maxRequestsPerConnection: 1 } } },
      },
    }
    await mesh.apply(istio, [tls])
    await waitFor('the proxies know each other', async () => (await send('/')) === 200)
    const grants = [
      { name: 'g1', sources: [clientAccount], matches: [{ path: { prefixPath: '/api' } }] },
      { name: 'g2', sources: [accounts.admin], matches: [{ path: { prefixPath: '/admin' } }] },
    ]
    const access = { destination: { namespace, serviceAccount: called.serviceAccount }, grants }
    await during(istio.access?.translate(access, generatedWorkloads) ?? [], async () => {
      expect(await send('/api/cart')).toBe(200)
      expect(await send('/admin')).toBe(403)
      expect(await send('/')).toBe(403)
    })
    for (const object of [strict, tls]) await mesh.remove({ kinds: [...kinds, ...istio.kinds] }, object)
    proves('istio', 'proxy', ['accessPolicy', 'accessHttp', 'mtlsStrict', 'mtlsWithAccess'])
  })
})
