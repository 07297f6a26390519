import type { KubeObject } from '../../src/kube/object.ts'
import { formatDuration, readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, listOf, numberOf, otherFields, textsOf } from '../../src/mesh/fields.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import { type FieldPath, groupKind, type UnreadField } from '../../src/mesh/object-reading.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { compareText } from '../../src/mesh/service.ts'
import type { ServiceRef, TrafficRule } from '../../src/mesh/traffic.ts'
import { isRetryCondition, type Retries, type Treatment } from '../../src/mesh/treatment.ts'
import { systemNamespace } from './selection.ts'
import { isForEveryone, portOf, readTarget } from './target.ts'

/** When requests to a port are given up and tried again. */
export type Attempts = Pick<Treatment, 'timeout' | 'retries'>

/** What MeshTimeouts and MeshRetries say about a port of a Service. */
export interface ReadPolicies {
  readonly attempts: Attempts
  /** Fields that have a say and are not read, each within its object. */
  readonly strange: readonly (UnreadField & { readonly object: KubeObject })[]
}

/** Kuma's words for what is tried again (MeshRetry, `http.retryOn`), by the neutral ones; status codes are the same. */
const conditionWords: Readonly<Record<string, string>> = {
  '5xx': '5XX',
  'gateway-error': 'GatewayError',
  'connect-failure': 'ConnectFailure',
  'refused-stream': 'RefusedStream',
  reset: 'Reset',
}

/** The attempts that all rules of a port ask for alike, as the check has made sure. */
export function attemptsOf(rules: readonly TrafficRule[]): Attempts {
  const [rule] = rules.filter(({ redirect }) => redirect === undefined)
  const { timeout, retries } = rule === undefined ? {} : normalTreatment(rule)
  return { ...(timeout !== undefined && { timeout }), ...(retries && { retries }) }
}

export function timeoutDefault(timeout: number): object {
  return { http: { requestTimeout: formatDuration(timeout) } }
}

/** Pauses grow to ten times the first: Kuma's own longest one could be shorter than the first. */
export function retryDefault({ attempts, conditions, perTryTimeout, backoff }: Retries): object {
  return {
    http: {
      numRetries: attempts,
      ...(perTryTimeout !== undefined && { perTryTimeout: formatDuration(perTryTimeout) }),
      ...(backoff !== undefined && {
        backOff: { baseInterval: formatDuration(backoff), maxInterval: formatDuration(10 * backoff) },
      }),
      retryOn: conditions.map((condition) => conditionWords[condition] ?? condition),
    },
  }
}

/** Reads the policies beside the Service that are about one of its ports; of two for one thing the first by name. */
export function readPolicies(
  service: ServiceRef,
  port: number,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
): ReadPolicies {
  const strange: (UnreadField & { readonly object: KubeObject })[] = []
  let timeout: number | undefined
  let retries: Retries | undefined
  const found = policiesFor(service, objects).flatMap((policy) => policyEntries(policy, service))
  for (const { object, path, section, conf, isPartial } of found) {
    const there = portOf({ service, section }, services)
    if (there !== 'all' && there !== undefined && there !== port) continue
    const foreign = (what: string, field: FieldPath) => strange.push({ object, what, path: field })
    if (there === undefined) foreign(`the section ${section}, which no Service tells the number of`, path)
    if (isPartial) foreign('a target that leaves out some callers', ['spec', 'targetRef'])
    const isTimeout = object.kind === 'MeshTimeout'
    if (isTimeout ? timeout !== undefined : retries !== undefined) foreign('a second policy for one port', path)
    if (there === undefined || isPartial) continue
    const http = fieldsOf(conf['http'])
    const at = [...path, 'default']
    for (const field of otherFields(conf, ['http'])) foreign(field, [...at, field])
    if (isTimeout) timeout ??= readTimeout(http, at, foreign)
    else retries ??= readRetries(http, at, foreign)
  }
  return { attempts: { ...(timeout !== undefined && { timeout }), ...(retries && { retries }) }, strange }
}

/**
 * What the MeshTimeouts and MeshRetries for all that the callers of a namespace call say, which policies for a Service go before: those of
 * the system's namespace, then those of the callers' own (kuma.io, consumer policies).
 */
export function readWidePolicies(client: string, objects: readonly KubeObject[]): ReadPolicies {
  const strange: (UnreadField & { readonly object: KubeObject })[] = []
  let attempts: Attempts = {}
  for (const namespace of new Set([systemNamespace, client]))
    for (const object of policiesOf(['MeshTimeout', 'MeshRetry'], { name: '', namespace }, objects))
      for (const [index, to] of listOf(fieldsOf(object.spec)['to']).map(fieldsOf).entries()) {
        if (!isForEveryone(to['targetRef'] ?? {}) || fieldsOf(to['targetRef'])['kind'] !== 'Mesh') continue
        const at = ['spec', 'to', index, 'default']
        const foreign = (what: string, path: FieldPath) => strange.push({ object, what, path })
        if (!isForEveryone(fieldsOf(object.spec)['targetRef'])) {
          foreign('a target that leaves out some callers', ['spec', 'targetRef'])
          continue
        }
        const conf = fieldsOf(to['default'])
        for (const field of otherFields(conf, ['http'])) foreign(field, [...at, field])
        const http = fieldsOf(conf['http'])
        const own: Attempts =
          object.kind === 'MeshTimeout'
            ? said({ timeout: readTimeout(http, at, foreign) })
            : said({ retries: readRetries(http, at, foreign) })
        attempts = attemptsOver(attempts, own)
      }
  return { attempts, strange }
}

function said({ timeout, retries }: { timeout?: number | undefined; retries?: Retries | undefined }): Attempts {
  return { ...(timeout !== undefined && { timeout }), ...(retries && { retries }) }
}

/** Policies for one Service over those for all, field by field. */
export function attemptsOver(wide: Attempts, own: Attempts): Attempts {
  const retries = wide.retries && own.retries && { ...wide.retries, ...own.retries }
  if (retries === undefined) return { ...wide, ...own }
  const { conditions } = own.retries?.conditions.length === 0 ? (wide.retries ?? retries) : retries
  return { ...wide, ...own, retries: { ...retries, conditions } }
}

/** Fields by which connections, and retries of other protocols, go: they have no say in where an HTTP request goes, or how long it takes. */
const besides = [
  'connectionTimeout',
  'idleTimeout',
  'streamIdleTimeout',
  'maxConnectionDuration',
  'requestHeadersTimeout',
  'tcp',
  'hostSelection',
  'hostSelectionMaxAttempts',
  'rateLimitedBackOff',
]

/** Whether a field that is not read may change what becomes of a request; retries of calls are for gRPC alone. */
export function hasSay({ path }: UnreadField, isCall: boolean): boolean {
  const field = String(path.at(-1))
  return !besides.includes(field) && (isCall || field !== 'grpc')
}

/** Numbers of ports that policies name. */
export function policyPorts(service: ServiceRef, objects: readonly KubeObject[], services: ServiceDirectory): number[] {
  return policiesFor(service, objects)
    .flatMap((policy) => policyEntries(policy, service))
    .flatMap(({ section }) => {
      const port = portOf({ service, section }, services)
      return typeof port === 'number' ? [port] : []
    })
}

/** Whether some policy is about all ports of a Service. */
export function hasPolicyForAllPorts(service: ServiceRef, objects: readonly KubeObject[]): boolean {
  return policiesFor(service, objects)
    .flatMap((policy) => policyEntries(policy, service))
    .some(({ section }) => section === undefined)
}

function policiesFor(service: ServiceRef, objects: readonly KubeObject[]): KubeObject[] {
  return policiesOf(['MeshTimeout', 'MeshRetry'], service, objects)
}

/** Policies of some kinds beside a Service, by name. */
export function policiesOf(
  kinds: readonly string[],
  { namespace }: ServiceRef,
  objects: readonly KubeObject[],
): KubeObject[] {
  return objects
    .filter((object) => kinds.some((kind) => groupKind(object) === `kuma.io/${kind}`))
    .filter(({ metadata }) => (metadata.namespace ?? 'default') === namespace)
    .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name))
}

/** One `to[]` of a policy. */
interface PolicyEntry {
  readonly object: KubeObject
  readonly path: FieldPath
  readonly section: string | undefined
  readonly conf: Fields
  readonly isPartial: boolean
}

/** What a policy says about a Service or its ports. */
export function policyEntries(object: KubeObject, service: ServiceRef): PolicyEntry[] {
  const spec = fieldsOf(object.spec)
  return listOf(spec['to']).flatMap((to, index): PolicyEntry[] => {
    const fields = fieldsOf(to)
    const target = readTarget(fields['targetRef'], object.metadata.namespace ?? 'default')
    if (target?.service.name !== service.name || target.service.namespace !== service.namespace) return []
    const conf = fieldsOf(fields['default'])
    const isPartial = !isForEveryone(spec['targetRef'])
    return [{ object, path: ['spec', 'to', index], section: target.section, conf, isPartial }]
  })
}

type Foreign = (what: string, path: FieldPath) => void

/** Without one, or with 0, there is none. */
function readTimeout(http: Fields, at: FieldPath, foreign: Foreign): number | undefined {
  for (const field of otherFields(http, ['requestTimeout'])) foreign(`http.${field}`, [...at, 'http', field])
  return readDuration(http['requestTimeout'])
}

function readRetries(http: Fields, at: FieldPath, foreign: Foreign): Retries | undefined {
  for (const field of otherFields(http, ['numRetries', 'perTryTimeout', 'backOff', 'retryOn']))
    foreign(`http.${field}`, [...at, 'http', field])
  const attempts = numberOf(http['numRetries'])
  if (attempts === undefined) return undefined
  const perTryTimeout = readDuration(http['perTryTimeout'])
  const backoff = readDuration(fieldsOf(http['backOff'])['baseInterval'])
  const neutral = new Map(Object.entries(conditionWords).map(([word, own]) => [own.toLowerCase(), word]))
  const conditions = textsOf(http['retryOn']).map((word) => neutral.get(word.toLowerCase()) ?? word)
  for (const condition of conditions)
    if (!isRetryCondition(condition)) foreign(`retries on ${condition}`, [...at, 'http', 'retryOn'])
  return {
    attempts,
    conditions,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
  }
}

/** The Services that a policy or a route is about. */
export function policyTargets({ metadata, spec }: KubeObject): ServiceRef[] {
  const targets = listOf(fieldsOf(spec)['to']).flatMap((to) => {
    const target = readTarget(fieldsOf(to)['targetRef'], metadata.namespace ?? 'default')
    return target === undefined ? [] : [target.service]
  })
  return [...new Map(targets.map((service) => [`${service.namespace}/${service.name}`, service])).values()]
}
