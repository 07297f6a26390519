import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import type { MeshName } from '../support/cluster/crds.ts'
import { findPrometheus } from '../support/cluster/prometheus.ts'
import { CanaryStory } from '../support/live/canary-story.ts'
import { deploymentKind } from '../support/live/kinds.ts'
import { proxyTelemetry } from '../support/live/proxy-telemetry.ts'

const virtualService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: storefront
  labels: { team: storefront }
spec:
  hosts: [podinfo]
  http:
  - name: static
    match: [{ uri: { prefix: /static } }]
    route: [{ destination: { host: podinfo, port: { number: 9797 } } }]
  - name: everybody
    timeout: 15s
    retries: { attempts: 3, retryOn: 5xx }
    corsPolicy: { allowOrigins: [{ exact: "https://example.com" }] }
    route:
    - destination: { host: podinfo, port: { number: 9898 } }
      headers: { response: { add: { x-shop: podinfo } } }
`

const httpRoute = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: storefront
  labels: { team: storefront }
spec:
  parentRefs: [{ group: "", kind: Service, name: podinfo, port: 9898 }]
  rules:
  - matches: [{ path: { type: PathPrefix, value: /static } }]
    backendRefs: [{ name: podinfo, port: 9797 }]
  - timeouts: { request: 15s }
    filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { add: [{ name: x-shop, value: podinfo }] } }]
    backendRefs: [{ name: podinfo, port: 9898 }]
`

const spec = {
  steps: [20, 50],
  analysisPeriod: '2s',
  measurementInterval: '5s',
  progressDeadline: '1m',
}

const programs = await findPrometheus()

describe.skipIf(programs === undefined)('a canary in a route of its user, on a real API server', () => {
  const telemetry = proxyTelemetry(programs)
  oneMesh('istio', virtualService, { path: 'http', list: 'route', rule: 'everybody' }, telemetry)
  oneMesh('gateway-api', httpRoute, { path: 'rules', list: 'backendRefs', rule: 1 }, telemetry)
})

interface Shape {
  readonly path: string
  readonly list: string
  readonly rule: string | number
}

/** One life: each test goes on where the one before it ended. */
function oneMesh(
  mesh: MeshName,
  manifest: string,
  { path, list, rule }: Shape,
  telemetry: () => Parameters<typeof CanaryStory.begin>[2],
): void {
  describeMesh(mesh, (cluster) => {
    let story: CanaryStory
    let kind: Kind
    let before: string
    const { kind: kindName }: KubeObject = parse(manifest)

    const route = () => story.recorder.now.get(kind, 'storefront')
    /** All that its owner sees of the route, as text. */
    const visible = () => {
      const { labels, annotations, finalizers, ownerReferences } = route()?.metadata ?? {}
      return JSON.stringify({ labels, annotations, finalizers, ownerReferences, spec: route()?.spec })
    }
    const rules = () => (route()?.spec as Record<string, Record<string, unknown>[]> | undefined)?.[path] ?? []
    const weights = () => ((rules()[1]?.[list] ?? []) as { weight?: number }[]).map(({ weight }) => weight)
    const kubectl = (args: readonly string[], stdin?: string) =>
      cluster.kubectl(['-n', story.namespace, ...args], stdin === undefined ? {} : { stdin })

    beforeAll(async () => {
      story = await CanaryStory.begin(cluster, mesh, telemetry())
      const found = story.adapter.kinds.find((one) => one.kind === kindName)
      if (found === undefined) throw new Error(`${mesh} has no ${kindName}`)
      kind = found
      await kubectl(['apply', '--server-side', '-f', '-'], manifest)
      await story.until('the route is seen', () => route() !== undefined)
      before = visible()
    })
    afterAll(() => story?.end())

    test('a target is taken over without an edit of the route', { concurrent: false }, async () => {
      const { resourceVersion, generation } = route()?.metadata ?? {}
      await story.applyCanary({ ...spec, route: { kind: kindName, name: 'storefront', rules: [rule] } })
      await story.untilWaiting(2)
      expect(resourceVersion).toBeDefined()
      expect(route()?.metadata.generation).toBe(generation)
      expect(story.recorder.now.list(kind)).toHaveLength(1)
    })

    test('the weights of a run are set in its rule; what its owner edits meanwhile stays', {
      concurrent: false,
    }, async () => {
      const seen = new Set<string>()
      let edited = false
      story.recorder.listen(({ object }) => {
        if (object.metadata.name !== 'storefront') return
        seen.add(
          JSON.stringify(
            (object.spec as Record<string, Record<string, { weight?: number }[]>[]>)[path]?.[1]?.[list]?.map(
              ({ weight }) => weight ?? null,
            ),
          ),
        )
        if (edited) return
        edited = true
        const patch = [{ op: 'add', path: '/metadata/labels/edited', value: 'meanwhile' }]
        void kubectl(['patch', kind.plural, 'storefront', '--type=json', '-p', JSON.stringify(patch)])
      })
      await story.setImage('6.9.1')
      await story.until('the first step is written', () => weights().includes(20))
      expect(rules()[0]).toEqual((parse(before).spec as Record<string, unknown[]>)[path]?.[0])
      await story.untilWaiting(5)
      expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.1')
      expect([...seen]).toEqual(expect.arrayContaining(['[80,20]', '[50,50]']))
      expect(visible()).toBe(before.replace('"team"', '"edited":"meanwhile","team"'))
    })

    test('its owner applies it again without a conflict', { concurrent: false }, async () => {
      await kubectl(['apply', '--server-side', '-f', '-'], manifest.replace('15s', '16s'))
      await kubectl(['apply', '--server-side', '-f', '-'], manifest)
      await story.until('the route is as it was', () => visible().includes('15s'))
    })

    test('who writes the route anew in the middle of a run is named, and answered', { concurrent: false }, async () => {
      await story.setImage('6.9.2')
      await story.until('the first step is written', () => weights().includes(20))
      await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=repository', '-f', '-'], manifest)
      await story.until('the weights are set again', () =>
        weights().some((weight) => (weight ?? 0) > 1 && weight !== 100),
      )
      const events = await kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}'])
      expect(events).toContain(`AP4017 repository has set other weights in ${kindName} ${story.namespace}/storefront`)
      // The run goes on with the next step, long before the progress deadline.
      await story.until('the next step is written', () => weights().includes(50), 15_000)
      await story.untilWaiting(8)
      expect(story.imageOf('podinfo-primary')).toBe('stefanprodan/podinfo:6.9.2')
      expect(JSON.stringify(route()?.spec)).toBe(JSON.stringify(parse(before).spec))
    })

    test('deleting the resource in the middle of a run gives the route back', { concurrent: false }, async () => {
      await story.setImage('6.9.3')
      await story.until('the first step is written', () => weights().includes(20))
      await kubectl(['delete', 'canarydeployment', 'podinfo', '--timeout=90s'])
      await story.until('the copies are gone', () => story.recorder.now.list(deploymentKind).length === 1)
      await story.untilSeen()
      expect(JSON.stringify(route()?.spec)).toBe(JSON.stringify(parse(before).spec))
      expect(route()?.metadata.finalizers).toBeUndefined()
    })
  })
}
