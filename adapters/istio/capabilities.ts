import { type Capabilities, emulated, type Limits, native, unsupported } from '../../src/mesh/capabilities.ts'
import { accessCapabilities } from './access-capabilities.ts'

const byDestinationRules = 'a DestinationRule for the apex and for each Service that gets requests of it'
const affinity = emulated(
  byDestinationRules,
  'a split is decided first, for each request anew, and when pods come or go some clients move',
)
const breaker = emulated(byDestinationRules, 'each client’s sidecar counts for itself, and for each of these Services')

const noRateLimit = unsupported(
  'Istio has no kind of its own for it, only an EnvoyFilter, whose meaning changes from release to release',
  'Limit requests in the workload, or write the EnvoyFilter of Istio’s documentation yourself.',
)

/** What a VirtualService can say; sources in README.md. */
export const capabilities: Capabilities = {
  weightedSplit: native(),
  matchedSplit: native(),
  portSplit: native(),
  tcpSplit: native(),
  tlsSplit: emulated(
    'a VirtualService of its own, with the server names among its hosts',
    'a ServiceEntry for one of these names on the same port is split as well',
  ),
  tlsDefault: unsupported(
    'sidecars close connections to a TLS port with other server names than the rules have, and no rule takes all of them',
    'Name the server names in `matches: [{ sniHosts: […] }]`, or leave the port out by naming the others in `ports`.',
  ),
  backendPort: native(),
  missingBackend: native(),
  crossNamespaceBackend: native(),
  apexAsBackend: native(),
  pathExact: native(),
  pathPrefix: emulated('two matches, one for the path itself and one for all below it', 'none'),
  pathPrefixString: native(),
  pathRegex: native(),
  methodMatch: emulated('one match per method', 'none'),
  headerExact: native(),
  headerPrefix: native(),
  headerRegex: native(),
  headerPresent: native(),
  headerAbsent: native(),
  cookieMatch: emulated(
    'an expression for the cookie header',
    'a request with several cookie headers is compared line by line',
  ),
  queryMatch: native(),
  queryRegex: native(),
  repeatedName: unsupported(
    'a VirtualService has one condition per header and per query parameter, and all cookies share a header',
    'Say both in one regular expression, or put the second condition into a rule of its own.',
  ),
  orderedRules: native(),
  noDefaultRule: native(),
  subset: native(),
  timeout: native(),
  retries: native(),
  retriesOff: native(),
  retryBackoff: emulated('backoff', 'it needs Istio 1.27; older versions take no notice of it'),
  retryOnClass: native(),
  retryOnConnection: native(),
  retryOnGrpcStatus: native(),
  partialTimeout: native(),
  partialRetryPolicy: native(),
  grpcMatch: native(),
  grpcMethodOnly: native(),
  grpcPath: native(),
  grpcTimeout: native(),
  grpcRetries: native(),
  grpcRetryOnHttp: native(),
  grpcRewrite: native(),
  grpcRedirect: native(),
  grpcResponseHeaders: native(),
  faultAbort: native(),
  faultGrpcAbort: native(),
  faultDelay: native(),
  treatedFault: native(),
  mirror: native(),
  mirrorShare: native(),
  requestHeaders: native(),
  responseHeaders: native(),
  backendRequestHeaders: native(),
  backendResponseHeaders: native(),
  rewrite: emulated('an expression for the whole path', 'none'),
  redirect: native(),
  redirectOwnPort: unsupported(
    'Istio leaves the host of the request as it is, with its port',
    'Name the host of the redirect as well.',
  ),
  redirectPath: native(),
  redirectStatus: native(),
  affinityByCookie: affinity,
  affinityByHeader: affinity,
  affinityByQuery: affinity,
  affinityBySource: affinity,
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
  ...accessCapabilities,
  attachedSplit: native(),
}

/** Of istiod's validation (pkg/config/validation); rules and matches are bounded by the size of the object only. */
export const limits: Limits = { regexLength: 1024, weight: 1_000_000 }
