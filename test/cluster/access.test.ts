import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { mtlsPolicy, workloadAccess, workloadsFor } from '../../src/adapter-kit/access-arbitraries.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { checkAccess, checkMtls, mtlsFeaturesOf } from '../../src/mesh/access-check.ts'
import { accessFeaturesOf } from '../../src/mesh/access-features.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import type { PodLimit } from '../../src/mesh/pod-limits.ts'
import { selectionsOf } from '../../src/mesh/workloads.ts'
import { istio, istioAmbient, kuma, linkerd, smi } from '../adapters/adapters.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import { proves } from '../support/proof.ts'

const adapters = { istio, 'istio-ambient': istioAmbient, linkerd, smi, kuma } as const satisfies Record<
  string,
  MeshAdapter
>

interface Written {
  readonly objects: readonly { readonly object: KubeObject; readonly kind: Kind }[]
  readonly features: ReadonlySet<Feature>
}

/** What the adapter writes for generated access and mutual TLS that passed its checks, and what these asked for; and for rate limits of pods. */
function written(adapter: MeshAdapter): Written {
  const workloads = workloadsFor(adapter)
  const carried = fc
    .sample(workloadAccess(adapter.capabilities), { numRuns: 200, seed: 7 })
    .filter((access) => checkAccess(access, adapter, workloads).length === 0)
  const accesses = carried.flatMap((access) => adapter.access?.translate(access, workloads) ?? [])
  const secured =
    adapter.mtls === undefined
      ? []
      : fc
          .sample(mtlsPolicy(adapter.capabilities), { numRuns: 30, seed: 7 })
          .filter((policy) => checkMtls(policy, [], adapter, workloads).length === 0)
  const policies = secured.flatMap((policy) => adapter.mtls?.translate(policy, workloads) ?? [])
  const limits = ['web', 'api'].flatMap((serviceAccount) =>
    selectionsOf({ namespace: 'shop', serviceAccount }, workloads).map(
      (selection, index): PodLimit => ({
        namespace: 'shop',
        serviceAccount,
        selection,
        port: 8080,
        limit: { requestsPerSecond: 100, ...(index === 0 && { perClient: 20 }) },
      }),
    ),
  )
  const answers = adapter.podLimits?.translate(limits, { workloads, others: [], own: [] }) ?? []
  const limited = answers.flatMap((answer) => answer.objects)
  const kinds = [...(adapter.access?.kinds ?? []), ...(adapter.mtls?.kinds ?? []), ...(adapter.podLimits?.kinds ?? [])]
  const objects = [...accesses, ...policies, ...limited].flatMap((object) => {
    const kind = kinds.find((one) => one.kind === object.kind)
    return kind === undefined ? [] : [{ object, kind }]
  })
  const features = [
    ...carried.flatMap((access) => [...accessFeaturesOf(normalAccess(access))]),
    ...secured.flatMap((policy) => [...mtlsFeaturesOf(policy)]),
    ...(limited.length > 0 ? (['rateLimit', 'rateLimitPerClient'] as const) : []),
  ]
  return { objects, features: new Set(features) }
}

for (const [mesh, adapter] of Object.entries(adapters)) {
  describeMesh(mesh as keyof typeof adapters, (cluster) => {
    test('access policies and mutual TLS as its adapter writes them are taken by the real CRDs', async () => {
      const namespace = await cluster.namespace()
      const { objects, features } = written(adapter)
      expect(objects.length).toBeGreaterThan(100)
      for (const { object, kind } of objects) {
        const path = `/apis/${object.apiVersion}/namespaces/${namespace}/${kind.plural}?dryRun=All&fieldValidation=Strict`
        const { status, body } = await cluster.client.call('POST', path, {
          ...object,
          metadata: { ...object.metadata, namespace },
        })
        expect({ status, body, object }).toMatchObject({ status: 201 })
      }
      proves(mesh, 'crds', features)
    })

    test('rate limits of pods are among them where the mesh has them', () => {
      const kinds = new Set(written(adapter).objects.map(({ object }) => object.kind))
      expect(kinds.has('HTTPLocalRateLimitPolicy')).toBe(mesh === 'linkerd')
    })

    if (mesh === 'istio') {
      const refused: readonly [string, string, object][] = [
        ['AuthorizationPolicy', 'an action that is none', { action: 'REFUSE' }],
        [
          'AuthorizationPolicy',
          'a selector and a target',
          { selector: {}, targetRefs: [{ kind: 'Service', name: 'a' }] },
        ],
        ['PeerAuthentication', 'a mode that is none', { mtls: { mode: 'ON' } }],
        ['PeerAuthentication', 'ports without a selector', { portLevelMtls: { '8080': { mode: 'STRICT' } } }],
      ]
      test.each(refused)('%s with %s is refused by the real CRD and by us', async (kind, _what, spec) => {
        const namespace = await cluster.namespace()
        const object = {
          apiVersion: 'security.istio.io/v1',
          kind,
          metadata: { name: 'wrong', namespace },
          spec,
        }
        const plural = kind === 'PeerAuthentication' ? 'peerauthentications' : 'authorizationpolicies'
        const path = `/apis/security.istio.io/v1/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`
        const { status } = await cluster.client.call('POST', path, object)
        expect(status).toBe(422)
        expect(istio.reading.validate(object)).not.toEqual([])
      })
    }
  })
}
