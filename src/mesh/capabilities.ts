/** What traffic may ask of a mesh. */
export type Feature =
  | 'weightedSplit'
  | 'matchedSplit'
  | 'portSplit'
  | 'tcpSplit'
  /** Of TLS that the mesh does not end, by the name that clients ask for. */
  | 'tlsSplit'
  /** Of a TLS port, of the connections for every name, or for those that no other rule names. */
  | 'tlsDefault'
  | 'backendPort'
  /** A backend, or its port, that does not exist, and whose share of the requests fails. */
  | 'missingBackend'
  | 'crossNamespaceBackend'
  | 'apexAsBackend'
  | 'pathExact'
  | 'pathPrefix'
  | 'pathPrefixString'
  | 'pathRegex'
  | 'methodMatch'
  | 'headerExact'
  | 'headerPrefix'
  | 'headerRegex'
  | 'headerPresent'
  | 'headerAbsent'
  | 'cookieMatch'
  | 'queryMatch'
  | 'queryRegex'
  /** Two conditions on one header or query parameter in one match, or two cookies, which travel in one header. */
  | 'repeatedName'
  | 'orderedRules'
  /** Requests that no rule takes and that are answered 404, rather than by the apex itself. */
  | 'noDefaultRule'
  /** A backend that is a part of a Service's pods. */
  | 'subset'
  | 'timeout'
  | 'retries'
  /** Retries that the mesh makes of its own accord, turned off. */
  | 'retriesOff'
  | 'retryBackoff'
  /** Retries for 5xx or gateway-error, to which attempts without an answer belong. */
  | 'retryOnClass'
  /** Retries for a connection that broke or never came about. */
  | 'retryOnConnection'
  /** Retries by the status of gRPC calls, on a port of which nobody says that it speaks gRPC. */
  | 'retryOnGrpcStatus'
  /** Timeouts of requests that are not the same in all rules of a port. */
  | 'partialTimeout'
  /** Retries that only some rules of a port have, or timeouts that only some rules for calls have. */
  | 'partialRetryPolicy'
  /** From here on: what is asked of a port that speaks gRPC, in place of the same for HTTP. */
  | 'grpcMatch'
  | 'grpcMethodOnly'
  | 'grpcPath'
  | 'grpcTimeout'
  | 'grpcRetries'
  | 'grpcRetryOnHttp'
  | 'grpcRewrite'
  | 'grpcRedirect'
  | 'grpcResponseHeaders'
  /** From here on: what is asked of any port. */
  | 'faultAbort'
  /** An abort with the code of a gRPC call. */
  | 'faultGrpcAbort'
  | 'faultDelay'
  /** An abort together with retries, copies or changed response headers, none of which concern the aborted requests. */
  | 'treatedFault'
  | 'mirror'
  /** Copies of a share of the requests. */
  | 'mirrorShare'
  | 'requestHeaders'
  | 'responseHeaders'
  /** Headers changed for one backend of a rule only: by those of answers a canary's clients are told their version. */
  | 'backendRequestHeaders'
  | 'backendResponseHeaders'
  | 'rewrite'
  | 'redirect'
  /** To a scheme's own port, on the same host, of requests that were sent to another port. */
  | 'redirectOwnPort'
  | 'redirectPath'
  /** Statuses besides 301 and 302. */
  | 'redirectStatus'
  | 'affinityByCookie'
  | 'affinityByHeader'
  | 'affinityByQuery'
  | 'affinityBySource'
  /** Pods left out after errors in a row. */
  | 'outlierEjection'
  /** How often pods are looked at, and how many of them may be left out. */
  | 'ejectionBounds'
  | 'connectionLimits'
  /** Connections that are closed after so many requests. */
  | 'requestsPerConnection'
  | 'rateLimit'
  /** A bound for each client besides. */
  | 'rateLimitPerClient'
  /** What holds for a Service as a whole, where some of its backends are in another namespace. */
  | 'crossNamespacePolicy'
  /** Weights that are set in a route of the user's, which is no traffic of an apex and never among `featuresOf`. */
  | 'attachedSplit'
  | AccessFeature

/** What access policies and mutual TLS may ask of a mesh. */
export type AccessFeature =
  | 'accessPolicy'
  /** Pods that nobody may call. */
  | 'accessNobody'
  | 'accessPorts'
  /** A policy for some ports only, which leaves the others as they are. */
  | 'accessSomePorts'
  | 'accessHttp'
  /** `.*` and a text at the end of a path or the value of a header. */
  | 'accessSuffix'
  /** Single segments of a path that may be anything: `/a/[^/]+/b`. */
  | 'accessSegments'
  | 'accessPathRegex'
  | 'accessHeaders'
  | 'accessHeaderRegex'
  | 'accessHeaderAbsent'
  | 'accessCookies'
  | 'accessQuery'
  /** Two conditions on one header or query parameter in one match, or two cookies. */
  | 'accessRepeatedName'
  /** A path or a value with a `*` that means itself. */
  | 'accessLiteralStar'
  /** Grants to different sources that one request may satisfy. */
  | 'accessOverlap'
  | 'mtlsStrict'
  | 'mtlsPermissive'
  | 'mtlsDisable'
  | 'mtlsPort'
  | 'mtlsNamespace'
  /** Mutual TLS of pods that have an access policy. */
  | 'mtlsWithAccess'

export type Support =
  | { readonly support: 'native' }
  | {
      readonly support: 'emulated'
      readonly by: string
      readonly caveat: string
    }
  | {
      readonly support: 'unsupported'
      readonly reason: string
      readonly instead: string
    }

/**
 * One row per feature: lint, documentation and refusals all read this table. An abort that is emulated is a backend named
 * `fault-<status>`, whose Service has to be there (`withFaultBackends`).
 */
export type Capabilities = Readonly<Record<Feature, Support>>

/** Bounds of a mesh's API; absent means none is known. A match with several methods counts once for each. */
export interface Limits {
  readonly rulesPerPort?: number
  readonly matchesPerRule?: number
  readonly matchesPerPort?: number
  readonly backendsPerRule?: number
  readonly headersPerMatch?: number
  readonly queryParamsPerMatch?: number
  /** Headers that one rule sets, adds or removes, each counted by itself. */
  readonly headerChanges?: number
  readonly regexLength?: number
  readonly weight?: number
}

/** The mesh has it, with the neutral meaning. */
export function native(): Support {
  return { support: 'native' }
}

/** `by`: what stands in for it; `caveat`: where that differs from the real thing. */
export function emulated(by: string, caveat: string): Support {
  return { support: 'emulated', by, caveat }
}

/** `reason`: why the mesh cannot; `instead`: the nearest thing that works, as a whole sentence. */
export function unsupported(reason: string, instead: string): Support {
  return { support: 'unsupported', reason, instead }
}
