import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { isService } from '../../manifests/services.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { limitAmong, type PodLimit, podLimitKey, podLimitsOf, rivalLimits } from '../../mesh/pod-limits.ts'
import { sameService } from '../../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../../mesh/traffic.ts'
import { workloadsAmong } from '../../mesh/workloads.ts'
import type { FoundTraffic } from './found-traffic.ts'
import type { KnownServices } from './known-services.ts'
import { located } from './located.ts'
import type { Translation } from './translation.ts'

/** What was found, with the rate limits that meshes have for pods as those of the Services that the pods are behind. */
export function withLimits(
  found: readonly FoundTraffic[],
  all: readonly Manifest[],
  services: KnownServices,
  { adapters, target }: Translation,
): { readonly found: readonly FoundTraffic[]; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = []
  let limited = [...found]
  for (const adapter of adapters) {
    const read = readLimits(adapter, limited, all, services, target)
    limited = read.found
    problems.push(...read.problems)
  }
  return { found: limited, problems }
}

function readLimits(
  { access, podLimits, reading }: MeshAdapter,
  found: readonly FoundTraffic[],
  all: readonly Manifest[],
  services: KnownServices,
  target: MeshAdapter,
): { readonly found: FoundTraffic[]; readonly problems: Diagnostic[] } {
  if (podLimits === undefined) return { found: [...found], problems: [] }
  const workloads = workloadsAmong(all.map(({ object }) => object))
  const accessKinds = (access?.kinds ?? []).map(({ kind }) => kind)
  const own = all.filter(({ object }) => reading.isPolicy?.(object) === true)
  const observe = (manifests: readonly Manifest[]) =>
    podLimits.observe(
      manifests.map(({ object }) => object),
      workloads,
    )
  const { limits, problems } = observe(own)
  /** The objects without which some limits would not be there. */
  const sourcesOf = (some: readonly PodLimit[]) =>
    own.filter((one) => {
      const rest = observe(own.filter((other) => other !== one)).limits.map(podLimitKey)
      return some.some((limit) => !rest.includes(podLimitKey(limit)))
    })
  const used = new Set<PodLimit>()
  const limitOf = (traffic: ServiceTraffic) => {
    if (traffic.policies?.rateLimit !== undefined) return undefined
    const said = limitAmong(limits, traffic, services.directory(traffic), workloads)
    if (said === undefined || said.of.every((one) => used.has(one))) return undefined
    for (const one of said.of) used.add(one)
    return { ...said, policies: { ...traffic.policies, rateLimit: said.limit } }
  }
  const joined = found.map((one): FoundTraffic => {
    const said = limitOf(one.traffic)
    if (said === undefined) return one
    const sources = [...new Set([...one.sources, ...sourcesOf(said.of)])]
    return { traffic: { ...one.traffic, policies: said.policies }, sources }
  })
  const alone = servicesAmong(all).flatMap((service): FoundTraffic[] => {
    if (found.some(({ traffic }) => sameService(traffic.service, service))) return []
    const traffic: ServiceTraffic = { service, ports: [] }
    const said = limitOf(traffic)
    return said === undefined ? [] : [{ traffic: { ...traffic, policies: said.policies }, sources: sourcesOf(said.of) }]
  })
  const left = limits.filter((limit) => !used.has(limit))
  // A Server alone limits nothing.
  const lost = left.length === 0 ? [] : sourcesOf(left).filter(({ object }) => !accessKinds.includes(object.kind))
  return {
    found: [...joined, ...alone],
    problems: [
      ...problems.flatMap((problem) => located(problem, own, target)),
      ...lost.map((one) => {
        const what = 'a rate limit of pods that are not all of those behind a Service'
        const facts = { mesh: target.name, object: describeObject(one.object), what }
        return diagnostic('AP7102', facts, one.at(['spec']))
      }),
    ],
  }
}

/** The target's objects for the rate limits of some apexes, where it has them for pods. */
export function translateLimits(
  carried: readonly FoundTraffic[],
  all: readonly Manifest[],
  services: KnownServices,
  { podLimits, name }: MeshAdapter,
  others: readonly KubeObject[],
): { readonly sources: readonly Manifest[]; readonly objects: readonly KubeObject[]; readonly problems: Diagnostic[] } {
  const workloads = workloadsAmong(all.map(({ object }) => object))
  const limited = carried.filter(({ traffic }) => traffic.policies?.rateLimit !== undefined)
  if (podLimits === undefined || limited.length === 0) return { sources: [], objects: [], problems: [] }
  const problems: Diagnostic[] = []
  const at = ({ sources }: FoundTraffic, said: readonly Diagnostic[]) => {
    const position = sources[0]?.at(['metadata', 'name'])
    problems.push(...said.map((one) => ({ ...one, ...(position && { position }) })))
  }
  const asked = limited.map((one) => {
    const { limits, problems: said } = podLimitsOf(one.traffic, services.directory(one.traffic), workloads, name)
    at(one, said)
    return { one, apex: one.traffic.service, limits }
  })
  const apart = asked.filter((later, index) => {
    const rivals = asked.slice(0, index).flatMap((earlier) => rivalLimits(earlier, later))
    at(later.one, rivals.slice(0, 1))
    return rivals.length === 0
  })
  const limits = [...new Map(apart.flatMap((one) => one.limits).map((limit) => [podLimitKey(limit), limit])).values()]
  const written = podLimits.translate(limits, { workloads, others, own: [] })
  for (const { one, limits: own } of apart) {
    const answers = own.map((limit) => written[limits.findIndex((other) => podLimitKey(other) === podLimitKey(limit))])
    at(
      one,
      answers.flatMap((answer) => answer?.problems ?? []),
    )
  }
  const objects = written.flatMap((answer) => answer.objects)
  return {
    sources: limited.flatMap(({ sources }) => sources),
    objects: [...new Map(objects.map((object) => [describeObject(object), object])).values()],
    problems: [...new Map(problems.map((one) => [one.message, one])).values()],
  }
}

function servicesAmong(all: readonly Manifest[]): ServiceRef[] {
  return all.flatMap(({ object }) =>
    isService(object) ? [{ namespace: object.metadata.namespace ?? 'default', name: object.metadata.name }] : [],
  )
}
