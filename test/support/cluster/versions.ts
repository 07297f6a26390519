/** The versions of the real counterparts that the cluster suites are proven on. Raising one builds anew: they are part of the cache's key. */
export const versions = {
  kubernetes: { module: 'k8s.io/kubernetes', version: 'v1.34.4', staging: 'v0.34.4' },
  etcd: { module: 'go.etcd.io/etcd/server/v3', version: 'v3.6.5' },
  kwok: { module: 'sigs.k8s.io/kwok', version: 'v0.7.0' },
  istio: { module: 'istio.io/api', version: 'v1.31.1' },
  /** The newest that every mesh of the suites reads (Linkerd 2.20: 1.2.1 to 1.5.1). */
  gatewayApi: { module: 'sigs.k8s.io/gateway-api', version: 'v1.5.1' },
} as const
