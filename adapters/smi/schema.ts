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
  text,
} from '../../src/mesh/object-schema.ts'

const withMatches = ['v1alpha3', 'v1alpha4']
const reference = object(
  { apiGroup: text, kind: oneOf('HTTPRouteGroup'), name: nonEmpty },
  { required: ['kind', 'name'] },
)

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

/**
 * The matches of an HTTPRouteGroup. The specification's text has `headers` as a map and its schema as a list of maps; both are
 * looked at where they are read.
 */
export const routeGroupMatches: FieldSchema = list(
  object({ name: nonEmpty, methods: list(text), pathRegex: text, headers: anything }, { required: ['name'] }),
)

export const routeGroupSpec: ObjectSchema = object({ matches: routeGroupMatches }, { required: ['matches'] })
/** Headers as the schema has them. */
export const headerMaps: FieldSchema = list(map(text))
