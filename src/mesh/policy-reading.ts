import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Fields, otherFields } from './fields.ts'
import { lastGrpcCode } from './grpc-status.ts'
import { readHeaderPolicy } from './header-policy-reading.ts'
import type { HttpMatch } from './match.ts'
import { isPort, readOutputMatches, readPorts } from './output-fields.ts'
import type { RouteGroupRef } from './outputs.ts'
import type { PolicyFields } from './policy-fields.ts'
import { type Place, readPolicyHead } from './policy-head.ts'
import type { ServiceRef } from './traffic.ts'
import { type AbortAnswer, isRetryCondition, type Retries, retryConditions, type Treatment } from './treatment.ts'

/** The kinds of policies, in the order in which they take part in a merge: a redirect leaves nothing to do for the others. */
export const policyKinds = ['headerpolicies', 'retrypolicies', 'faultinjections', 'trafficmirrors'] as const
export type PolicyKind = (typeof policyKinds)[number]

/** A policy as it came from a worker, checked as far as it can be without the cluster. */
export interface ReadPolicy {
  readonly kind: PolicyKind
  /** How messages call it: `ChaosExperiment shop/web: FaultInjection web`. */
  readonly output: string
  readonly source: string
  readonly name: string
  readonly apex: ServiceRef
  readonly ports: readonly number[] | undefined
  readonly matches: readonly (HttpMatch | RouteGroupRef)[] | undefined
  /** What it does to requests on one port of the apex. */
  treatment(port: number): Treatment
  /** Everything wrong with it; when there is something, nothing else about it counts but the apex. */
  readonly problems: readonly Diagnostic[]
}

const commonKeys = ['ports', 'matches']
const ownKeys: Readonly<Record<PolicyKind, readonly string[]>> = {
  headerpolicies: ['request', 'response', 'rewrite', 'redirect'],
  retrypolicies: ['timeout', 'retries'],
  faultinjections: ['abort', 'delay'],
  trafficmirrors: ['to', 'port', 'percent'],
}

/** Reads one policy, of which nothing is taken for granted. `lost` takes the problems of one that names no apex. */
export function readPolicy(kind: PolicyKind, value: unknown, place: Place, lost: Diagnostic[]): ReadPolicy[] {
  const found = readPolicyHead(kind, value, [...commonKeys, ...ownKeys[kind]], place, lost)
  if (found === undefined) return []
  const { head, read, value: fields } = found
  const ports = readPorts(fields['ports'], read.malformed)
  const matches = readOutputMatches(fields['matches'], head.output, head.problems)
  if (matches?.some((match) => 'sniHosts' in match))
    read.malformed('`matches` has server names, and a policy is about requests, which TLS hides')
  const treatment = treatmentReaders[kind](fields, read, head.apex)
  return [{ kind, ...head, ports, matches, treatment }]
}

type TreatmentReader = (value: Fields, read: PolicyFields, apex: ServiceRef) => (port: number) => Treatment

const treatmentReaders: Readonly<Record<PolicyKind, TreatmentReader>> = {
  headerpolicies: (value, read) => {
    const treatment = readHeaderPolicy(value, read)
    return () => treatment
  },
  retrypolicies: (value, read) => {
    const timeout = read.duration(value['timeout'], 'timeout')
    const retries = value['retries'] === undefined ? undefined : readRetries(value['retries'], read)
    if (value['timeout'] === undefined && value['retries'] === undefined)
      read.malformed('it has neither `timeout` nor `retries`')
    if (timeout !== undefined && retries?.perTryTimeout !== undefined && retries.perTryTimeout > timeout)
      read.invalid('retries.perTryTimeout', retries.perTryTimeout, `at most the timeout of ${timeout}`)
    return () => ({ ...(timeout !== undefined && { timeout }), ...(retries && { retries }) })
  },
  faultinjections: (value, read) => {
    const abort = read.part(value['abort'], 'abort', ['status', 'grpcStatus', 'percent'])
    const delay = read.part(value['delay'], 'delay', ['duration', 'percent'])
    if (value['abort'] === undefined && value['delay'] === undefined)
      read.malformed('it has neither `abort` nor `delay`')
    const fault = {
      ...(abort && {
        abort: {
          ...readAnswer(abort, read),
          percent: read.percent(abort['percent'], 'abort.percent'),
        },
      }),
      ...(delay && {
        delay: {
          duration: read.requiredDuration(delay['duration'], 'delay.duration'),
          percent: read.percent(delay['percent'], 'delay.percent'),
        },
      }),
    }
    return () => ({ fault })
  },
  trafficmirrors: (value, read, apex) => {
    const { to, port: own, percent = 100 } = value
    const name = read.serviceName(to, 'to')
    if (own !== undefined && !isPort(own)) read.malformed('`port` is not a port number')
    const share = read.percent(percent, 'percent')
    return (port) => ({
      mirrors: [{ service: { namespace: apex.namespace, name }, port: isPort(own) ? own : port, percent: share }],
    })
  },
}

/** The code 0 would be no failure. */
function readAnswer({ status, grpcStatus }: Fields, read: PolicyFields): AbortAnswer {
  if (grpcStatus === undefined) return { status: read.whole(status, 'abort.status', 200, 599) }
  if (status !== undefined) read.malformed('`abort` has both `status` and `grpcStatus`')
  return { grpcStatus: read.whole(grpcStatus, 'abort.grpcStatus', 1, lastGrpcCode) }
}

function readRetries(value: unknown, read: PolicyFields): Retries | undefined {
  const fields = read.part(value, 'retries', ['attempts', 'conditions', 'perTryTimeout', 'backoff'])
  if (fields === undefined) return undefined
  const attempts = read.whole(fields['attempts'], 'retries.attempts', 0, 100)
  const perTryTimeout = read.duration(fields['perTryTimeout'], 'retries.perTryTimeout')
  const backoff = read.duration(fields['backoff'], 'retries.backoff')
  const listed = fields['conditions'] ?? []
  const conditions = Array.isArray(listed) ? listed.map(String) : []
  if (!Array.isArray(listed)) read.malformed('`retries.conditions` is not a list')
  for (const condition of conditions.filter((one) => !isRetryCondition(one)))
    read.invalid('retries.conditions', condition, `${retryConditions.join(', ')} or a status code from 400 to 599`)
  const others = otherFields(fields, ['attempts'])
  if (fields['attempts'] === 0 && others.length > 0)
    read.malformed(`\`retries\` has 0 attempts and, all the same, ${others.join(', ')}`)
  if (attempts > 0 && conditions.length === 0) read.malformed('`retries.conditions` does not say what is tried again')
  return {
    attempts,
    conditions,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
  }
}
