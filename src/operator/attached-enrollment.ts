import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import type { AttachmentPlan } from './attachments.ts'

/** What keeps the mesh from following the routes of users that splits are attached to, by the Services they are about. */
export function unfollowedRoutes(
  { routes }: Pick<AttachmentPlan, 'routes'>,
  { enrollment, reading }: MeshAdapter,
  services: ServiceDirectory,
): Diagnostic[] {
  if (enrollment === undefined) return []
  return routes
    .filter(({ splits }) => splits.length > 0)
    .flatMap(({ live }) => reading.apexes(live))
    .flatMap((service) => enrollment.missing(service, services.surroundings?.(service) ?? {}))
}
