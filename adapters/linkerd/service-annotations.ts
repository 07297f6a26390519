import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import type { ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { saidProtocol, sameService, serviceName, spokenOn, tcpPorts } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef } from '../../src/mesh/traffic.ts'
import type { RouteDialect } from '../gateway-api/dialect.ts'
import { otherAnnotations, readAnnotations, strangeAnnotations } from './annotations.ts'
import { linkerdRoutes } from './routes.ts'

const annotatedService = '/Service'

/** Retries and timeouts that a Service asks for by its annotations (linkerd.io/2/reference/retries, /timeouts). */
export interface ServiceAnnotations {
  readonly annotations: Readonly<Record<string, string>>
  /** For requests that no route is about. */
  readonly defaults: ReturnType<typeof readAnnotations>
  /** Those that are not followed. */
  readonly unfollowed: readonly UnfollowedField[]
  /** Those that the neutral model has no words for. */
  readonly unread: readonly ObjectProblem[]
}

/** What a Service among some objects asks for; nothing where it is not among them. */
export function serviceAnnotations(service: ServiceRef, objects: readonly KubeObject[]): ServiceAnnotations {
  const object = objects.find((one) => {
    const { name, namespace = 'default' } = one.metadata
    return groupKind(one) === annotatedService && sameService({ name, namespace }, service)
  })
  const annotations = object?.metadata.annotations ?? {}
  const others = strangeAnnotations({ kind: 'HTTPRoute', annotations }).filter(
    (name) => name !== 'retry.linkerd.io/grpc',
  )
  return {
    annotations,
    defaults: readAnnotations({ kind: 'HTTPRoute', annotations }),
    unfollowed: object === undefined ? [] : others.map((name) => ({ object, path: ['metadata', 'annotations', name] })),
    unread:
      object === undefined
        ? []
        : otherAnnotations({ kind: 'HTTPRoute', annotations }).map((name) => ({
            ...diagnostic('AP2121', { object: `Service ${serviceName(service)}`, what: `the annotation ${name}` }),
            place: { object, path: ['metadata', 'annotations', name] },
          })),
  }
}

/** Whether the annotations of a Service ask for a timeout or for retries. */
export function asksForAttempts({ metadata: { annotations = {} } }: KubeObject): boolean {
  const { timeout, retries } = readAnnotations({ kind: 'HTTPRoute', annotations })
  return timeout !== undefined || retries !== undefined
}

/**
 * The rules of a Service with the timeout and the retries that its annotations ask for, where a rule has none of its own; ports
 * without rules get one for the Service itself, which is followed as an HTTPRoute would be. In normal form, as `ports` have to be.
 */
export function withAttempts(
  ports: readonly PortTraffic[],
  service: ServiceRef,
  services: ServiceDirectory,
  { annotations }: Pick<ServiceAnnotations, 'annotations'>,
): readonly PortTraffic[] {
  const said = (kind: 'HTTPRoute' | 'GRPCRoute') => {
    const { timeout, retries } = readAnnotations({ kind, annotations })
    return { ...(timeout !== undefined && { timeout }), ...(retries && { retries }) }
  }
  const [own, ofCalls] = [said('HTTPRoute'), said('GRPCRoute')]
  if (Object.keys({ ...own, ...ofCalls }).length === 0) return ports
  const isHttp = (port: number) => spokenOn(service, port, services) === undefined
  const others = (tcpPorts(service, services) ?? []).filter((port) => !ports.some((one) => one.port === port))
  const asked = [
    ...ports.map((one): PortTraffic => {
      if (one.protocol === 'tcp' || one.protocol === 'tls') return one
      const defaults = one.protocol === 'grpc' ? ofCalls : own
      return { ...one, rules: one.rules.map((rule) => (rule.redirect === undefined ? { ...defaults, ...rule } : rule)) }
    }),
    ...(Object.keys(own).length === 0 ? [] : others.filter(isHttp)).map((port): PortTraffic => {
      const rule = { name: 'default', matches: [], backends: [{ service, port, weight: 1 }], ...own }
      return { ...saidProtocol(service, port, services), port, rules: [rule] }
    }),
  ]
  return normalForm({ service, ports: asked }).ports
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
