import type { ServiceRef } from '../../mesh/traffic.ts'

/**
 * The Service that a client in `namespace` means by a host, as its resolver completes names: `web`, `web.shop`, `web.shop.svc` or
 * in full. Undefined for hosts outside of the cluster.
 */
export function resolveHost(host: string, namespace: string, clusterDomain: string): ServiceRef | undefined {
  const [name = '', owner, ...rest] = host.replace(/\.$/, '').split('.')
  if (owner === undefined) return { namespace, name }
  const domain = rest.join('.')
  return domain === '' || domain === 'svc' || domain === `svc.${clusterDomain}` ? { namespace: owner, name } : undefined
}
