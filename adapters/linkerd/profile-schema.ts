import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'
import {
  anything,
  decimal,
  flag,
  integer,
  list,
  nonEmpty,
  numberOrText,
  type ObjectSchema,
  object,
  schemaProblems,
  text,
} from '../../src/mesh/object-schema.ts'
import { regexProblem } from '../../src/mesh/regex.ts'
import { parseWeight } from '../../src/mesh/weight.ts'
import { profiledService } from './service-profile.ts'

/** As Go reads it (time.ParseDuration). */
const duration = /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/

/** `not` is a list in the schema and one condition in the documentation and in the webhook. */
const parts = { all: list(anything), any: list(anything), not: anything }
const requestMatch = object({ ...parts, method: text, pathRegex: text })
const responseMatch = object({ ...parts, status: object({ min: integer(), max: integer() }) })
const responseClasses = list(object({ condition: responseMatch, isFailure: flag }, { required: ['condition'] }))

/** `spec` of a ServiceProfile (linkerd.io/v1alpha2). */
const serviceProfileSpec: ObjectSchema = object({
  dstOverrides: list(object({ authority: nonEmpty, weight: numberOrText }, { required: ['authority', 'weight'] })),
  opaquePorts: list(text),
  retryBudget: object(
    { minRetriesPerSecond: integer(0), retryRatio: decimal(0), ttl: text },
    { required: ['minRetriesPerSecond', 'retryRatio', 'ttl'] },
  ),
  routes: list(
    object(
      { name: nonEmpty, condition: requestMatch, isRetryable: flag, timeout: text, responseClasses },
      { required: ['name', 'condition'] },
    ),
  ),
})

/** The schema of a ServiceProfile, and what Linkerd's webhook refuses besides (linkerd2, pkg/profiles). */
export function profileProblems(profile: KubeObject, clusterDomain: string): FieldProblem[] {
  const shape = schemaProblems(serviceProfileSpec, profile.spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const { dstOverrides, retryBudget, routes } = fieldsOf(profile.spec)
  const name = `it is not the full name of a Service, as web.shop.svc.${clusterDomain}`
  return [
    ...(profiledService(profile, clusterDomain) === undefined ? [{ path: ['metadata', 'name'], problem: name }] : []),
    ...listOf(dstOverrides).flatMap((override, index): FieldProblem[] => {
      const { weight } = fieldsOf(override)
      if (parseWeight(weight) !== undefined) return []
      return [{ path: ['spec', 'dstOverrides', index, 'weight'], problem: `${JSON.stringify(weight)} is no weight` }]
    }),
    ...durationProblems(fieldsOf(retryBudget)['ttl'], ['spec', 'retryBudget', 'ttl']),
    ...listOf(routes).flatMap((route, index) => routeProblems(fieldsOf(route), ['spec', 'routes', index])),
  ]
}

function routeProblems({ condition, timeout, responseClasses: classes }: Fields, path: FieldPath): FieldProblem[] {
  return [
    ...durationProblems(timeout === '' ? undefined : timeout, [...path, 'timeout']),
    ...conditionProblems(condition, [...path, 'condition'], requestMatch, ({ pathRegex }, at) => {
      const problem = regexProblem(textOf(pathRegex) ?? '')
      const said = `${JSON.stringify(pathRegex)} is not usable: ${problem}`
      return problem === undefined ? [] : [{ path: [...at, 'pathRegex'], problem: said }]
    }),
    ...listOf(classes).flatMap((one, index) => {
      const at = [...path, 'responseClasses', index, 'condition']
      return conditionProblems(fieldsOf(one)['condition'], at, responseMatch, statusProblems)
    }),
  ]
}

/** Everything in which a condition, or one within it, departs from its schema, says nothing, or says what cannot be. */
function conditionProblems(
  value: unknown,
  path: FieldPath,
  schema: ObjectSchema,
  further: (condition: Fields, path: FieldPath) => FieldProblem[],
): FieldProblem[] {
  const shape = schemaProblems(schema, value, path)
  if (shape.length > 0 || !isFields(value)) return shape
  if (Object.values(value).every((part) => part === undefined || part === null || part === ''))
    return [{ path, problem: 'a condition has to say something' }]
  const within = ['all', 'any', 'not'].flatMap((part): [unknown, FieldPath][] => {
    const one = value[part]
    if (isFields(one)) return [[one, [...path, part]]]
    return listOf(one).map((item, index) => [item, [...path, part, index]])
  })
  return [...further(value, path), ...within.flatMap(([one, at]) => conditionProblems(one, at, schema, further))]
}

function statusProblems({ status }: Fields, path: FieldPath): FieldProblem[] {
  const { min, max } = fieldsOf(status)
  if (typeof min !== 'number' || typeof max !== 'number' || max === 0 || min <= max) return []
  return [{ path: [...path, 'status', 'max'], problem: `${max} is below min, which is ${min}` }]
}

function durationProblems(value: unknown, path: FieldPath): FieldProblem[] {
  if (typeof value !== 'string' || duration.test(value)) return []
  return [{ path, problem: `${JSON.stringify(value)} is no duration, such as 300ms` }]
}
