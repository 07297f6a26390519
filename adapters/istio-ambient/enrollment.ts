import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import type { Labels } from '../../src/mesh/access.ts'
import type { Enrollment, Surroundings } from '../../src/mesh/enrollment.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { useWaypoint as waypoint } from './waypoint.ts'

export const mode = 'istio.io/dataplane-mode'
/** On Services, of istiod since 1.24 (pilot/pkg/model/service.go). */
const bound = 'istio.io/WaypointBound'

/**
 * Traffic gets to a waypoint when the labels of the Service, or else of its namespace, name one (fetchWaypointForTarget in
 * pilot/pkg/serviceregistry/ambient/waypoints.go); `none` on the Service keeps it out. Otherwise ztunnel takes it to the pods, past
 * every route.
 */
export const enrollment: Enrollment = {
  namespaceLabels: { [mode]: 'ambient', [waypoint]: 'waypoint' },
  missing(apex, known) {
    const { namespace } = apex
    const { namespaceLabels } = known
    const reason = `the namespace ${namespace} is not in ambient mode`
    const instead = `Label it: kubectl label namespace ${namespace} ${mode}=ambient`
    const isOutside = namespaceLabels !== undefined && namespaceLabels[mode] !== 'ambient'
    return [...(isOutside ? [notFollowed(apex, reason, instead)] : []), ...waypointProblems(apex, known)]
  },
  isKnown: ({ labels, namespaceLabels }) => labels !== undefined && namespaceLabels !== undefined,
}

/** What keeps requests of clients in the mesh from getting to a waypoint. */
export function waypointProblems(
  apex: ServiceRef,
  { labels, namespaceLabels, conditions = [], isHeadless = false }: Surroundings,
): Diagnostic[] {
  const own = labels?.[waypoint]
  const inherited = namespaceLabels?.[waypoint]
  const unbound = conditions.filter(({ type, status }) => type === bound && status === 'False')
  const headless = notFollowed(
    apex,
    'it is headless, and a waypoint gets what is sent to the cluster IP of a Service',
    'Give the Service a cluster IP, and name a headless one beside it for who needs its pods.',
  )
  const out = notFollowed(
    apex,
    `its label ${waypoint} is none`,
    `Take the label away, or name a waypoint: ${labelling(apex)}`,
  )
  const unnamed = notFollowed(
    apex,
    `neither it nor its namespace has the label ${waypoint}, and without a waypoint only connections are looked at`,
    `Make one with \`istioctl waypoint apply -n ${apex.namespace}\`, and label the Service: ${labelling(apex)}`,
  )
  return [
    ...(isHeadless ? [headless] : []),
    ...(own === 'none' ? [out] : isNone(own, labels) && isNone(inherited, namespaceLabels) ? [unnamed] : []),
    ...unbound.map(({ message }) =>
      notFollowed(
        apex,
        `its condition ${bound} is False: ${message}`,
        'Mend the Gateway of the waypoint, or name another one.',
      ),
    ),
  ]
}

function notFollowed(apex: ServiceRef, reason: string, instead: string): Diagnostic {
  return diagnostic('AP2226', { mesh: 'istio-ambient', apex: serviceName(apex), reason, instead })
}

/** Whether a label is known to be missing. */
function isNone(value: string | undefined, among: Labels | undefined): boolean {
  return among !== undefined && (value === undefined || value === '' || value === 'none')
}

function labelling({ namespace, name }: ServiceRef): string {
  return `kubectl label service -n ${namespace} ${name} ${waypoint}=waypoint`
}
