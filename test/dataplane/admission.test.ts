import { fc } from '@fast-check/vitest'
import { beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { disagreements, istiodRefusal, serverRefusal } from '../support/admission.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { corpusObjects } from '../support/corpus.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { mutated } from '../support/mutations.ts'
import { gatewayObjects, istioObjects } from '../support/valid-objects.ts'

const [port = 0] = await freePorts(1)
/** istiod takes it, and no proxy then takes an update of its routes: we refuse it. */
const deadly = (object: KubeObject) => /"(status|httpStatus)":600\b/.test(JSON.stringify(object.spec))

describeDataPlane(
  'a damaged object is refused by us when the API server or istiod refuses it, and only then',
  (mesh) => {
    const refusal = async (object: KubeObject) =>
      (await serverRefusal(mesh.client, object)) ?? (await istiodRefusal(mesh.facts.istiodUrl, object))
    beforeAll(async () => {
      await mesh.addService({ namespace: 'shop', name: 'admission' }, [port])
    })

    test.each([
      ['VirtualServices and DestinationRules', istio, istioObjects],
      ['HTTPRoutes', gatewayApi, gatewayObjects],
    ])('%s', async (_kinds, { reading }, objects) => {
      expect(await disagreements(objects, reading, refusal)).toEqual([])
      const all = fc.sample(mutated(objects), { numRuns: 3_000, seed: 2026 }).filter((object) => !deadly(object))
      expect((await disagreements(all, reading, refusal)).slice(0, 5)).toEqual([])
    })

    for (const { name, object, refused } of corpusObjects('virtualservice', 'destinationrule', 'httproute')) {
      test(name, async () => {
        expect((await refusal(object)) !== undefined).toBe(refused)
      })
    }
  },
)
