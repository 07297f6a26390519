import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf, otherFields, textOf, textsOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { compareText } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { type BackendRef, isParent, type ParentRef, readBackendRef, readParents } from './http-route.ts'

export const tcpRoute = 'gateway.networking.k8s.io/TCPRoute'
export const tlsRoute = 'gateway.networking.k8s.io/TLSRoute'

interface ConnectionRule {
  /** Its own, else its place in the list. */
  readonly name: string
  readonly backends: readonly BackendRef[]
  readonly others: readonly string[]
}

/** A TCPRoute or TLSRoute of any version, whose fields are the same. */
export interface ConnectionRoute {
  readonly object: KubeObject
  readonly kind: 'TCPRoute' | 'TLSRoute'
  readonly name: string
  readonly namespace: string
  readonly parents: readonly ParentRef[]
  /** Positions of the parents that are no Service. */
  readonly otherParents: readonly number[]
  /** In lower case; empty takes every connection, as a TCPRoute does. */
  readonly hostnames: readonly string[]
  readonly rules: readonly ConnectionRule[]
  /** Fields of `spec` besides these. */
  readonly others: readonly string[]
}

/**
 * The routes of a kind that are attached to a Service from its own namespace or that of the client, the older first, then by
 * name. Routes of other namespaces reach the clients there only (GEP-1294).
 */
export function connectionRoutesOf(
  kind: ConnectionRoute['kind'],
  service: ServiceRef,
  objects: readonly KubeObject[],
  client = service.namespace,
): ConnectionRoute[] {
  const age = ({ object: { metadata }, namespace, name }: ConnectionRoute) =>
    `${metadata.creationTimestamp ?? '~'} ${namespace}/${name}`
  return objects
    .filter((object) => groupKind(object) === (kind === 'TCPRoute' ? tcpRoute : tlsRoute))
    .map((object) => readConnectionRoute(kind, object))
    .filter(
      ({ namespace, parents }) =>
        (namespace === service.namespace || namespace === client) &&
        parents.some((parent) => isParent(parent, service)),
    )
    .sort((a, b) => compareText(age(a), age(b)))
}

/** The routes that a client follows for a port: those of its own namespace where there are any, as for HTTPRoutes. */
export function attachedConnectionRoutes(
  kind: ConnectionRoute['kind'],
  {
    service,
    port,
    from = service.namespace,
  }: { readonly service: ServiceRef; readonly port: number; readonly from?: string },
  objects: readonly KubeObject[],
): ConnectionRoute[] {
  const attached = connectionRoutesOf(kind, service, objects, from).filter(({ parents }) =>
    parents.some((parent) => isParent(parent, service) && (parent.port === undefined || parent.port === port)),
  )
  const own = attached.filter(({ namespace }) => namespace === from)
  return own.length > 0 ? own : attached
}

function readConnectionRoute(kind: ConnectionRoute['kind'], object: KubeObject): ConnectionRoute {
  const { metadata, spec } = object
  const namespace = metadata.namespace ?? 'default'
  const fields = fieldsOf(spec)
  return {
    object,
    kind,
    name: metadata.name,
    namespace,
    parents: readParents(fields['parentRefs'], namespace),
    otherParents: listOf(fields['parentRefs']).flatMap((ref, index) =>
      readParents([ref], namespace).length === 0 ? [index] : [],
    ),
    hostnames: kind === 'TLSRoute' ? textsOf(fields['hostnames']).map((name) => name.toLowerCase()) : [],
    rules: listOf(fields['rules']).map((rule, index) => ({
      name: textOf(fieldsOf(rule)['name']) ?? String(index),
      backends: listOf(fieldsOf(rule)['backendRefs']).map((ref) => readBackendRef(ref, namespace)),
      others: otherFields(fieldsOf(rule), ['name', 'backendRefs']),
    })),
    others: otherFields(fields, ['parentRefs', 'rules', ...(kind === 'TLSRoute' ? ['hostnames'] : [])]),
  }
}
