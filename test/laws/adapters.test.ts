import { describe, test } from 'vitest'
import { generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { describeAdapter, type TestRunner } from '../../src/adapter-kit/index.ts'
import type { WorkloadAccess } from '../../src/mesh/access.ts'
import { mtlsFeaturesOf } from '../../src/mesh/access-check.ts'
import { accessFeaturesOf } from '../../src/mesh/access-features.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import { featuresOf } from '../../src/mesh/features.ts'
import type { MtlsPolicy } from '../../src/mesh/mtls.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { otherVersions } from '../adapters/adapters.ts'
import { proves } from '../support/proof.ts'

/** Each run is about one mesh: see the configuration beside this file. */
const mesh = process.env['LAW_MESH'] ?? ''
/** Laws whose cases are traffic that the adapter carries, so that its features are shown by them. */
const telling = [
  'reads back what it wrote as the normal form',
  'sends each request where the neutral meaning sends it',
  'reads access back as the normal form',
  'lets in whom the neutral meaning lets in',
  'reads mutual TLS back as the normal form, from valid objects',
]

/** What the cases of the running law asked of the mesh. */
const features = new Set<Feature>()

function witness(given: object): void {
  for (const feature of askedIn(given)) features.add(feature)
}

function askedIn(given: object): Iterable<Feature> {
  if ('traffic' in given) return featuresOf(given.traffic as ServiceTraffic, generatedServices)
  if ('access' in given) return accessFeaturesOf(normalAccess(given.access as WorkloadAccess))
  return 'policy' in given ? mtlsFeaturesOf(given.policy as MtlsPolicy) : []
}

const runner: TestRunner = {
  describe,
  test: (name, options, body) =>
    test(name, options, () => {
      features.clear()
      body()
      if (telling.includes(name)) proves(mesh, 'laws', features)
    }),
}

for (const provider of builtInMeshes.filter(({ name }) => name === mesh)) describeAdapter(provider, runner, { witness })
// Other versions write most of what the usual ones write; a tenth of the cases is about what differs.
const numRuns = Math.ceil(Number(process.env['LAW_RUNS']) / 10)
for (const [provider, context] of otherVersions.filter(([{ name }]) => name === mesh))
  describeAdapter(provider, { describe, test }, { context, numRuns })
