import { type Capabilities, emulated, type Limits, native, unsupported } from '../../src/mesh/capabilities.ts'
import { accessCapabilities } from './access-capabilities.ts'

const pathRegex = unsupported(
  'how Kuma ranks an expression for the path beside a prefix is not part of its API',
  'Use prefixPath or exact paths, or tell the requests apart by a header.',
)

const backendFilters = unsupported(
  'the filters of a MeshHTTPRoute are those of a rule, and its backends have none',
  'Change the headers of all requests of the rule, or in the workload itself.',
)
const affinity = emulated(
  'a MeshLoadBalancingStrategy for the apex and for each Service that gets requests of it',
  'a split is decided first, for each request anew, when pods come or go some clients move, and `hashPolicies` beside the balancer need Kuma 2.10',
)
const byCircuitBreaker = 'a MeshCircuitBreaker for the apex and for each Service that gets requests of it'
const counting =
  'each caller’s proxy counts for itself, for each port of each of these Services, and what is not named is taken from the circuit breaker of the whole mesh'
const breaker = emulated(byCircuitBreaker, counting)
const ejection = emulated(
  byCircuitBreaker,
  `${counting}; where neither has \`maxEjectionPercent\` a tenth of the pods at most is left out, that is none of fewer than ten`,
)

const callRetries = unsupported(
  'a MeshRetry has retries of gRPC calls apart from those of HTTP requests, and this adapter writes those of HTTP requests',
  'Write a MeshRetry of your own, or leave `retries` out for the port that speaks gRPC.',
)
const connections = unsupported(
  'a MeshTCPRoute has no conditions, and whether it counts for a port that says it speaks TLS is not part of its API',
  'Name the other ports of the apex in `ports` of the split.',
)

const partialPolicy = unsupported(
  'a MeshTimeout or MeshRetry is written here for all requests to a port',
  'Leave `matches` out of the policy, so that it is for every request of the port.',
)

/** What Kuma's policies of `kuma.io/v1alpha1` can say for one Service; sources in README.md. */
export const capabilities: Capabilities = {
  weightedSplit: emulated('a MeshHTTPRoute', 'Kuma takes a port for HTTP only when its Service says so in appProtocol'),
  matchedSplit: native(),
  portSplit: emulated('sectionName', 'a port is named by its number, which Kuma takes as well as its name'),
  tcpSplit: emulated('a MeshTCPRoute', 'Kuma takes a port for TCP when its Service says nothing else in appProtocol'),
  tlsSplit: connections,
  tlsDefault: connections,
  backendPort: native(),
  missingBackend: unsupported(
    'Kuma leaves a backend that does not exist out, so that the others get its share',
    'Create the Service with that port first, or give the backend no weight.',
  ),
  crossNamespaceBackend: native(),
  apexAsBackend: native(),
  pathExact: native(),
  pathPrefix: native(),
  pathPrefixString: unsupported(
    'its prefixes go by segments, and how it ranks an expression is not part of its API',
    'Use prefixPath, which goes by segments, or exact paths.',
  ),
  pathRegex,
  methodMatch: emulated('one match per method', 'each method counts as a match of its own'),
  headerExact: native(),
  headerPrefix: native(),
  headerRegex: native(),
  headerPresent: native(),
  headerAbsent: native(),
  cookieMatch: emulated('an expression for the cookie header', 'none'),
  queryMatch: emulated('a query parameter match', 'presence is an expression that takes every value'),
  queryRegex: native(),
  repeatedName: unsupported(
    'whether two conditions on one header or query parameter both have to hold is not part of its API, and all cookies share a header',
    'Say both in one regular expression, or put the second condition into a rule of its own.',
  ),
  orderedRules: emulated('the precedence of the Gateway API', 'refused where that would turn an order around'),
  noDefaultRule: unsupported(
    'what no rule takes goes to the Service itself',
    'Add a rule without matches, to a backend that answers as you want.',
  ),
  subset: unsupported('a MeshHTTPRoute is written here for whole Services', 'Write a Service for each version.'),
  timeout: emulated('a MeshTimeout for the port', 'the timeouts of the mesh that it does not name stay as they are'),
  retries: emulated('a MeshRetry for the port', 'what it leaves out is taken from the retries of the whole mesh'),
  retriesOff: unsupported(
    'a MeshRetry asks for one retry at least',
    'Remove the MeshRetry of the whole mesh, mesh-retry-all-default, or leave `retries` out.',
  ),
  retryBackoff: emulated('backOff of the MeshRetry', 'pauses grow to ten times the first'),
  retryOnClass: native(),
  retryOnConnection: native(),
  retryOnGrpcStatus: unsupported(
    'a MeshRetry has retries of gRPC calls apart from those of HTTP requests, and this adapter writes those of HTTP requests',
    'Write conditions that are about HTTP, or a MeshRetry of your own.',
  ),
  grpcMatch: emulated('a condition on the path', 'none'),
  grpcMethodOnly: pathRegex,
  grpcPath: pathRegex,
  grpcTimeout: emulated(
    'a MeshTimeout for the port',
    'the timeouts of the mesh that it does not name stay as they are',
  ),
  grpcRetries: callRetries,
  grpcRetryOnHttp: callRetries,
  grpcRewrite: native(),
  grpcRedirect: native(),
  grpcResponseHeaders: native(),
  partialTimeout: partialPolicy,
  partialRetryPolicy: partialPolicy,
  faultAbort: emulated(
    'a weighted route to a Service `fault-<status>`',
    'that Service has to be there and answer with the status; a MeshFaultInjection would act on pods, whoever calls them and by whatever Service',
  ),
  faultGrpcAbort: emulated(
    'a weighted route to a Service `fault-grpc-<code>`',
    'as for other aborts, that Service has to be there and answer every call with the code',
  ),
  faultDelay: unsupported(
    'a MeshFaultInjection acts on pods by their labels, whoever calls them and by whatever Service',
    'Delay in the workload itself, abort a share of the requests, or write a MeshFaultInjection for the pods.',
  ),
  treatedFault: unsupported(
    'the abort is a backend there, whose answers would be tried again, copied and changed like any others',
    'Give the fault or the other policy `matches` that exclude each other.',
  ),
  mirror: native(),
  mirrorShare: native(),
  requestHeaders: native(),
  responseHeaders: native(),
  backendRequestHeaders: backendFilters,
  backendResponseHeaders: backendFilters,
  rewrite: native(),
  redirect: native(),
  redirectOwnPort: native(),
  redirectPath: native(),
  redirectStatus: native(),
  affinityByCookie: affinity,
  affinityByHeader: affinity,
  affinityByQuery: affinity,
  affinityBySource: affinity,
  crossNamespacePolicy: unsupported(
    'a policy for a Service of another namespace is for the callers in its own namespace only',
    'Use backends in the namespace of the apex, or ask for the policy of the other Service there.',
  ),
  outlierEjection: ejection,
  ejectionBounds: breaker,
  connectionLimits: breaker,
  requestsPerConnection: unsupported(
    'a MeshCircuitBreaker does not bound the requests of a connection',
    'Leave maxRequestsPerConnection out, or close connections in the workload.',
  ),
  rateLimit: emulated(
    'a MeshRateLimit for the labels of the pods',
    'each proxy counts by itself, whatever calls its pod, and a second’s worth may come at once; all ports that the pods declare have to be limited alike',
  ),
  rateLimitPerClient: unsupported(
    'a MeshRateLimit does not tell clients apart',
    'Leave perClient out, or limit by client in the workload.',
  ),
  ...accessCapabilities,
  attachedSplit: unsupported(
    'this adapter does not edit MeshHTTPRoutes of users',
    'Let the split own the route, or write the Gateway API with `meshProvider: gateway-api`.',
  ),
}

/**
 * Of the schemas, and of Envoy, whose weights have to sum up to less than 2^32: as many backends as an HTTPRoute has, each of a
 * sixteenth of that.
 */
export const limits: Limits = { backendsPerRule: 16, headerChanges: 16, regexLength: 1024, weight: 268_000_000 }
