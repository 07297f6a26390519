import fc from 'fast-check'
import type { ServiceRef } from '../mesh/traffic.ts'
import {
  type HeaderChanges,
  isAnswerClass,
  type Mirror,
  type Redirect,
  type Retries,
  type Treatment,
} from '../mesh/treatment.ts'
import type { Supports } from './supports.ts'

/** A treatment in which a port that is undefined is the apex's own. */
export interface RelativeTreatment extends Omit<Treatment, 'mirrors'> {
  readonly mirrors?: readonly (Omit<Mirror, 'port'> & { readonly port: number | undefined })[]
}

interface Places {
  readonly service: fc.Arbitrary<ServiceRef>
  readonly port: fc.Arbitrary<number | undefined>
}

const durations = fc.constantFrom(1, 250, 1500, 60_000, 3_723_004)
const percents = fc.constantFrom(0, 0.5, 10, 33.3333, 50, 100)

/** Answers of HTTP that are worth another attempt. */
export const httpAnswers: readonly string[] = ['5xx', 'gateway-error', '503', '429']

/** Retries and a timeout, or neither. `answers`: conditions there may be besides those that a mesh has to support. */
export function retryArbitrary(
  supports: Supports,
  answers = httpAnswers,
): fc.Arbitrary<Pick<Treatment, 'timeout' | 'retries'>> {
  return optional({
    timeout: supports('timeout') ? durations : undefined,
    retries: supports('retries') || supports('retriesOff') ? retriesArbitrary(supports, answers) : undefined,
  })
}

/** What a rule may do to its requests: a redirect alone, or any of the rest; most often nothing of one kind. */
export function treatmentArbitrary(
  supports: Supports,
  { service, port }: Places,
  answers = httpAnswers,
): fc.Arbitrary<RelativeTreatment> {
  const percent = supports('mirrorShare') ? percents : fc.constantFrom(0, 100)
  const treatment: fc.Arbitrary<RelativeTreatment> = fc
    .tuple(
      retryArbitrary(supports, answers).map(({ timeout, retries }) => ({
        ...(timeout !== undefined && supports('partialTimeout') && { timeout }),
        ...(retries && supports('partialRetryPolicy') && { retries }),
      })),
      optional({
        fault: supports('faultAbort') || supports('faultDelay') ? faultArbitrary(supports) : undefined,
        mirrors: supports('mirror')
          ? fc.array(fc.record({ service, port, percent }), { minLength: 1, maxLength: 2 })
          : undefined,
        requestHeaders: supports('requestHeaders') ? changesArbitrary : undefined,
        responseHeaders: supports('responseHeaders') ? changesArbitrary : undefined,
        rewrite: supports('rewrite')
          ? optional({ host: fc.constant('old.example.com'), path: fc.constantFrom('/', '/new', '/a$1.b') })
          : undefined,
      }),
    )
    .map(([retry, rest]) => ({ ...retry, ...rest }))
    .map((one) => (supports('treatedFault') || one.fault === undefined ? one : withoutConcerned(one)))
  if (!supports('redirect')) return treatment
  return fc.oneof({ arbitrary: treatment, weight: 4 }, { arbitrary: redirectArbitrary(supports), weight: 1 })
}

function withoutConcerned({ retries, mirrors, responseHeaders, ...rest }: RelativeTreatment): RelativeTreatment {
  return rest
}

function retriesArbitrary(supports: Supports, answers: readonly string[]): fc.Arbitrary<Retries> {
  const conditions = [
    ...answers.filter((answer) => supports('retryOnClass') || !isAnswerClass(answer)),
    ...(supports('retryOnConnection') ? ['connect-failure', 'reset'] : []),
    ...(supports('retryOnGrpcStatus') ? ['unavailable', 'cancelled'] : []),
  ]
  const some = fc
    .tuple(
      fc.record({
        attempts: fc.integer({ min: 1, max: 5 }),
        conditions: fc.shuffledSubarray(conditions, { minLength: 1 }),
      }),
      optional({ perTryTimeout: durations, backoff: supports('retryBackoff') ? durations : undefined }),
    )
    .map(([retries, times]): Retries => ({ ...retries, ...times }))
  return supports('retriesOff') ? fc.oneof(some, fc.constant({ attempts: 0, conditions: [] })) : some
}

function faultArbitrary(supports: Supports): fc.Arbitrary<NonNullable<Treatment['fault']>> {
  return optional({
    abort: supports('faultAbort')
      ? fc.oneof(
          fc.record({ status: fc.constantFrom(404, 500, 503), percent: percents }),
          fc.record({ grpcStatus: fc.constantFrom(1, 7, 14), percent: percents }),
        )
      : undefined,
    delay: supports('faultDelay') ? fc.record({ duration: durations, percent: percents }) : undefined,
  })
}

const changesArbitrary: fc.Arbitrary<HeaderChanges> = optional({
  set: fc.constantFrom({ 'X-Set': 'a' }, { 'x-set': 'b', 'x-other': 'c d' }),
  add: fc.constantFrom({ 'x-add': 'a,b' }, {}),
  remove: fc.subarray(['X-Gone', 'x-lost']),
})

/** Of other headers than those of a rule: a header that both change is refused. */
export const backendChangesArbitrary: fc.Arbitrary<HeaderChanges> = optional({
  set: fc.constantFrom({ 'X-Own': 'a' }, { 'x-own': 'b', 'x-version': 'v2' }),
  add: fc.constantFrom({ 'set-cookie': 'v=web-v2; Path=/', 'x-add': 'c' }, {}),
  remove: fc.subarray(['X-Own-Gone', 'x-own-lost']),
})

function redirectArbitrary(supports: Supports): fc.Arbitrary<{ readonly redirect: Redirect }> {
  const statuses = supports('redirectStatus') ? [301, 302, 303, 307, 308] : [301, 302]
  return fc
    .tuple(
      optional({
        scheme: fc.constantFrom('http' as const, 'https' as const),
        host: fc.constantFrom('new.example.com', 'localhost'),
        port: fc.constantFrom(80, 443, 8443),
        path: supports('redirectPath') ? fc.constantFrom('/', '/new/place') : undefined,
      }),
      fc.constantFrom(...statuses),
    )
    .map(([to, status]) => ({ redirect: { ...to, status } }))
}

/** Any of the fields, each about every third time; those that are undefined never. */
function optional<Fields extends object>(
  fields: { readonly [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> | undefined },
): fc.Arbitrary<Partial<Fields>> {
  const names = Object.keys(fields) as (keyof Fields & string)[]
  const all = names.map((name) => oneInThree(fields[name] ?? fc.constant(undefined)))
  return fc
    .tuple(...all)
    .map(
      (values) =>
        Object.fromEntries(
          names.map((name, index) => [name, values[index]]).filter(([, value]) => value !== undefined),
        ) as Partial<Fields>,
    )
}

function oneInThree<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary: value, weight: 1 })
}
