import {
  anything,
  type FieldSchema,
  integer,
  list,
  matching,
  type ObjectSchema,
  object,
  oneOf,
  oneOfNumbers,
  port,
  text,
} from '../../src/mesh/object-schema.ts'

const objectName = matching(/[\s\S]+/, 253)
const group: FieldSchema = matching(/|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/, 253)
const kind = matching(/[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?/, 63)
const namespace = matching(/[a-z0-9]([-a-z0-9]*[a-z0-9])?/, 63)
const headerName = matching(/[A-Za-z0-9!#$%&'*+\-.^_`|~]+/, 256)
const matchValue = matching(/[\s\S]+/, 4096)
const preciseHost = matching(/[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/, 253)
const host = matching(/(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/, 253)
const duration = matching(/([0-9]{1,5}(h|m|s|ms)){1,4}/)
const matchType = oneOf('Exact', 'RegularExpression')
const method = oneOf('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH')

const reference = { group, kind, name: objectName, namespace, port }

const headerValue = object({ name: headerName, value: matchValue }, { required: ['name', 'value'] })
const headerModifier = object({
  set: list(headerValue, { max: 16 }),
  add: list(headerValue, { max: 16 }),
  remove: list(text, { max: 16 }),
})

const pathModifier = object(
  {
    type: oneOf('ReplaceFullPath', 'ReplacePrefixMatch'),
    replaceFullPath: matching(/[\s\S]*/, 1024),
    replacePrefixMatch: matching(/[\s\S]*/, 1024),
  },
  { required: ['type'], atMostOne: ['replaceFullPath', 'replacePrefixMatch'] },
)

const requestMirror = object(
  {
    backendRef: object(reference, { required: ['name'] }),
    percent: integer(0, 100),
    fraction: object({ numerator: integer(0), denominator: integer(1) }, { required: ['numerator'] }),
  },
  { required: ['backendRef'], atMostOne: ['percent', 'fraction'] },
)
const extensionRef = object(reference, { required: ['group', 'kind', 'name'] })

const filter = object(
  {
    type: oneOf(
      'RequestHeaderModifier',
      'ResponseHeaderModifier',
      'RequestMirror',
      'RequestRedirect',
      'URLRewrite',
      'ExtensionRef',
      'CORS',
      'ExternalAuth',
    ),
    requestHeaderModifier: headerModifier,
    responseHeaderModifier: headerModifier,
    requestMirror,
    requestRedirect: object({
      scheme: oneOf('http', 'https'),
      hostname: preciseHost,
      path: pathModifier,
      port,
      // 303, 307 and 308 since v1.5.
      statusCode: oneOfNumbers(301, 302, 303, 307, 308),
    }),
    urlRewrite: object({ hostname: preciseHost, path: pathModifier }),
    extensionRef,
    cors: anything,
    externalAuth: anything,
  },
  { required: ['type'] },
)

const filters = list(filter, { max: 16 })

/** The filters that a GRPCRoute has, of those of an HTTPRoute. */
const callFilters = list(
  object(
    {
      type: oneOf('RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef'),
      requestHeaderModifier: headerModifier,
      responseHeaderModifier: headerModifier,
      requestMirror,
      extensionRef,
    },
    { required: ['type'] },
  ),
  { max: 16 },
)

const parentRefs = list(object({ ...reference, sectionName: objectName }, { required: ['name'] }), { max: 32 })

const condition = (longest: number) =>
  object({ type: matchType, name: headerName, value: matching(/[\s\S]+/, longest) }, { required: ['name', 'value'] })

const match = object({
  path: object({ type: oneOf('Exact', 'PathPrefix', 'RegularExpression'), value: matching(/[\s\S]*/, 1024) }),
  headers: list(condition(4096), { max: 16 }),
  queryParams: list(condition(1024), { max: 16 }),
  method,
})

const rule = object({
  name: preciseHost,
  matches: list(match, { max: 64 }),
  filters,
  backendRefs: list(object({ ...reference, weight: integer(0, 1_000_000), filters }, { required: ['name'] }), {
    max: 16,
  }),
  timeouts: object({ request: duration, backendRequest: duration }),
  retry: object({ codes: list(integer(400, 599)), attempts: integer(1), backoff: duration }),
  sessionPersistence: anything,
})

const callRule = object({
  name: text,
  matches: list(
    object({
      method: object({
        type: matchType,
        service: matching(/[\s\S]*/, 1024),
        method: matching(/[\s\S]*/, 1024),
      }),
      headers: list(condition(4096), { max: 16 }),
    }),
    { max: 64 },
  ),
  filters: callFilters,
  backendRefs: list(
    object({ ...reference, weight: integer(0, 1_000_000), filters: callFilters }, { required: ['name'] }),
    { max: 16 },
  ),
  sessionPersistence: anything,
})

/** `spec` of a GRPCRoute (gateway.networking.k8s.io v1, both channels of v1.6). */
export const grpcRouteSpec: ObjectSchema = object({
  parentRefs,
  hostnames: list(host, { max: 16 }),
  useDefaultGateways: text,
  rules: list(callRule, { max: 16 }),
})

/** `spec` of a TCPRoute or TLSRoute: `rules` is how many there may be, `names` how many host names, all of which v1alpha2 may leave out. */
export function connectionRouteSpec({
  rules,
  names,
  required,
}: {
  rules: number
  names?: number
  required?: boolean
}): ObjectSchema {
  const backends = list(object({ ...reference, weight: integer(0, 1_000_000) }, { required: ['name'] }), {
    min: 1,
    max: 16,
  })
  return object(
    {
      parentRefs: list(object({ ...reference, sectionName: objectName }, { required: ['name'] }), { max: 32 }),
      useDefaultGateways: text,
      ...(names !== undefined && { hostnames: list(text, { max: names, ...(required && { min: 1 }) }) }),
      rules: list(object({ name: text, backendRefs: backends }, { required: ['backendRefs'] }), { min: 1, max: rules }),
    },
    { required: ['rules', ...(required ? ['hostnames'] : [])] },
  )
}

/** `spec` of an HTTPRoute (gateway.networking.k8s.io v1.6, both channels); v1 and v1beta1 have the same fields. */
export const httpRouteSpec: ObjectSchema = object({
  parentRefs,
  hostnames: list(host, { max: 16 }),
  useDefaultGateways: text,
  rules: list(rule, { min: 1, max: 16 }),
})
