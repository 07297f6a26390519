import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { isNamespace, isService } from '../../manifests/services.ts'
import { isSplitDocument, neutralVersionOf } from '../../manifests/split-documents.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { faultBackendObjects, faultBackendsOf, isFaultBackendPart } from '../../mesh/fault-backend-objects.ts'
import { groupKind } from '../../mesh/object-reading.ts'
import { compareServices, serviceName } from '../../mesh/service.ts'
import { annotateServices } from './annotated-services.ts'
import { carryTraffic } from './carry-traffic.ts'
import type { FoundTraffic } from './found-traffic.ts'
import { isDefinition } from './installed-in-files.ts'
import { joinPolicies } from './join-policies.ts'
import { type KnownServices, servicesOf } from './known-services.ts'
import { mergeSplits } from './merge-splits.ts'
import { observeTraffic } from './observe-traffic.ts'
import { withoutRivals } from './rivals.ts'
import { lowerSubsets } from './subsets.ts'
import { translateLimits, withLimits } from './translate-limits.ts'
import { isPolicy, isWorkload, translatePolicies } from './translate-policies.ts'
import type { Translation } from './translation.ts'

export interface TranslatedManifests {
  readonly objects: readonly KubeObject[]
  /** What is not translated. */
  readonly problems: readonly Diagnostic[]
  /** What was assumed. */
  readonly notes: readonly Diagnostic[]
}

/**
 * The target's objects for all that the manifests ask of each apex. Manifests passed their validation. An apex of which a part
 * that decides where requests go cannot be carried is left out; parts that do not, such as a CORS policy, are left out of their rule.
 */
export function translateManifests(all: readonly Manifest[], translation: Translation): TranslatedManifests {
  const { target, adapters } = translation
  const policies = translatePolicies(all, translation)
  const manifests = all.filter(
    ({ object }) =>
      !isPolicy(object, adapters) && !isWorkload(object) && !isFaultBackendPart(object) && !isDefinition(object),
  )
  const services = servicesOf(manifests, target)
  const read = [mergeSplits(manifests, services, target), ...observeTraffic(manifests, services, translation)]
  const problems: Diagnostic[] = [
    ...foreignKinds(manifests, translation),
    ...policies.problems,
    ...read.flatMap((one) => one.problems),
  ]
  const notes = read.flatMap((one) => one.notes)
  const limited = withLimits(joinPolicies(read.flatMap((one) => one.found)), all, services, translation)
  problems.push(...limited.problems)
  const found = limited.found.toSorted((a, b) => compareServices(a.traffic.service, b.traffic.service))
  const sole = withoutRivals(
    found,
    read.flatMap(({ silent = [] }) => silent),
    target,
  )
  problems.push(...sole.problems)
  const lowered = lowerSubsets(sole.found, manifests, translation)
  problems.push(...lowered.problems)
  const carriage = carryTraffic(lowered, services, translation)
  problems.push(...carriage.problems)
  const carried = carriage.found
  notes.push(...carried.flatMap((one) => unknownEnrollment(one, services, target)))
  const routed = carried.map(({ traffic, sources }) => ({ sources, objects: target.translate(traffic) }))
  const limits = translateLimits(
    carried,
    all,
    services,
    target,
    policies.written.flatMap(({ objects }) => objects),
  )
  problems.push(...limits.problems)
  const written = [...routed, ...policies.written, limits]
  const standIns = faultBackends(carried, all, services, translation)
  problems.push(...nameConflicts(written, target))
  if (found.length + policies.written.length === 0 && problems.length === 0)
    problems.push(diagnostic('AP7109', { mesh: target.name }))
  const annotated = annotateServices(
    written.flatMap(({ objects }) => objects),
    all,
    target,
  )
  return {
    objects: [...lowered.objects, ...standIns, ...annotated.objects],
    problems,
    notes: [...notes, ...annotated.notes],
  }
}

/**
 * What a translation says beside what was wrong with the files themselves: that nothing asks for traffic is no news where some of them
 * could not be read or hold objects that are refused.
 */
export function besides(refused: readonly Diagnostic[], problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return refused.length === 0 ? problems : problems.filter(({ code }) => code !== 'AP7109')
}

/**
 * What stands in for faults where the Services are given: made when it is not among them, passed on when it is one of ours. Otherwise it
 * may be in the cluster.
 */
function faultBackends(
  carried: readonly FoundTraffic[],
  all: readonly Manifest[],
  services: KnownServices,
  { target, faultBackend }: Translation,
): KubeObject[] {
  if (target.capabilities.faultAbort.support !== 'emulated') return []
  const known = carried.map(({ traffic }) => traffic).filter(({ service }) => services.isGiven(service))
  return faultBackendsOf(known).flatMap((backend) => {
    if (!services.isGiven(backend.service)) return faultBackendObjects(backend, faultBackend)
    const { namespace, name } = backend.service
    const given = all
      .map(({ object }) => object)
      .filter(({ metadata }) => {
        return metadata.name === name && (metadata.namespace ?? 'default') === namespace
      })
    return given.some(isFaultBackendPart) ? given.filter((one) => isFaultBackendPart(one) || isService(one)) : []
  })
}

/** Whether the mesh would follow the routes, where that hangs on labels that are not among the files. */
function unknownEnrollment(
  { traffic, sources }: FoundTraffic,
  services: KnownServices,
  { name, enrollment }: MeshAdapter,
): Diagnostic[] {
  const known = services.directory(traffic).surroundings?.(traffic.service) ?? {}
  if (enrollment === undefined || enrollment.isKnown(known)) return []
  const labels = Object.entries(enrollment.namespaceLabels).map((label) => label.join('='))
  const facts = { mesh: name, apex: serviceName(traffic.service), labels: labels.join(', ') }
  return [diagnostic('AP2227', facts, sources[0]?.at(['metadata', 'name']))]
}

/** Objects that nothing here reads. */
function foreignKinds(manifests: readonly Manifest[], { adapters, target }: Translation): Diagnostic[] {
  const known = adapters.flatMap(({ reading }) => [...reading.translates, ...reading.accompanies])
  const foreign = manifests.filter(({ object }) => {
    if (isService(object) || isNamespace(object) || isSplitDocument(object)) return false
    if (adapters.some(({ reading }) => reading.isSetUp?.(object) === true)) return false
    return !known.includes(groupKind(object))
  })
  return foreign.map(({ object, at }) => {
    const facts = { mesh: target.name, object: describeObject(object), neutral: neutralVersionOf(object.kind) }
    return diagnostic('AP7101', facts, at(['kind']))
  })
}

function nameConflicts(
  written: readonly { readonly sources: readonly Manifest[]; readonly objects: readonly KubeObject[] }[],
  { name }: MeshAdapter,
): Diagnostic[] {
  const owners = new Map<string, Manifest | undefined>()
  return written.flatMap(({ sources, objects }) =>
    objects.flatMap((object) => {
      const key = describeObject(object)
      const [source] = sources
      if (!owners.has(key)) {
        owners.set(key, source)
        return []
      }
      const owner = owners.get(key)
      const [first, second] = [owner, source].map((one) => (one === undefined ? '' : describeObject(one.object)))
      const facts = { mesh: name, object: key, first: first ?? '', second: second ?? '' }
      return [diagnostic('AP7110', facts, source?.at(['metadata', 'name']))]
    }),
  )
}
