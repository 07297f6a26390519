import {
  anything,
  type FieldSchema,
  integer,
  list,
  map,
  nonEmpty,
  numberOrText,
  type ObjectSchema,
  object,
  oneOf,
  port,
  text,
} from '../../src/mesh/object-schema.ts'

const withMatches = ['v1alpha3', 'v1alpha4']
const reference = object({ kind: oneOf('HTTPRouteGroup'), name: nonEmpty }, { required: ['kind', 'name'] })

/** `spec` of a TrafficSplit: weights are quantities at first and whole numbers later, matches came with v1alpha3. */
export function trafficSplitSpec(version: string): ObjectSchema {
  // linkerd-smi's own CustomResourceDefinition takes quantities in v1alpha2 too.
  const weight = withMatches.includes(version) ? integer(0) : numberOrText
  const backends = list(object({ service: nonEmpty, weight }, { required: ['service', 'weight'] }))
  const fields = { service: nonEmpty, backends }
  return object(withMatches.includes(version) ? { ...fields, matches: list(reference) } : fields, {
    required: ['service', 'backends'],
  })
}

const method = oneOf('*', 'GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH')

/**
 * The matches of an HTTPRouteGroup. The specification's text has `headers` as a map and its schema as a list of maps; both are
 * looked at where they are read.
 */
export const routeGroupMatches: FieldSchema = list(
  object({ name: nonEmpty, methods: list(method), pathRegex: text, headers: anything }, { required: ['name'] }),
)

export const routeGroupSpec: ObjectSchema = object({ matches: routeGroupMatches }, { required: ['matches'] })
/** Headers as the schema has them. */
export const headerMaps: FieldSchema = list(map(text))

const account = { kind: nonEmpty, name: nonEmpty, namespace: text }
const rules = list(
  object(
    { kind: oneOf('HTTPRouteGroup', 'TCPRoute', 'UDPRoute'), name: nonEmpty, matches: list(text) },
    { required: ['kind', 'name'] },
  ),
)

/** A TrafficTarget: `specs` became `rules`, and the port of the destination went away with v1alpha3. */
export function trafficTargetSpec(version: string): ObjectSchema {
  const isOld = version !== 'v1alpha3'
  const destination = object(isOld ? { ...account, port } : account, { required: ['kind', 'name'] })
  const sources = list(object(account, { required: ['kind', 'name'] }))
  if (version === 'v1alpha1') return object({ destination, specs: rules, sources }, { required: ['destination'] })
  return object(
    { destination, rules, sources },
    { required: isOld ? ['destination'] : ['destination', 'rules', 'sources'] },
  )
}

export const tcpRouteSpec: ObjectSchema = object({
  matches: object({ name: text, ports: list(port) }, { required: ['ports'] }),
})
