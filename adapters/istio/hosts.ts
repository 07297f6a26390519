import type { ServiceRef } from '../../src/mesh/traffic.ts'

/**
 * The full name of a Service. Others are not written: a name with a dot in it is taken literally, so that `web.shop` is
 * no Service at all, and a plain `web` depends on where the VirtualService lives.
 */
export function hostOf(service: ServiceRef, clusterDomain: string): string {
  return `${service.name}.${service.namespace}.svc.${clusterDomain}`
}

/** The Service that a host of a VirtualService in `namespace` means; undefined for hosts that are no Service of the cluster. */
export function serviceOf(host: string, namespace: string, clusterDomain: string): ServiceRef | undefined {
  if (!host.includes('.')) return host === '' || host === '*' ? undefined : { namespace, name: host }
  const suffix = `.svc.${clusterDomain}`
  if (!host.endsWith(suffix)) return undefined
  const [name, owner, ...rest] = host.slice(0, -suffix.length).split('.')
  if (name === undefined || owner === undefined || rest.length > 0 || name.startsWith('*')) return undefined
  return { namespace: owner, name }
}

/** Whether a host is compared as it is: it is neither a plain name nor a Service's in full, and stands for itself alone. */
export function isLiteral(host: string, clusterDomain: string): boolean {
  return host.includes('.') && !host.includes('*') && serviceOf(host, '', clusterDomain) === undefined
}

/** How specifically a host of a VirtualService names a full name: higher is more, undefined is not at all. */
export function hostRank(host: string, namespace: string, fullName: string, clusterDomain: string): number | undefined {
  const service = serviceOf(host, namespace, clusterDomain)
  const named = service === undefined ? host : hostOf(service, clusterDomain)
  if (named === fullName) return Number.POSITIVE_INFINITY
  if (!named.startsWith('*')) return undefined
  return fullName.endsWith(named.slice(1)) ? named.length : undefined
}
