const http = new Set(['http', 'http2', 'grpc'])
/** Protocols that Istio and Linkerd do not read as HTTP, by the first part of a port's name or by `appProtocol`. */
const tcp = new Set(['tcp', 'mongo', 'mysql', 'redis', 'udp'])
const tls = new Set(['tls', 'https'])
/** `grpc` or `grpc-cart`, as Istio reads both fields; what browsers speak, `grpc-web`, is another protocol. */
const grpc = /^grpc(?!-web)(-|$)/
/** What Kubernetes itself defines (Service, `appProtocol`); `h2c` says HTTP/2 and no more. */
const standard: Readonly<Record<string, 'http' | 'tls'>> = {
  'kubernetes.io/h2c': 'http',
  'kubernetes.io/ws': 'http',
  'kubernetes.io/wss': 'tls',
}

/**
 * What a Service port speaks, by its `appProtocol`, else by its name (`tcp-metrics`). Undefined for ports that say neither: they
 * are taken for HTTP, as meshes detect it (istio.io, Protocol Selection; Kubernetes, Application protocol).
 */
export function applicationProtocol({
  name,
  appProtocol,
}: {
  readonly name?: string | undefined
  readonly appProtocol?: string | undefined
}): 'http' | 'grpc' | 'tcp' | 'tls' | undefined {
  const words = (appProtocol ?? name ?? '').toLowerCase()
  const own = appProtocol === undefined ? undefined : standard[words]
  if (own !== undefined) return own
  if (grpc.test(words)) return 'grpc'
  const said = words.split('-')[0] ?? ''
  if (tcp.has(said)) return 'tcp'
  if (tls.has(said)) return 'tls'
  return http.has(said) ? 'http' : undefined
}
