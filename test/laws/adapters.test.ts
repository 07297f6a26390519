import { describe, test } from 'vitest'
import { mixedServices } from '../../src/adapter-kit/connection-arbitraries.ts'
import { generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { describeAdapter, type TestRunner } from '../../src/adapter-kit/index.ts'
import type { WorkloadAccess } from '../../src/mesh/access.ts'
import { mtlsFeaturesOf } from '../../src/mesh/access-check.ts'
import { accessFeaturesOf } from '../../src/mesh/access-features.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import { featuresOf } from '../../src/mesh/features.ts'
import type { MtlsPolicy } from '../../src/mesh/mtls.ts'
import type { PodLimit } from '../../src/mesh/pod-limits.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { otherVersions } from '../adapters/adapters.ts'
import { proves } from '../support/proof.ts'

/** Each run is about one mesh: see the configuration beside this file. */
const mesh = process.env['LAW_MESH'] ?? ''
/** Laws whose cases are what the adapter carries, so that its features are shown by them, and the Services that they are about. */
const telling: ReadonlyMap<string, ServiceDirectory> = new Map([
  ['reads back what it wrote as the normal form', generatedServices],
  ['sends each request where the neutral meaning sends it', generatedServices],
  ['reads TCP and TLS ports back as the normal form', mixedServices],
  ['sends each connection where the neutral meaning sends it', mixedServices],
  ['reads access back as the normal form', generatedServices],
  ['lets in whom the neutral meaning lets in', generatedServices],
  ['reads mutual TLS back as the normal form, from valid objects', generatedServices],
  ['carries limits of pods that have the same on all of their ports', generatedServices],
])

/** The Services that the running law is about; undefined for one that tells nothing. */
let services: ServiceDirectory | undefined
/** What the cases of the running law asked of the mesh. */
const features = new Set<Feature>()

function witness(given: object): void {
  if (services === undefined) return
  for (const feature of askedIn(given, services)) features.add(feature)
}

function askedIn(given: object, about: ServiceDirectory): Iterable<Feature> {
  if ('traffic' in given) return featuresOf(given.traffic as ServiceTraffic, about)
  if ('access' in given) return accessFeaturesOf(normalAccess(given.access as WorkloadAccess))
  if ('limits' in given) return (given.limits as readonly PodLimit[]).flatMap(limitFeatures)
  return 'policy' in given ? mtlsFeaturesOf(given.policy as MtlsPolicy) : []
}

function limitFeatures({ limit }: PodLimit): Feature[] {
  return limit.perClient === undefined ? ['rateLimit'] : ['rateLimit', 'rateLimitPerClient']
}

const runner: TestRunner = {
  describe,
  test: (name, options, body) =>
    test(name, options, () => {
      features.clear()
      services = telling.get(name)
      body()
      if (services !== undefined) proves(mesh, 'laws', features)
    }),
}

for (const provider of builtInMeshes.filter(({ name }) => name === mesh)) describeAdapter(provider, runner, { witness })
// Other versions write most of what the usual ones write; a tenth of the cases is about what differs.
const numRuns = Math.ceil(Number(process.env['LAW_RUNS']) / 10)
for (const [provider, context] of otherVersions.filter(([{ name }]) => name === mesh))
  describeAdapter(provider, { describe, test }, { context, numRuns })
