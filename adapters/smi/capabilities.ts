import { type Capabilities, emulated, type Limits, native, unsupported } from '../../src/mesh/capabilities.ts'
import { faultAbort, faultDelay, faultGrpcAbort, treatedFault } from '../gateway-api/capabilities.ts'
import { accessCapabilities } from './access-capabilities.ts'

const expressions = 'SMI has expressions only'
const noMatches = unsupported(
  'TrafficSplit v1alpha2 has no matches',
  'Write split.smi-spec.io/v1alpha4 if your mesh takes it, or leave the matches out.',
)

const divisionOnly = unsupported(
  'a TrafficSplit divides requests and does nothing else to them',
  'Do it in the workload itself, or use another mesh.',
)

/** What TrafficSplit and HTTPRouteGroup of v1alpha3 and v1alpha4 can say; sources in README.md. */
export const capabilities: Capabilities = {
  weightedSplit: native(),
  matchedSplit: native(),
  portSplit: unsupported(
    'a TrafficSplit is about all ports of its service',
    'Leave `ports` out and split all of them alike.',
  ),
  tcpSplit: native(),
  tlsSplit: unsupported('SMI has no server names', 'Leave the matches out and split all connections of the service.'),
  tlsDefault: native(),
  backendPort: unsupported(
    'a TrafficSplit keeps the port of the request',
    'Give the backend Service the ports of the apex.',
  ),
  missingBackend: unsupported(
    'a TrafficSplit leaves a backend that does not exist out, so that the others get its share',
    'Create the Service with that port first, or give the backend no weight.',
  ),
  crossNamespaceBackend: unsupported(
    'the backends of a TrafficSplit live beside it',
    'Use backends in the namespace of the apex.',
  ),
  apexAsBackend: emulated(
    'the service as its own backend',
    'the specification calls it a non-goal; Linkerd and Open Service Mesh do it',
  ),
  pathExact: emulated('a path expression', expressions),
  pathPrefix: emulated('a path expression', expressions),
  pathPrefixString: native(),
  pathRegex: native(),
  methodMatch: native(),
  headerExact: emulated('an expression', expressions),
  headerPrefix: emulated('an expression', expressions),
  headerRegex: native(),
  headerPresent: emulated('an expression that takes every value', expressions),
  headerAbsent: unsupported(
    'SMI has no negation',
    'Split the requests that have the header, and let the plain split take the rest.',
  ),
  cookieMatch: emulated('an expression for the cookie header', expressions),
  queryMatch: unsupported(
    'SMI does not look at the query',
    'Tell the requests apart by a header, a cookie or the path.',
  ),
  queryRegex: unsupported(
    'SMI does not look at the query',
    'Tell the requests apart by a header, a cookie or the path.',
  ),
  repeatedName: unsupported(
    'what two expressions for one header mean is not specified, and all cookies share a header',
    'Say both in one regular expression.',
  ),
  orderedRules: unsupported(
    'SMI does not say which of several splits of one service wins',
    'Let the matches exclude each other, for example by a header with another value in each.',
  ),
  noDefaultRule: unsupported(
    'what no split takes goes to the service itself',
    'Add a rule without matches, to a backend that answers as you want.',
  ),
  subset: unsupported('a TrafficSplit divides whole Services', 'Write a Service for each version.'),
  timeout: divisionOnly,
  retries: divisionOnly,
  retriesOff: divisionOnly,
  retryBackoff: divisionOnly,
  retryOnClass: divisionOnly,
  retryOnConnection: divisionOnly,
  retryOnGrpcStatus: divisionOnly,
  partialTimeout: divisionOnly,
  partialRetryPolicy: divisionOnly,
  grpcMatch: emulated('a path expression', expressions),
  grpcMethodOnly: native(),
  grpcPath: native(),
  grpcTimeout: divisionOnly,
  grpcRetries: divisionOnly,
  grpcRetryOnHttp: divisionOnly,
  grpcRewrite: divisionOnly,
  grpcRedirect: divisionOnly,
  grpcResponseHeaders: divisionOnly,
  faultAbort,
  faultGrpcAbort,
  faultDelay,
  treatedFault,
  mirror: divisionOnly,
  mirrorShare: divisionOnly,
  requestHeaders: divisionOnly,
  responseHeaders: divisionOnly,
  backendRequestHeaders: divisionOnly,
  backendResponseHeaders: divisionOnly,
  rewrite: divisionOnly,
  redirect: divisionOnly,
  redirectOwnPort: divisionOnly,
  redirectPath: divisionOnly,
  redirectStatus: divisionOnly,
  affinityByCookie: divisionOnly,
  affinityByHeader: divisionOnly,
  affinityByQuery: divisionOnly,
  affinityBySource: divisionOnly,
  outlierEjection: divisionOnly,
  ejectionBounds: divisionOnly,
  connectionLimits: divisionOnly,
  requestsPerConnection: divisionOnly,
  rateLimit: divisionOnly,
  rateLimitPerClient: divisionOnly,
  crossNamespacePolicy: divisionOnly,
  ...accessCapabilities,
  attachedSplit: unsupported(
    'SMI has no routes of users: a TrafficSplit is all there is',
    'Leave `attachTo` out, and let the operator write the TrafficSplit.',
  ),
}

/** What v1alpha1 and v1alpha2 can say: no matches. */
export const capabilitiesWithoutMatches: Capabilities = { ...capabilities, matchedSplit: noMatches }

/** linkerd-smi hands weights on in thousandths, as 32-bit numbers of ten thousandths. */
export const limits: Limits = { regexLength: 1024, weight: 429_496 }
