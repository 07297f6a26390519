/** Protocols that Istio and Linkerd do not read as HTTP, by the first part of a port's name or by `appProtocol`. */
const opaque = new Set(['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis', 'udp'])

/** `grpc` or `grpc-cart`, as Istio reads both fields; what browsers speak, `grpc-web`, is another protocol. */
const grpc = /^grpc(?!-web)(-|$)/

/**
 * What a Service port speaks, by its `appProtocol`, else by its name (`tcp-metrics`). Ports that say neither are taken for HTTP,
 * as meshes detect it (istio.io, Protocol Selection; Kubernetes, Application protocol); `kubernetes.io/h2c` says HTTP/2 and no more.
 */
export function applicationProtocol({
  name,
  appProtocol,
}: {
  readonly name?: string | undefined
  readonly appProtocol?: string | undefined
}): 'http' | 'grpc' | 'opaque' {
  const words = (appProtocol ?? name ?? '').toLowerCase()
  if (grpc.test(words)) return 'grpc'
  const said = appProtocol === undefined ? (words.split('-')[0] ?? '') : words
  return opaque.has(said) ? 'opaque' : 'http'
}
