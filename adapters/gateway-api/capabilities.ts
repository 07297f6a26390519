import { type Capabilities, emulated, type Limits, native, unsupported } from '../../src/mesh/capabilities.ts'
import { accessCapabilities } from './access-capabilities.ts'
import { withoutRetries } from './retry-capabilities.ts'

const pathRegex =
  'implementations rank an expression for the path as they like, and on Istio one beside a default rule never matches'

const noRewriteOfCalls = unsupported(
  'a GRPCRoute has no such filter',
  'Serve the calls under the name that clients use, or name the port `http2` so that it gets an HTTPRoute.',
)
const noRedirectOfCalls = unsupported(
  'a GRPCRoute has no such filter, and clients of gRPC follow no redirect',
  'Send the calls to the other backend.',
)
/** Where an abort is a backend, of all meshes without faults. */
export const faultAbort = emulated(
  'a weighted route to a Service `fault-<status>`',
  'that Service has to be there and answer with the status; it is a backend as any other in the measurements of the mesh, and to retries that the mesh makes of its own accord',
)
export const faultGrpcAbort = emulated(
  'a weighted route to a Service `fault-grpc-<code>`',
  'as for other aborts, that Service has to be there and answer every call with the code',
)
/** What goes with an abort that is a backend. */
export const treatedFault = unsupported(
  'the abort is a backend there, whose answers would be tried again, copied and changed like any others',
  'Give the fault or the other policy `matches` that exclude each other.',
)
export const faultDelay = unsupported(
  'it has no delays',
  'Delay in the workload itself, or abort a share of the requests.',
)

/** GEP-1619; Istio reports the field as unsupported (pilot/pkg/config/kube/gateway/backend_policies.go). */
const sessionPersistence = unsupported(
  'session persistence is in the Experimental channel of the Gateway API only, and not every implementation has it',
  'Keep clients on a version by `versionCookie`, which needs no such channel, or keep sessions outside of the pods.',
)
const notInTheApi = unsupported(
  'the Gateway API has no such thing',
  'Use the policy kind of your implementation, or do it in the workload.',
)

/** What an HTTPRoute of the Standard channel can say on any implementation of the mesh profile; sources in README.md. */
export const capabilities: Capabilities = {
  weightedSplit: native(),
  matchedSplit: native(),
  portSplit: native(),
  tcpSplit: emulated('a TCPRoute', 'it is Standard since v1.6, Experimental before, and no part of the mesh profile'),
  tlsSplit: emulated('a TLSRoute for each server name', 'it is Standard since v1.5 and no part of the mesh profile'),
  tlsDefault: unsupported(
    'a TLSRoute has to name server names since v1.5, and Istio takes no notice of a TCPRoute for a port that says it speaks TLS',
    'Name the server names in `matches: [{ sniHosts: […] }]`, or leave the port out by naming the others in `ports`.',
  ),
  backendPort: native(),
  missingBackend: native(),
  crossNamespaceBackend: native(),
  apexAsBackend: native(),
  pathExact: native(),
  pathPrefix: native(),
  pathPrefixString: unsupported(pathRegex, 'Use prefixPath, which goes by segments, or exact paths.'),
  pathRegex: unsupported(pathRegex, 'Use prefixPath or exact paths, or tell the requests apart by a header.'),
  methodMatch: emulated('one match per method', 'each method counts as a match of its own against the limits'),
  headerExact: native(),
  headerPrefix: emulated('an expression', 'expressions for headers are specific to the implementation'),
  headerRegex: emulated('an expression', 'expressions for headers are specific to the implementation'),
  headerPresent: emulated(
    'an expression that takes every value',
    'expressions for headers are specific to the implementation',
  ),
  headerAbsent: unsupported(
    'the Gateway API has no negation',
    'Write the rule for requests that have the header first, and let the rule after it take the rest.',
  ),
  cookieMatch: emulated(
    'an expression for the cookie header',
    'expressions for headers are specific to the implementation',
  ),
  queryMatch: emulated('a query parameter match', 'it belongs to extended support; presence is an expression'),
  queryRegex: emulated('an expression', 'expressions for query parameters are specific to the implementation'),
  repeatedName: unsupported(
    'of two conditions on one header or query parameter the Gateway API follows the first, and all cookies share a header',
    'Say both in one regular expression, or put the second condition into a rule of its own.',
  ),
  orderedRules: emulated('the precedence of the Gateway API', 'refused where that would turn an order around'),
  noDefaultRule: native(),
  subset: unsupported('an HTTPRoute sends requests to whole Services', 'Write a Service for each version.'),
  timeout: emulated('timeouts.request', 'Standard since v1.2; an API server with older ones drops it'),
  ...withoutRetries,
  partialTimeout: native(),
  partialRetryPolicy: native(),
  grpcMatch: native(),
  grpcMethodOnly: unsupported(
    'a method without a service is specific to the implementation, and on Istio one beside a default rule never matches',
    'Name the service as well.',
  ),
  grpcPath: unsupported(
    'expressions for services and methods are specific to the implementation',
    'Name the service, or the service and the method.',
  ),
  grpcTimeout: unsupported(
    'a GRPCRoute has no timeouts',
    'Set a deadline in the client, as gRPC does, or name the port `http2` so that it gets an HTTPRoute.',
  ),
  grpcRewrite: noRewriteOfCalls,
  grpcRedirect: noRedirectOfCalls,
  grpcResponseHeaders: emulated('the filter ResponseHeaderModifier', 'it belongs to extended support'),
  faultAbort,
  faultGrpcAbort,
  faultDelay,
  treatedFault,
  mirror: emulated('the filter RequestMirror', 'it belongs to extended support'),
  mirrorShare: emulated('percent or fraction of the filter RequestMirror', 'extended support, Standard since v1.3'),
  requestHeaders: native(),
  responseHeaders: emulated('the filter ResponseHeaderModifier', 'it belongs to extended support'),
  backendRequestHeaders: emulated('a filter of the backend', 'on meshes it belongs to extended support'),
  backendResponseHeaders: emulated('a filter of the backend', 'it belongs to extended support'),
  rewrite: emulated('the filter URLRewrite', 'it belongs to extended support'),
  redirect: emulated('the filter RequestRedirect', 'on meshes it belongs to extended support'),
  redirectOwnPort: unsupported(
    'Istio, against the specification, leaves the host of the request as it is, with its port',
    'Name the host of the redirect as well.',
  ),
  redirectPath: emulated('the filter RequestRedirect', 'it belongs to extended support'),
  affinityByCookie: sessionPersistence,
  affinityByHeader: sessionPersistence,
  affinityByQuery: sessionPersistence,
  affinityBySource: sessionPersistence,
  outlierEjection: notInTheApi,
  ejectionBounds: notInTheApi,
  connectionLimits: notInTheApi,
  requestsPerConnection: notInTheApi,
  rateLimit: notInTheApi,
  rateLimitPerClient: notInTheApi,
  crossNamespacePolicy: notInTheApi,
  redirectStatus: emulated('the filter RequestRedirect', 'it is there since v1.5 of the Gateway API'),
  ...accessCapabilities,
  attachedSplit: native(),
}

/** Of the HTTPRoute schema, v1.2 to v1.6; an expression for a header may have 4096 characters, Istio's sidecars take 1024. */
export const limits: Limits = {
  rulesPerPort: 16,
  matchesPerRule: 64,
  matchesPerPort: 128,
  backendsPerRule: 16,
  headersPerMatch: 16,
  queryParamsPerMatch: 16,
  headerChanges: 16,
  regexLength: 1000,
  weight: 1_000_000,
}
