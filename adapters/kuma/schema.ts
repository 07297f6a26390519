import {
  anything,
  flag,
  integer,
  list,
  map,
  matching,
  nonEmpty,
  numberOrText,
  type ObjectSchema,
  object,
  oneOf,
  oneOfNumbers,
  port,
  text,
} from '../../src/mesh/object-schema.ts'

const targetRef = {
  kind: oneOf(
    'Mesh',
    'MeshSubset',
    'MeshGateway',
    'MeshService',
    'MeshExternalService',
    'MeshMultiZoneService',
    'MeshServiceSubset',
    'MeshHTTPRoute',
    'Dataplane',
  ),
  name: text,
  namespace: text,
  labels: map(text),
  tags: map(text),
  mesh: text,
  proxyTypes: list(oneOf('Sidecar', 'Gateway')),
  sectionName: text,
}
const target = object(targetRef, { required: ['kind'] })
const backendRef = object({ ...targetRef, port, weight: integer(0) }, { required: ['kind'] })

const headerName = matching(/[a-z0-9!#$%&'*+\-.^_`|~]+/, 256)
const headerValue = object({ name: headerName, value: text }, { required: ['name', 'value'] })
const headerModifier = object({
  set: list(headerValue, { max: 16 }),
  add: list(headerValue, { max: 16 }),
  remove: list(text, { max: 16 }),
})

const pathRewrite = object(
  { type: oneOf('ReplaceFullPath', 'ReplacePrefixMatch'), replaceFullPath: text, replacePrefixMatch: text },
  { required: ['type'], atMostOne: ['replaceFullPath', 'replacePrefixMatch'] },
)

const filter = object(
  {
    type: oneOf('RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite', 'RequestMirror'),
    requestHeaderModifier: headerModifier,
    responseHeaderModifier: headerModifier,
    requestRedirect: object({
      scheme: oneOf('http', 'https'),
      hostname: text,
      path: pathRewrite,
      port,
      statusCode: oneOfNumbers(301, 302, 303, 307, 308),
    }),
    urlRewrite: object({ hostname: text, path: pathRewrite, hostToBackendHostname: flag }),
    requestMirror: object({ percentage: numberOrText, backendRef }, { required: ['backendRef'] }),
  },
  { required: ['type'] },
)

const match = object({
  path: object(
    { type: oneOf('Exact', 'PathPrefix', 'RegularExpression'), value: nonEmpty },
    { required: ['type', 'value'] },
  ),
  method: oneOf('CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'),
  headers: list(
    object(
      { type: oneOf('Exact', 'Present', 'RegularExpression', 'Absent', 'Prefix'), name: headerName, value: text },
      { required: ['name'] },
    ),
  ),
  queryParams: list(
    object(
      { type: oneOf('Exact', 'RegularExpression'), name: nonEmpty, value: text },
      { required: ['type', 'name', 'value'] },
    ),
  ),
})

const rule = object(
  {
    matches: list(match, { min: 1 }),
    default: object({ filters: list(filter), backendRefs: list(backendRef) }),
  },
  { required: ['matches', 'default'] },
)

const routeSpec: ObjectSchema = object({
  targetRef: target,
  to: list(
    object({ targetRef: target, hostnames: list(text), rules: list(rule) }, { required: ['targetRef', 'rules'] }),
  ),
})

const connectionRule = object(
  { default: object({ backendRefs: list(backendRef, { min: 1 }) }, { required: ['backendRefs'] }) },
  { required: ['default'] },
)

/** Of connections nothing is known that rules could tell apart: there is one at most. */
const connectionRouteSpec: ObjectSchema = object({
  targetRef: target,
  to: list(
    object({ targetRef: target, rules: list(connectionRule, { max: 1 }) }, { required: ['targetRef', 'rules'] }),
  ),
})

const duration = matching(/([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+|0/)

const timeoutSpec = policySpec(
  object({
    connectionTimeout: duration,
    idleTimeout: duration,
    http: object({
      requestTimeout: duration,
      streamIdleTimeout: duration,
      maxStreamDuration: duration,
      maxConnectionDuration: duration,
      requestHeadersTimeout: duration,
    }),
  }),
)

const retrySpec = policySpec(
  object({
    http: object({
      numRetries: integer(1),
      perTryTimeout: duration,
      backOff: object({ baseInterval: duration, maxInterval: duration }),
      rateLimitedBackOff: anything,
      retryOn: list(text),
      retriableRequestHeaders: anything,
      retriableResponseHeaders: anything,
      hostSelection: anything,
      hostSelectionMaxAttempts: integer(0),
    }),
    grpc: anything,
    tcp: anything,
  }),
)

const consecutive = object({ consecutive: integer(0) })

const breakerSpec = policySpec(
  object({
    connectionLimits: object({
      maxConnectionPools: integer(0),
      maxConnections: integer(0),
      maxPendingRequests: integer(0),
      maxRetries: integer(0),
      maxRequests: integer(0),
    }),
    outlierDetection: object({
      disabled: flag,
      interval: duration,
      baseEjectionTime: duration,
      maxEjectionPercent: integer(0, 100),
      splitExternalAndLocalErrors: flag,
      healthyPanicThreshold: numberOrText,
      detectors: object({
        totalFailures: consecutive,
        gatewayFailures: consecutive,
        localOriginFailures: consecutive,
        successRate: object({
          minimumHosts: integer(0),
          requestVolume: integer(0),
          standardDeviationFactor: numberOrText,
        }),
        failurePercentage: object({
          minimumHosts: integer(0),
          requestVolume: integer(0),
          threshold: integer(0, 100),
        }),
      }),
    }),
  }),
)

const named = object({ name: nonEmpty }, { required: ['name'] })

const hashPolicies = list(
  object(
    {
      type: oneOf('Header', 'Cookie', 'Connection', 'SourceIP', 'QueryParameter', 'FilterState'),
      terminal: flag,
      header: named,
      cookie: object({ name: nonEmpty, ttl: duration, path: matching(/\/.*/) }, { required: ['name'] }),
      connection: object({ sourceIP: flag }),
      queryParameter: named,
      filterState: object({ key: nonEmpty }, { required: ['key'] }),
    },
    { required: ['type'] },
  ),
)

const balancingSpec = policySpec(
  object({
    hashPolicies,
    localityAwareness: anything,
    loadBalancer: object(
      {
        type: oneOf('RoundRobin', 'LeastRequest', 'RingHash', 'Random', 'Maglev'),
        roundRobin: anything,
        leastRequest: anything,
        ringHash: object({
          hashFunction: oneOf('XXHash', 'MurmurHash2'),
          minRingSize: integer(1, 8_388_608),
          maxRingSize: integer(1, 8_388_608),
          hashPolicies,
        }),
        random: anything,
        maglev: object({ tableSize: integer(1), hashPolicies }),
      },
      { required: ['type'], atMostOne: ['roundRobin', 'leastRequest', 'ringHash', 'random', 'maglev'] },
    ),
  }),
)

const matches = list(
  object({
    spiffeID: object(
      { type: oneOf('Exact', 'Prefix'), value: matching(/spiffe:\/\/.*/) },
      { required: ['type', 'value'] },
    ),
    sni: object({ type: oneOf('Exact', 'Prefix'), value: nonEmpty }, { required: ['type', 'value'] }),
  }),
)

/** `from`, which tells callers by their tags, is the older form of `rules`; both at once are refused. */
const permissionSpec: ObjectSchema = object(
  {
    targetRef: target,
    rules: list(
      object(
        { default: object({ allow: matches, allowWithShadowDeny: matches, deny: matches }) },
        { required: ['default'] },
      ),
    ),
    from: list(
      object(
        { targetRef: target, default: object({ action: oneOf('Allow', 'Deny', 'AllowWithShadowDeny') }) },
        { required: ['targetRef'] },
      ),
    ),
  },
  { atMostOne: ['rules', 'from'] },
)

const tlsVersion = oneOf('TLSAuto', 'TLS10', 'TLS11', 'TLS12', 'TLS13')
const tls = object({
  mode: oneOf('Strict', 'Permissive'),
  tlsVersion: object({ min: tlsVersion, max: tlsVersion }),
  tlsCiphers: list(text),
})

const tlsSpec: ObjectSchema = object(
  {
    targetRef: target,
    rules: list(object({ default: tls }, { required: ['default'] })),
    from: list(object({ targetRef: target, default: tls }, { required: ['targetRef'] })),
  },
  { atMostOne: ['rules', 'from'] },
)

const statusHeaders = object({ set: list(headerValue), add: list(headerValue) })

const rateLimit = object({
  local: object({
    http: object({
      disabled: flag,
      requestRate: object({ num: integer(1), interval: duration }, { required: ['num', 'interval'] }),
      onRateLimit: object({ status: integer(100, 599), headers: statusHeaders }),
    }),
    tcp: object({
      disabled: flag,
      connectionRate: object({ num: integer(1), interval: duration }, { required: ['num', 'interval'] }),
    }),
  }),
})

const rateLimitSpec: ObjectSchema = object(
  {
    targetRef: target,
    rules: list(object({ default: rateLimit }, { required: ['default'] })),
    from: list(object({ targetRef: target, default: rateLimit }, { required: ['targetRef'] })),
    to: list(object({ targetRef: target, default: rateLimit }, { required: ['targetRef'] })),
  },
  { atMostOne: ['rules', 'from'] },
)

const share = { percentage: numberOrText }
const faults = object({
  http: list(
    object({
      abort: object({ httpStatus: integer(100, 599), ...share }, { required: ['httpStatus', 'percentage'] }),
      delay: object({ value: duration, ...share }, { required: ['value', 'percentage'] }),
      responseBandwidth: object({ limit: text, ...share }, { required: ['limit', 'percentage'] }),
    }),
  ),
})
const targetedFaults = list(object({ targetRef: target, default: faults }, { required: ['targetRef'] }))

const faultInjectionSpec: ObjectSchema = object(
  {
    targetRef: target,
    rules: list(object({ matches: anything, default: faults }, { required: ['default'] })),
    from: targetedFaults,
    to: targetedFaults,
  },
  { atMostOne: ['rules', 'from'] },
)

/** `spec` of the kinds that this adapter reads, `kuma.io/v1alpha1` of Kuma 2.14. */
export const specs: Readonly<Record<string, ObjectSchema>> = {
  MeshHTTPRoute: routeSpec,
  MeshTCPRoute: connectionRouteSpec,
  MeshTimeout: timeoutSpec,
  MeshRetry: retrySpec,
  MeshCircuitBreaker: breakerSpec,
  MeshLoadBalancingStrategy: balancingSpec,
  MeshTrafficPermission: permissionSpec,
  MeshTLS: tlsSpec,
  MeshRateLimit: rateLimitSpec,
  MeshFaultInjection: faultInjectionSpec,
}

/** `from` and `rules` are about the server's side, and nothing here reads them. */
function policySpec(conf: ObjectSchema): ObjectSchema {
  return object({
    targetRef: target,
    to: list(object({ targetRef: target, default: conf }, { required: ['targetRef'] })),
    from: anything,
    rules: anything,
  })
}
