import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { describeCluster } from '../support/cluster/cluster.ts'
import { downloadModule } from '../support/cluster/go-build.ts'
import { waitFor } from '../support/cluster/processes.ts'

const group = 'gateway.networking.k8s.io'
const kinds = ['HTTPRoute', 'GRPCRoute'].map((kind) => ({ kind, plural: `${kind.toLowerCase()}s` }))
/** The releases between which the fields of these kinds changed. */
const releases = [
  ...['v1.1.0', 'v1.2.1', 'v1.3.0', 'v1.6.0'].map((release) => [release, 'standard'] as const),
  ...['v1.1.0', 'v1.2.1', 'v1.5.1', 'v1.6.0'].map((release) => [release, 'experimental'] as const),
]

type Crd = KubeObject & { spec: { group: string } }

async function crdOf(release: string, channel: string, plural: string): Promise<Crd> {
  const { Dir } = await downloadModule('sigs.k8s.io/gateway-api', release)
  return parse(await readFile(join(Dir, 'config', 'crd', channel, `${group}_${plural}.yaml`), 'utf8'))
}

describeCluster('releases of the Gateway API', (cluster) => {
  describe.each(releases)('%s, %s', (release, channel) => {
    /** One cluster has one release of a group, so that each gets a group of its own: the schemas and their CEL rules stay as they are. */
    const renamed = `${release.replaceAll('.', '-')}.${channel}.example.io`

    test('takes all that the adapters write for it, and would drop nothing of it', { timeout: 120_000 }, async () => {
      const crds = await Promise.all(kinds.map(({ plural }) => crdOf(release, channel, plural)))
      const annotations = crds[0]?.metadata.annotations ?? {}
      await install(crds)
      const namespace = await cluster.namespace()
      const installed = { versions: {}, annotations: { [`httproutes.${group}`]: annotations } }
      const context = { clusterDomain: 'cluster.local', apiVersions: {}, installed }
      for (const adapter of [gatewayApiProvider, linkerdProvider].map((provider) => provider.create(context))) {
        const all = fc.sample(serviceTraffic(adapter.capabilities), { numRuns: 150, seed: 7 })
        const carried = all.filter((traffic) => checkTraffic(traffic, adapter, generatedServices).length === 0)
        // Annotations of the user's Service are no objects of the Gateway API.
        const objects = carried
          .flatMap((traffic) => adapter.translate(traffic))
          .filter(({ kind }) => kind !== 'Service')
        expect(objects.length).toBeGreaterThan(50)
        const hasRetries = adapter.capabilities.retries.support !== 'unsupported' && adapter.name === 'gateway-api'
        expect(objects.some(({ spec }) => JSON.stringify(spec).includes('"retry"'))).toBe(hasRetries)
        for (const object of objects)
          expect({ object, ...(await create(object, namespace)) }).toMatchObject({ status: 201 })
      }
    })

    async function install(crds: readonly Crd[]): Promise<void> {
      for (const { apiVersion, kind, spec, metadata } of crds) {
        const plural = metadata.name.split('.')[0]
        const crd = { apiVersion, kind, metadata: { name: `${plural}.${renamed}` }, spec: { ...spec, group: renamed } }
        await cluster.client.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)
      }
      for (const { plural } of kinds) {
        await waitFor(`${plural}.${renamed} is served`, async () => {
          const { status } = await cluster.client.call('GET', `/apis/${renamed}/v1/${plural}?limit=1`)
          return status === 200
        })
      }
    }

    /** Strictly: a field that the schema does not have is an error, where otherwise it would be dropped. */
    function create(object: KubeObject, namespace: string) {
      const plural = kinds.find(({ kind }) => kind === object.kind)?.plural
      const path = `/apis/${renamed}/v1/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`
      const metadata = { ...object.metadata, namespace }
      return cluster.client.call('POST', path, { ...object, apiVersion: `${renamed}/v1`, metadata })
    }
  })
})
