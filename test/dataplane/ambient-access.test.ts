import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSelector } from '../../adapters/istio/access-reading.ts'
import { accessCall, workloadAccess, workloadsFor } from '../../src/adapter-kit/access-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { selects, type WorkloadAccess } from '../../src/mesh/access.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import type { AccessCall } from '../../src/mesh/access-decision.ts'
import { type Fields, fieldsOf } from '../../src/mesh/fields.ts'
import type { WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { istioAmbient as ambient } from '../adapters/adapters.ts'
import { Gate } from '../support/dataplane/gate.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { Waypoint } from '../support/dataplane/waypoint.ts'
import { ztunnelAllows, ztunnelPolicies } from '../support/dataplane/ztunnel.ts'

const home = { namespace: 'waypoints', name: 'waypoint' }
const labels = {
  'istio.io/dataplane-mode': 'ambient',
  'istio.io/use-waypoint': home.name,
  'istio.io/use-waypoint-namespace': home.namespace,
}
const kinds = ambient.access?.kinds ?? []

/** One generated access in a namespace of its own, with the Services and pods that it is about. */
interface Case {
  readonly namespace: string
  readonly access: WorkloadAccess
  readonly workloads: WorkloadDirectory
  readonly objects: readonly KubeObject[]
}

function caseIn(namespace: string, { destination, ...access }: WorkloadAccess): Case {
  const generated = workloadsFor(ambient)
  const moved = (object: KubeObject): KubeObject =>
    object.kind === 'Namespace'
      ? { ...object, metadata: { name: namespace, labels } }
      : { ...object, metadata: { ...object.metadata, namespace } }
  const workloads: WorkloadDirectory = {
    in: (name) => (name === namespace ? generated.in('shop').map((one) => ({ ...one, namespace })) : []),
    beside: (name) => (name === namespace ? (generated.beside?.('shop') ?? []).map(moved) : []),
  }
  const own = { ...access, destination: { ...destination, namespace } }
  return { namespace, access: own, workloads, objects: ambient.access?.translate(own, workloads) ?? [] }
}

const carried = workloadAccess(ambient.capabilities).filter(
  (access) => checkAccess(access, ambient, workloadsFor(ambient)).length === 0,
)
const cases = fc.sample(carried, { numRuns: 40, seed: 11 }).map((access, index) => caseIn(`ambient-${index}`, access))
const calls = fc
  .sample(accessCall(), { numRuns: 150, seed: 11 })
  .flatMap(({ request, ...call }) => (request === undefined ? [] : [{ ...call, request }]))

describeDataPlane('access in ambient mode', (mesh) => {
  const left: (() => Promise<unknown>)[] = []
  let waypoint: Waypoint
  let gate: Gate
  let filters: Map<string, unknown[]>
  let told: Map<string, Fields>

  beforeAll(async () => {
    const make = (path: string, object: object) => mesh.client.ask('POST', `/api/v1/namespaces${path}`, object)
    await make('', { metadata: { name: home.namespace, labels: { 'istio.io/dataplane-mode': 'ambient' } } })
    waypoint = await Waypoint.start(mesh, home)
    for (const { namespace, objects, workloads } of cases) {
      for (const object of workloads.beside?.(namespace) ?? [])
        if (object.kind === 'Namespace') await make('', object)
        else {
          const path = `/${namespace}/services`
          await make(path, object)
          left.push(() => mesh.client.ask('DELETE', `/api/v1/namespaces${path}/${object.metadata.name}`))
        }
      await mesh.apply({ kinds }, objects)
      left.push(...objects.map((object) => () => mesh.remove({ kinds }, object)))
    }
    // Written last, as istiod learns of one kind's objects in their order.
    const last = cases.at(-1)?.namespace ?? ''
    const marker = (name: string, spec: object): KubeObject => {
      const apiVersion = 'security.istio.io/v1'
      return { apiVersion, kind: 'AuthorizationPolicy', metadata: { name, namespace: last }, spec }
    }
    const when = [{ key: 'request.headers[x-last]', values: ['all-is-there'] }]
    const targetRefs = ['web', 'api'].map((name) => ({ group: '', kind: 'Service', name }))
    await mesh.apply({ kinds }, [
      marker('last-of-pods', { selector: { matchLabels: { app: 'nobody' } } }),
      marker('last-of-services', { targetRefs, action: 'DENY', rules: [{ when }] }),
    ])
    told = await ztunnelPolicies(waypoint.istiodUrl, `${last}/last-of-pods`)
    filters = await waypoint.filters(['all-is-there'])
    gate = await Gate.start(mesh, filters)
  })
  afterAll(async () => {
    await gate?.stop()
    await waypoint?.stop()
    // The proxies of other suites are told of all Services.
    for (const remove of left) await remove()
  })

  /** Whether ztunnel lets in a connection to the called pod. */
  const onward = ({ objects, namespace }: Case, { pod, port }: AccessCall, source: AccessCall['source']) => {
    const own = objects.filter(({ spec }) => {
      const { selector } = fieldsOf(spec)
      return selector !== undefined && selects(readSelector(selector), pod.labels)
    })
    const policies = own.map(({ metadata: { name } }) => told.get(`${namespace}/${name}`))
    expect(policies).not.toContain(undefined)
    return ztunnelAllows(policies.map(fieldsOf), source, port)
  }

  test('istiod has the waypoint decide for each Service, and for nothing else', () => {
    const ports = cases.flatMap(({ namespace }) =>
      ['web', 'api'].flatMap((name) => [80, 9090].map((port) => `${namespace}/${name}:${port}`)),
    )
    expect([...filters.keys()].filter((key) => key.startsWith('ambient-')).sort()).toEqual(ports.sort())
  })

  test('Envoy lets through by what istiod makes of the policies, and ztunnel is told, what is let in by way of a Service or straight', async () => {
    const counts = { straight: 0, onlyByService: 0, refused: 0 }
    for (const one of cases) {
      for (const call of calls) {
        const to = call.port === 8080 ? 80 : 9090
        const key = `${one.namespace}/${call.pod.serviceAccount}:${to}`
        const pod = { ...call.pod, namespace: one.namespace }
        const decide = (workloads: WorkloadDirectory) =>
          ambient.access?.decide({ ...call, pod }, one.objects, workloads) ?? true
        const isPassed = (await gate.ask(key, to, call.source, call.request)) === 200
        const straight = onward(one, call, call.source)
        const byService = isPassed && onward(one, call, home)
        const seen = { straight, either: straight || byService }
        expect({ access: one.access, call, ...seen }).toEqual({
          access: one.access,
          call,
          straight: decide({ in: one.workloads.in }),
          either: decide(one.workloads),
        })
        counts[straight ? 'straight' : byService ? 'onlyByService' : 'refused'] += 1
      }
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(40)
  })
})
