import { grpcStatusNames } from '../../src/mesh/grpc-status.ts'
import {
  anything,
  decimal,
  type FieldSchema,
  flag,
  integer,
  list,
  map,
  matching,
  nonEmpty,
  type ObjectSchema,
  object,
  oneOf,
  port,
  text,
} from '../../src/mesh/object-schema.ts'

const duration = matching(/([0-9]+(\.[0-9]+)?(h|m|s|ms|us|µs|ns))+/)
const percentage = object({ value: decimal(0, 100) })
/** Go reads these numbers into 32 bits. */
const most = 2_147_483_647
const weight = integer(0, most)
/** 0 is left out. */
const matchedPort = integer(0, 65_535)
const stringMatch = object({ exact: text, prefix: text, regex: text }, { atMostOne: ['exact', 'prefix', 'regex'] })
const destination = object({ host: nonEmpty, port: object({ number: port }), subset: text }, { required: ['host'] })
const headerChanges = object({ set: map(text), add: map(text), remove: list(text) })
const headers = object({ request: headerChanges, response: headerChanges })

const httpMatch = object({
  name: text,
  uri: stringMatch,
  scheme: stringMatch,
  method: stringMatch,
  authority: stringMatch,
  headers: map(stringMatch),
  port: matchedPort,
  sourceLabels: map(text),
  queryParams: map(stringMatch),
  ignoreUriCase: flag,
  withoutHeaders: map(stringMatch),
  sourceNamespace: text,
  gateways: list(text),
  statPrefix: text,
})

const uriRegexRewrite = object({ match: text, rewrite: text })

/** Status codes as Envoy takes them: istiod's webhook lets 600 through, which stops updates of the sidecar's routes. */
const status = integer(200, 599)

const httpRoute = object(
  {
    name: text,
    match: list(httpMatch),
    route: list(object({ destination, weight, headers }, { required: ['destination'] })),
    redirect: object(
      {
        uri: text,
        authority: text,
        port,
        derivePort: oneOf('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
        scheme: text,
        redirectCode: integer(0, 399),
      },
      { atMostOne: ['port', 'derivePort'] },
    ),
    directResponse: object(
      { status, body: object({ string: text, bytes: text }, { atMostOne: ['string', 'bytes'] }) },
      { required: ['status'] },
    ),
    delegate: object({ name: text, namespace: text }),
    rewrite: object({ uri: text, authority: text, uriRegexRewrite }, { atMostOne: ['uri', 'uriRegexRewrite'] }),
    timeout: duration,
    retries: object({
      attempts: integer(0, most),
      perTryTimeout: duration,
      retryOn: text,
      retryRemoteLocalities: flag,
      retryIgnorePreviousHosts: flag,
      backoff: duration,
    }),
    fault: object({
      delay: object(
        { percent: integer(0, 100), percentage, fixedDelay: duration, exponentialDelay: duration },
        { atMostOne: ['fixedDelay', 'exponentialDelay'] },
      ),
      abort: object(
        { percentage, httpStatus: status, grpcStatus: oneOf(...grpcStatusNames), http2Error: text },
        { atMostOne: ['httpStatus', 'grpcStatus', 'http2Error'] },
      ),
    }),
    mirror: destination,
    mirrors: list(object({ destination, percentage }, { required: ['destination'] })),
    mirrorPercent: integer(0, 100),
    mirror_percent: integer(0, 100),
    mirrorPercentage: percentage,
    corsPolicy: anything,
    headers,
  },
  { atMostOne: ['route', 'redirect', 'directResponse'] },
)

const connectionMatch: Readonly<Record<string, FieldSchema>> = {
  destinationSubnets: list(text),
  port: matchedPort,
  sourceLabels: map(text),
  gateways: list(text),
  sourceNamespace: text,
}

const connectionRoutes = list(object({ destination, weight }, { required: ['destination'] }))

/** `spec` of a VirtualService (istio.io/api 1.30, networking/v1); its three versions have the same fields. */
export const virtualServiceSpec: ObjectSchema = object({
  hosts: list(text),
  gateways: list(text),
  exportTo: list(text),
  http: list(httpRoute),
  tcp: list(object({ match: list(object({ ...connectionMatch, sourceSubnet: text })), route: connectionRoutes })),
  tls: list(
    object(
      {
        match: list(object({ ...connectionMatch, sniHosts: list(text, { min: 1 }) }, { required: ['sniHosts'] })),
        route: connectionRoutes,
      },
      { required: ['match'] },
    ),
  ),
})

/** `spec` of a DestinationRule; how connections are made is no matter of routing and is not looked into. */
export const destinationRuleSpec: ObjectSchema = object(
  {
    host: nonEmpty,
    trafficPolicy: anything,
    subsets: list(object({ name: nonEmpty, labels: map(text), trafficPolicy: anything }, { required: ['name'] })),
    exportTo: list(text),
    workloadSelector: object({ matchLabels: map(text) }),
  },
  { required: ['host'] },
)
