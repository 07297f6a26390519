import { type Capabilities, emulated, type Limits, native, unsupported } from '../../src/mesh/capabilities.ts'
import { capabilities as gatewayApi, limits as gatewayLimits } from '../gateway-api/capabilities.ts'
import { accessCapabilities } from './access-capabilities.ts'

const expressions = 'the expression is of Rust’s dialect, in which \\d, \\s and \\w are not confined to ASCII'
const dropped = 'Linkerd drops the whole route when it has such a filter'
const pathRank = 'the length of the whole path counts when matches compete, so an expression beats a prefix'

const noAffinity = unsupported(
  'its balancers know no affinity',
  'Keep clients on a version by `versionCookie`, or keep sessions outside of the pods.',
)

/** Linkerd takes HTTPRoutes, and unlike other implementations its proxy's rank of expressions is known (linkerd/http/route). */
export const capabilities: Capabilities = {
  ...gatewayApi,
  weightedSplit: emulated(
    'weighted backends',
    'a backend without ready endpoints is skipped, so a weight is a ceiling and no promise',
  ),
  tcpSplit: emulated('a TCPRoute', 'its v1alpha2 is in the Experimental channel of the Gateway API'),
  tlsSplit: emulated(
    'a TLSRoute for each server name',
    'its v1alpha2 is in the Experimental channel of the Gateway API',
  ),
  tlsDefault: emulated('a TLSRoute without names', 'its v1alpha2 is in the Experimental channel of the Gateway API'),
  pathPrefixString: emulated('an expression for the path', pathRank),
  pathRegex: emulated('an expression for the path', `${expressions}; ${pathRank}`),
  headerPrefix: emulated('an expression', 'none'),
  headerRegex: emulated('an expression', expressions),
  headerPresent: emulated('an expression that takes every value', 'none'),
  cookieMatch: emulated('an expression for the cookie header', expressions),
  queryMatch: native(),
  queryRegex: emulated('an expression', expressions),
  orderedRules: emulated(
    'Linkerd’s own precedence',
    'refused where that would turn an order around or depends on the request',
  ),
  timeout: emulated('timeouts of the rules and timeout.linkerd.io/request', 'none'),
  retries: emulated(
    'retry.linkerd.io annotations of the route',
    'requests with a body above 64 KiB are not tried again',
  ),
  retriesOff: unsupported(
    'it has no word for that, and does not retry of its own accord',
    'Leave `retries` out of the policy: without it Linkerd tries nothing again.',
  ),
  retryBackoff: unsupported('its retries come at once', 'Leave `backoff` out.'),
  retryOnClass: native(),
  retryOnConnection: unsupported(
    'it looks at the status of an answer only',
    'Use 5xx, gateway-error or status codes: Linkerd answers for broken connections with 502, 503 and 504.',
  ),
  grpcMethodOnly: emulated('a method match without a service', 'it is specific to the implementation'),
  grpcPath: unsupported(
    'it takes the names of services and methods only, and drops a GRPCRoute with an expression for one',
    'Name the service, the method or both.',
  ),
  grpcTimeout: emulated('timeout.linkerd.io/request', 'none'),
  grpcRetries: emulated(
    'retry.linkerd.io annotations of the route',
    'calls with a body above 64 KiB are not tried again',
  ),
  grpcRetryOnHttp: unsupported(
    'of a GRPCRoute it reads the status of the call only',
    'Use cancelled, deadline-exceeded, internal, resource-exhausted or unavailable; 502, 503 and 504 are unavailable to gRPC.',
  ),
  grpcResponseHeaders: unsupported(
    'its GRPCRoutes change the headers of requests only',
    'Change the headers in the workload itself.',
  ),
  retryOnGrpcStatus: unsupported(
    'of an HTTPRoute it reads the annotation for HTTP answers only',
    'Name the port `grpc`, or give it the appProtocol `grpc`, so that it gets a GRPCRoute.',
  ),
  partialTimeout: emulated(
    '`timeouts.request` of the rules, without the annotation, which is about all rules of a port',
    'a Service whose own annotations have a timeout gives it to the rules that have none',
  ),
  partialRetryPolicy: unsupported(
    'its annotations are about all rules of a port',
    'Leave `matches` out of the policy.',
  ),
  mirror: unsupported(dropped, 'Copy requests in the workload itself, or use another mesh.'),
  mirrorShare: unsupported(dropped, 'Copy requests in the workload itself, or use another mesh.'),
  responseHeaders: native(),
  backendRequestHeaders: native(),
  backendResponseHeaders: native(),
  rewrite: unsupported(dropped, 'Serve the path that clients ask for, or redirect them.'),
  redirect: native(),
  affinityByCookie: noAffinity,
  affinityByHeader: noAffinity,
  affinityByQuery: noAffinity,
  affinityBySource: noAffinity,
  outlierEjection: emulated(
    'annotations of the Service itself about consecutive failures',
    'a pod is left out at once, for up to a minute or ejectionTime if that is longer, and every pod may be',
  ),
  ejectionBounds: unsupported('its failure accrual has neither', 'Leave interval and maxEjectionPercent out.'),
  crossNamespacePolicy: native(),
  connectionLimits: unsupported('its proxies have no such limits', 'Bound what is under way in the workload.'),
  requestsPerConnection: unsupported('its proxies have no such limit', 'Close connections in the workload.'),
  rateLimit: emulated(
    'an HTTPLocalRateLimitPolicy for the Server of each port of the pods',
    'it counts whatever calls the pods, each pod by itself, and where no Server is there the pods have to say by an annotation who may call them',
  ),
  rateLimitPerClient: emulated('`identity` of that policy', 'clients without an identity share one bound'),
  redirectOwnPort: native(),
  redirectStatus: unsupported(
    'Linkerd takes no notice of a route with a status that came to the Gateway API after v1.2',
    'Use 301 or 302.',
  ),
  redirectPath: unsupported(
    'it does not pass the conformance tests of that',
    'Redirect to another host, port or scheme, or redirect in the workload itself.',
  ),
  ...accessCapabilities,
  attachedSplit: native(),
}

/** Gateway API v1.1, which Linkerd up to 2.17 needs (v1beta1), allows 8 matches in a rule. */
export const limits: Limits = gatewayLimits
export const limitsBeforeV1: Limits = { ...gatewayLimits, matchesPerRule: 8 }
