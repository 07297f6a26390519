/** Protocols that Istio and Linkerd do not read as HTTP, by the first part of a port's name or by `appProtocol`. */
const opaque = new Set(['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis', 'udp'])

/**
 * What a Service port speaks, by its `appProtocol`, else by its name (`tcp-metrics`). Ports that say neither are taken for HTTP,
 * as meshes detect it (istio.io, Protocol Selection; Kubernetes, Application protocol).
 */
export function applicationProtocol({
  name,
  appProtocol,
}: {
  readonly name?: string | undefined
  readonly appProtocol?: string | undefined
}): 'http' | 'opaque' {
  const said = appProtocol?.toLowerCase() ?? name?.split('-')[0]?.toLowerCase() ?? ''
  return opaque.has(said) ? 'opaque' : 'http'
}
