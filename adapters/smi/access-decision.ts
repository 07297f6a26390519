import type { KubeObject } from '../../src/kube/object.ts'
import type { ServiceAccountRef } from '../../src/mesh/access.ts'
import type { AccessCall } from '../../src/mesh/access-decision.ts'
import { fieldsOf, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { matchesWhole } from '../../src/mesh/regex.ts'
import { trafficTarget } from './access.ts'

/**
 * Whether a call is let in by a TrafficTarget of v1alpha3: its destination is the account of the pod, and one of its sources, and of
 * the ports and the requests that it names, are those of the call (SMI, Traffic Access Control and Traffic Specs).
 */
export function decideCall(call: AccessCall, objects: readonly KubeObject[]): boolean | undefined {
  const { namespace, serviceAccount } = call.pod
  const about = objects.filter((one) => {
    const { destination } = fieldsOf(one.spec)
    return groupKind(one) === trafficTarget && isAccount(destination, one, { namespace, name: serviceAccount })
  })
  return about.length === 0 ? undefined : about.some((target) => letsIn(target, call, objects))
}

function letsIn(target: KubeObject, call: AccessCall, objects: readonly KubeObject[]): boolean {
  const { sources, rules } = fieldsOf(target.spec)
  if (!listOf(sources).some((source) => isAccount(source, target, call.source))) return false
  const of = (kind: string) => {
    const named = listOf(rules)
      .map(fieldsOf)
      .filter((rule) => rule['kind'] === kind)
    return named.map(({ name, matches }) => ({
      only: textsOf(matches),
      spec: fieldsOf(
        objects.find(({ kind: own, metadata }) => {
          return own === kind && metadata.name === name && metadata.namespace === target.metadata.namespace
        })?.spec,
      ),
    }))
  }
  const [routes, groups] = [of('TCPRoute'), of('HTTPRouteGroup')]
  const isPort = routes.some(({ spec }) => {
    const ports = listOf(fieldsOf(spec['matches'])['ports'])
    return ports.length === 0 || ports.includes(call.port)
  })
  const isRequest = groups.some(({ spec, only }) =>
    listOf(spec['matches']).some((match) => {
      return (only.length === 0 || only.includes(String(fieldsOf(match)['name']))) && isTaken(match, call.request)
    }),
  )
  return (routes.length === 0 || isPort) && (groups.length === 0 || isRequest)
}

function isAccount(value: unknown, { metadata }: KubeObject, account: ServiceAccountRef): boolean {
  const { kind, name, namespace = metadata.namespace ?? 'default' } = fieldsOf(value)
  return kind === 'ServiceAccount' && name === account.name && namespace === account.namespace
}

/** Expressions of paths are anchored at their start, those of headers at both ends. */
function isTaken(match: unknown, request: AccessCall['request']): boolean {
  if (request === undefined) return false
  const { pathRegex, methods, headers } = fieldsOf(match)
  const regex = textOf(pathRegex)
  const verbs = textsOf(methods)
  return (
    (regex === undefined || matchesWhole(`(?:${regex})[\\s\\S]*`, request.path)) &&
    (verbs.length === 0 || verbs.includes('*') || verbs.includes(request.method)) &&
    listOf(headers)
      .flatMap((entry) => Object.entries(fieldsOf(entry)))
      .every(([name, value]) => {
        const sent = request.headers[name.toLowerCase()]
        return sent !== undefined && matchesWhole(String(value), sent)
      })
  )
}
