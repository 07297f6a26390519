import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { linkerd, smi } from '../adapters/adapters.ts'
import { disagreements, serverRefusal } from '../support/admission.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import { corpusObjects } from '../support/corpus.ts'
import { mutated } from '../support/mutations.ts'
import { linkerdObjects, smiObjects } from '../support/valid-objects.ts'

const cases = [
  ['smi', smi, smiObjects],
  ['linkerd', linkerd, linkerdObjects],
] as const

/** What we read all the same: quantities in v1alpha2, which linkerd-smi's own schema takes, and SMI's text has headers as a map. */
const isTolerated = ({ apiVersion, spec }: KubeObject) =>
  (apiVersion.endsWith('v1alpha2') && /"weight":"/.test(JSON.stringify(spec))) ||
  /"headers":\{/.test(JSON.stringify(spec))

const folders = { smi: ['trafficsplit', 'httproutegroup'], linkerd: ['serviceprofile', 'policy-httproute'] }

for (const [mesh, adapter, objects] of cases) {
  describeMesh(mesh, (cluster) => {
    for (const { name, object, refused } of corpusObjects(...folders[mesh])) {
      test(name, async () => {
        const metadata = { ...object.metadata, namespace: 'default' }
        expect((await serverRefusal(cluster.client, { ...object, metadata })) !== undefined).toBe(refused)
      })
    }

    test('what the API server refuses of damaged objects is refused by us; these schemas are wide, and we refuse more', async () => {
      const namespace = await cluster.namespace()
      const here = objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }))
      const refusal = (object: KubeObject) => serverRefusal(cluster.client, object)
      expect(await disagreements(here, adapter.reading, refusal)).toEqual([])
      const all = fc.sample(mutated(here), { numRuns: 1_500, seed: 2026 }).filter((object) => !isTolerated(object))
      const found = await disagreements(all, adapter.reading, refusal)
      expect(found.filter(({ theirs }) => theirs !== undefined).slice(0, 5)).toEqual([])
    })
  })
}
