import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject } from '../../manifests/manifest.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { checkTraffic, type TrafficProblem } from '../../mesh/check.ts'
import { featuresOf } from '../../mesh/features.ts'
import { groupKind } from '../../mesh/object-reading.ts'
import type { ServiceDirectory } from '../../mesh/routing.ts'
import { serviceName } from '../../mesh/service.ts'
import type { ServiceTraffic } from '../../mesh/traffic.ts'
import type { FoundTraffic } from './found-traffic.ts'
import type { KnownServices } from './known-services.ts'
import { placeOfAspect, placeOfFeature } from './place-of-feature.ts'
import type { Translation } from './translation.ts'

/** What was found once it has backends that the target knows, and the Services that were made for them. */
interface LoweredTraffic {
  readonly found: readonly FoundTraffic[]
  readonly objects: readonly KubeObject[]
}

/**
 * What the target can carry of what was found. An apex of which a part that decides where requests go cannot be carried is left out whole;
 * without what holds for pods alone, the rest of one means what it meant.
 */
export function carryTraffic(
  lowered: LoweredTraffic,
  services: KnownServices,
  translation: Translation,
): { readonly found: readonly FoundTraffic[]; readonly problems: readonly Diagnostic[] } {
  const { target } = translation
  const problems: Diagnostic[] = []
  const directoryOf = (traffic: ServiceTraffic) => services.directory(traffic, lowered.objects)
  const found = lowered.found.flatMap((one): FoundTraffic[] => {
    const { traffic, sources } = one
    const directory = directoryOf(traffic)
    const leftOut = leftOutBackend(one, directory, translation)
    if (leftOut !== undefined) {
      problems.push(leftOut)
      return []
    }
    const refusals = checkTraffic(traffic, target, directory).filter(isRefusal)
    for (const problem of refusals) {
      const { feature, aspect, ...said } = problem
      const position = placeOf(problem, one, target, directoryOf) ?? sources[0]?.at(['metadata', 'name'])
      problems.push({ ...said, ...(position && { position }) })
    }
    if (refusals.length === 0) return [one]
    const { policies, ...routed } = traffic
    const isWhole = !checkTraffic(routed, target, directory).some(isRefusal)
    return policies !== undefined && isWhole ? [{ ...one, traffic: routed }] : []
  })
  return { found, problems }
}

/** A fault backend that is missing is among what is written. */
function isRefusal({ code }: TrafficProblem): boolean {
  return code !== 'AP2145'
}

function placeOf(
  { feature, aspect }: TrafficProblem,
  { sources, reread }: FoundTraffic,
  target: MeshAdapter,
  directoryOf: (traffic: ServiceTraffic) => ServiceDirectory,
): Diagnostic['position'] {
  if (reread === undefined) return undefined
  if (feature !== undefined)
    return placeOfFeature(feature, sources, (objects) => {
      const traffic = reread(objects)
      return traffic && featuresOf(traffic, directoryOf(traffic))
    })
  if (aspect === undefined) return undefined
  return placeOfAspect(aspect, sources, (objects) => {
    const traffic = reread(objects)
    const problems = traffic && checkTraffic(traffic, target, directoryOf(traffic))
    return problems && new Set(problems.flatMap((problem) => problem.aspect ?? []))
  })
}

/** A backend that is not there, which the mesh of the sources leaves out, and the target would answer for. */
function leftOutBackend(
  { traffic, sources }: FoundTraffic,
  directory: ServiceDirectory,
  { adapters, target }: Translation,
): Diagnostic | undefined {
  if (target.capabilities.missingBackend.support === 'unsupported') return undefined
  const mesh = adapters.find(({ capabilities, reading }) => {
    const isSource = sources.some(({ object }) => reading.follows.includes(groupKind(object)))
    return isSource && capabilities.missingBackend.support === 'unsupported'
  })
  const backends = traffic.ports.flatMap(({ rules }) => rules.flatMap((rule) => rule.backends))
  const missing = backends.find(({ service, port, weight }) => {
    return weight > 0 && !directory.ports(service)?.includes(port)
  })
  const [source] = sources
  if (mesh === undefined || missing === undefined || source === undefined) return undefined
  const backend = `${serviceName(missing.service)}:${missing.port}`
  const facts = { mesh: target.name, object: describeObject(source.object), source: mesh.name, backend }
  return diagnostic('AP7141', facts, source.at(['spec']))
}
