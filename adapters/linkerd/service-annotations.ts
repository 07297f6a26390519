import type { KubeObject } from '../../src/kube/object.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import type { UnfollowedField } from '../../src/mesh/routing.ts'
import { sameService } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import type { Treatment } from '../../src/mesh/treatment.ts'
import type { RouteDialect } from '../gateway-api/dialect.ts'
import { otherAnnotations, readAnnotations } from './annotations.ts'
import { linkerdRoutes } from './routes.ts'

const annotatedService = '/Service'

/** Retries and timeouts that a Service asks for by its annotations (linkerd.io/2/reference/retries, /timeouts). */
export interface ServiceAnnotations {
  readonly annotations: Readonly<Record<string, string>>
  /** For requests that no route is about. */
  readonly defaults: Pick<Treatment, 'timeout' | 'retries'>
  /** Those that are not read. */
  readonly unfollowed: readonly UnfollowedField[]
}

/** What a Service among some objects asks for; nothing where it is not among them. */
export function serviceAnnotations(service: ServiceRef, objects: readonly KubeObject[]): ServiceAnnotations {
  const object = objects.find((one) => {
    const { name, namespace = 'default' } = one.metadata
    return groupKind(one) === annotatedService && sameService({ name, namespace }, service)
  })
  const annotations = object?.metadata.annotations ?? {}
  const others = otherAnnotations({ kind: 'HTTPRoute', annotations }).filter((name) => name !== 'retry.linkerd.io/grpc')
  return {
    annotations,
    defaults: readAnnotations({ kind: 'HTTPRoute', annotations }),
    unfollowed: object === undefined ? [] : others.map((name) => ({ object, path: ['metadata', 'annotations', name] })),
  }
}

/**
 * Linkerd's rules for the routes of a Service: retries of a route that asks for none are those of the Service, all of them, and so
 * are the timeouts of a rule without (policy-controller, outbound API).
 */
export function withServiceDefaults({ annotations }: ServiceAnnotations): RouteDialect {
  return {
    ...linkerdRoutes,
    attempts(rule, route) {
      const defaults = readAnnotations({ kind: route.kind, annotations })
      return { ...defaults, ...linkerdRoutes.attempts(rule, route) }
    },
  }
}
