import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { AttachableKind, DividedRule, RouteDestination } from '../../src/mesh/attachment.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../src/mesh/fields.ts'
import { hostOf, serviceOf } from './hosts.ts'

/**
 * VirtualServices of users: the lists `route` of `http`, `tls` and `tcp`. Only rules of `http` have names and can be numbered;
 * rules that redirect, delegate or answer themselves have no destinations.
 */
export function attachableVirtualServices(kind: Kind, clusterDomain: string): AttachableKind {
  return {
    kind,
    rules: (object) => ['http', 'tls', 'tcp'].flatMap((protocol) => rulesOf(object, protocol, clusterDomain)),
    redirected(destination, service) {
      const { host, ...rest } = fieldsOf(destination['destination'])
      return { ...destination, destination: { host: renamed(textOf(host) ?? '', service, clusterDomain), ...rest } }
    },
    // A single destination gets everything, whatever its weight; a missing one among several is 0 (HTTPRouteDestination.weight).
    weightOf: (weight, alone) => (alone ? 1 : (numberOf(weight) ?? 0)),
  }
}

function rulesOf({ metadata, spec }: KubeObject, protocol: string, clusterDomain: string): DividedRule[] {
  const namespace = metadata.namespace ?? 'default'
  return listOf(fieldsOf(spec)[protocol]).flatMap((value, index) => {
    const rule = fieldsOf(value)
    const destinations = listOf(rule['route']).map((entry) => readDestination(entry, namespace, clusterDomain))
    if (destinations.length === 0) return []
    const name = protocol === 'http' ? textOf(rule['name']) : undefined
    return [
      {
        ...(name !== undefined && { name }),
        ...(protocol === 'http' && { index }),
        called: `${protocol}[${index}]${name === undefined ? '' : ` (${name})`}`,
        path: ['spec', protocol, index, 'route'],
        destinations,
      },
    ]
  })
}

function readDestination(value: unknown, namespace: string, clusterDomain: string): RouteDestination {
  const { host, subset } = fieldsOf(fieldsOf(value)['destination'])
  const called = textOf(host) ?? 'nothing'
  if (subset !== undefined) return { service: undefined, called: `${called} (subset ${String(subset)})` }
  return { service: serviceOf(called, namespace, clusterDomain), called }
}

/** The host of another Service of the same namespace, written in the same way. */
function renamed(host: string, name: string, clusterDomain: string): string {
  const service = host.includes('.') ? serviceOf(host, '', clusterDomain) : undefined
  return service === undefined ? name : hostOf({ namespace: service.namespace, name }, clusterDomain)
}
