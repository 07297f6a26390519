import { type AccessFeature, type Capabilities, emulated, native, unsupported } from '../../src/mesh/capabilities.ts'
import { capabilities as gatewayApi } from '../gateway-api/capabilities.ts'
import { accessCapabilities } from '../istio/access-capabilities.ts'

const noServerNames = unsupported(
  'a waypoint does not look at the server names of TLS',
  'Leave the port out by naming the others in `ports`, or divide at a port that is not said to speak TLS.',
)
const noAffinity = unsupported(
  'a waypoint keeps clients together only where a route takes the request, and an affinity is of a Service as a whole',
  'Keep clients on a version by `versionCookie`, or keep sessions outside of the pods.',
)
const breaker = emulated(
  'a DestinationRule for the apex and for each Service that gets its requests',
  'each pod of the waypoint counts for itself, for all clients together',
)

const byRequests = emulated(
  'a policy for each Service that leads to the pods, and one for the pods that lets in its waypoint',
  'what is sent to the address of a pod is refused then, and a route decides by the Service that was called',
)

const access: Pick<Capabilities, AccessFeature> = {
  ...accessCapabilities,
  accessPolicy: emulated(
    'a policy for the labels of the pods, and one for each Service with a waypoint that leads to them',
    'Deployments, Services and the Namespace have to be known, and such a Service may not lead to other pods',
  ),
  accessPorts: emulated(
    'the ports of the Services at their waypoints',
    'such a port has to lead to the same one of all pods',
  ),
  accessHttp: byRequests,
  mtlsDisable: unsupported(
    'ztunnel takes DISABLE for PERMISSIVE',
    'Use permissive, or leave the pods out of the mesh.',
  ),
}

const noRateLimit = unsupported(
  'Istio has no kind of its own for it, and waypoints take no notice of an EnvoyFilter',
  'Limit requests in the workload.',
)

/** What istiod makes of routes for waypoints; sources in README.md. */
export const capabilities: Capabilities = {
  ...gatewayApi,
  tcpSplit: emulated('a TCPRoute', 'it is Standard since v1.6 of the Gateway API, Experimental before'),
  tlsSplit: noServerNames,
  tlsDefault: noServerNames,
  headerPrefix: emulated('an expression', 'none'),
  headerRegex: emulated('an expression', 'none'),
  headerPresent: emulated('an expression that takes every value', 'none'),
  cookieMatch: emulated('an expression for the cookie header', 'none'),
  queryMatch: native(),
  queryRegex: emulated('an expression', 'none'),
  responseHeaders: native(),
  grpcResponseHeaders: native(),
  backendRequestHeaders: native(),
  backendResponseHeaders: native(),
  rewrite: native(),
  redirect: native(),
  redirectPath: native(),
  mirror: native(),
  affinityByCookie: noAffinity,
  affinityByHeader: noAffinity,
  affinityByQuery: noAffinity,
  affinityBySource: noAffinity,
  outlierEjection: breaker,
  ejectionBounds: breaker,
  connectionLimits: breaker,
  requestsPerConnection: breaker,
  crossNamespacePolicy: unsupported(
    'a DestinationRule holds for all clients only in the namespace of its host, which is somebody else’s',
    'Use backends in the namespace of the apex, or ask for the policy of the other Service there.',
  ),
  rateLimit: noRateLimit,
  rateLimitPerClient: noRateLimit,
  ...access,
  attachedSplit: native(),
}
