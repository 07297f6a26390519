import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { isService } from '../../manifests/services.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { sameService, serviceName } from '../../mesh/service.ts'
import type { ServiceRef } from '../../mesh/traffic.ts'
import type { FoundTraffic } from './found-traffic.ts'

/**
 * What is left where several ask for the traffic of one apex: the first of them, and a problem for each that follows. `silent` are objects
 * about an apex that ask for nothing themselves, and keep others from asking.
 */
export function withoutRivals(
  all: readonly FoundTraffic[],
  silent: readonly { readonly apex: ServiceRef; readonly source: Manifest }[],
  target: MeshAdapter,
): { readonly found: readonly FoundTraffic[]; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = []
  const found = all.filter((one, index) => {
    const rival = all.find((other) => other !== one && sameService(other.traffic.service, one.traffic.service))
    if (rival === undefined) return true
    const [annotated] = [rival, one].filter(isOfService).flatMap(({ sources }) => sources)
    if (annotated !== undefined) {
      problems.push(unheard(annotated, target))
      return false
    }
    if (all.indexOf(rival) > index) return false
    problems.push(contested(one.traffic.service, rival, one.sources, target))
    return false
  })
  for (const { apex, source } of silent) {
    const rival = all.find(({ traffic }) => sameService(traffic.service, apex))
    if (rival !== undefined) problems.push(contested(apex, rival, [source], target))
  }
  return { found, problems }
}

function isOfService({ sources }: FoundTraffic): boolean {
  return sources.every(({ object }) => isService(object))
}

/** Annotations of a Service say how its requests are treated, which a route for it does not take over. */
function unheard(service: Manifest, { name }: MeshAdapter): Diagnostic {
  const what = 'metadata.annotations (how requests are treated that another mesh’s route takes)'
  const facts = { mesh: name, object: describeObject(service.object), what }
  return diagnostic('AP7102', facts, service.atKey(['metadata', 'annotations']))
}

function contested(
  apex: ServiceRef,
  rival: FoundTraffic,
  sources: readonly Manifest[],
  { name }: MeshAdapter,
): Diagnostic {
  const [first = '', second = ''] = [rival.sources, sources].map((some) =>
    some.map(({ object }) => describeObject(object)).join(' and '),
  )
  return diagnostic('AP7107', { mesh: name, apex: serviceName(apex), first, second }, sources[0]?.at(['spec']))
}
