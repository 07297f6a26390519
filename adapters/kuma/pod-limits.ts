import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { mayOverlap, selects } from '../../src/mesh/access.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, isFields, listOf, numberOf, otherFields } from '../../src/mesh/fields.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { type PodLimit, podLimitKey } from '../../src/mesh/pod-limits.ts'
import type { LimitSurroundings, ObservedLimits, WrittenLimit } from '../../src/mesh/pod-limits-adapter.ts'
import { compareText } from '../../src/mesh/service.ts'
import { selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { policyObject } from './policy-object.ts'
import { nameOf, type Report, reporter } from './reporting.ts'
import { readSelection, systemNamespace, writeSelection } from './selection.ts'

const rateLimitKind = 'MeshRateLimit'
/** What is answered to a request too many, unless `onRateLimit` says otherwise. */
const tooMany = 429
/** In milliseconds. */
const second = 1000

/**
 * A MeshRateLimit for the pods of each selection, named as their ServiceAccount. It is about all of their ports: a `sectionName` goes
 * by the names that Services give to ports.
 */
export function translateLimits(limits: readonly PodLimit[], { others }: LimitSurroundings): WrittenLimit[] {
  const rivals = others.filter((one) => groupKind(one) === `kuma.io/${rateLimitKind}`)
  return limits.map((limit): WrittenLimit => {
    const { namespace, serviceAccount, selection, port } = limit
    const refused = refusalOf(limit, limits, rivals)
    if (refused !== undefined) {
      const apex = `port ${port} of ServiceAccount ${namespace}/${serviceAccount}`
      return { objects: [], problems: [diagnostic('AP2195', { mesh: 'kuma', apex, ...refused })] }
    }
    const name = [serviceAccount, selection.name].filter((part) => part !== '')
    const requestRate = { num: limit.limit.requestsPerSecond, interval: '1s' }
    const http = { disabled: false, requestRate, onRateLimit: { status: tooMany } }
    const spec = { targetRef: writeSelection(selection.labels), rules: [{ default: { local: { http } } }] }
    return { objects: [policyObject(rateLimitKind, { namespace, name: name.join('.') }, spec)], problems: [] }
  })
}

interface Refusal {
  readonly problem: string
  readonly remedy: string
}

function refusalOf(limit: PodLimit, limits: readonly PodLimit[], rivals: readonly KubeObject[]): Refusal | undefined {
  const { namespace, selection } = limit
  const group = limits.filter((one) => isSameSelection(one, limit))
  if (group.some((one) => one.limit.perClient !== undefined)) {
    const problem = 'a MeshRateLimit does not tell clients apart'
    return { problem, remedy: 'Leave `perClient` out.' }
  }
  const left = selection.ports.filter((port) => !group.some((one) => one.port === port))
  if (selection.ports.length === 0 || left.length > 0 || group.some((one) => !isSameLimit(one, limit))) {
    const what =
      left.length > 0 ? `the ports ${left.join(', ')} would be limited as well` : 'their ports are not limited alike'
    const problem =
      selection.ports.length === 0
        ? 'no ports of these pods are declared'
        : `a MeshRateLimit is about all ports of its pods, and ${what}`
    return {
      problem,
      remedy: 'Limit all ports of the pods alike, or write a MeshRateLimit with a `sectionName` yourself.',
    }
  }
  const rival = rivals.find((one) => {
    if ((one.metadata.namespace ?? 'default') !== namespace) return false
    return mayOverlap(
      readSelection(fieldsOf(one.spec)['targetRef'], () => {}),
      selection.labels,
    )
  })
  if (rival === undefined) return undefined
  const problem = `${nameOf(rival)} may be about the same pods, and Kuma would make one policy of the two`
  return { problem, remedy: 'Take the other policy away, or leave the rate limit out.' }
}

function isSameSelection(a: PodLimit, b: PodLimit): boolean {
  const keyOf = ({ namespace, serviceAccount, selection }: PodLimit) =>
    `${namespace}/${serviceAccount}/${selection.name}`
  return keyOf(a) === keyOf(b)
}

function isSameLimit(a: PodLimit, b: PodLimit): boolean {
  return a.limit.requestsPerSecond === b.limit.requestsPerSecond && a.limit.perClient === b.limit.perClient
}

/** Reads MeshRateLimits, whoever wrote them, as limits of every declared port of the pods that they select. */
export function observeLimits(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedLimits {
  const problems: ObjectProblem[] = []
  const found = new Map<string, PodLimit>()
  const all = objects
    .filter((one) => groupKind(one) === `kuma.io/${rateLimitKind}`)
    .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name))
  for (const object of all) {
    const report = reporter(object, problems)
    const limits = readLimits(object, workloads, problems)
    if (limits.some((one) => found.has(podLimitKey(one)))) report('a second MeshRateLimit for the same pods', ['spec'])
    else for (const one of limits) found.set(podLimitKey(one), one)
  }
  const limits = [...found.values()].sort((a, b) => compareText(podLimitKey(a), podLimitKey(b)))
  return { limits, problems }
}

function readLimits(object: KubeObject, workloads: WorkloadDirectory, problems: ObjectProblem[]): PodLimit[] {
  const { namespace = 'default' } = object.metadata
  const before = problems.length
  const foreign = reporter(object, problems)
  const spec = fieldsOf(object.spec)
  if (namespace === systemNamespace) foreign('a policy for the whole mesh', ['metadata', 'namespace'])
  for (const field of otherFields(spec, ['targetRef', 'rules', 'from'])) foreign(field, ['spec', field])
  const labels = readSelection(spec['targetRef'], foreign)
  const field = 'rules' in spec ? 'rules' : 'from'
  const rules = listOf(spec[field]).map(fieldsOf)
  if (rules.length !== 1 || ('rules' in spec && 'from' in spec)) foreign(`not one of ${field}`, ['spec', field])
  const from = fieldsOf(rules[0]?.['targetRef'])
  if (field === 'from' && from['kind'] !== 'Mesh') foreign('a limit for some callers', ['spec', field, 0, 'targetRef'])
  const requestsPerSecond = readRate(fieldsOf(rules[0]?.['default']), ['spec', field, 0, 'default'], foreign)
  const all = workloads.in(namespace)
  const own = all.filter((workload) => selects(labels, workload.labels))
  const accounts = [...new Set(own.map(({ serviceAccount }) => serviceAccount))]
  const limits = accounts.flatMap((serviceAccount) =>
    selectionsOf({ namespace, serviceAccount }, workloads)
      .filter((selection) => own.some((workload) => selects(selection.labels, workload.labels)))
      .flatMap((selection) =>
        selection.ports.map((port) => ({
          namespace,
          serviceAccount,
          selection,
          port,
          limit: { requestsPerSecond: requestsPerSecond ?? 0 },
        })),
      ),
  )
  const isPartial = limits.some(({ selection }) =>
    all.some((one) => selects(selection.labels, one.labels) && !selects(labels, one.labels)),
  )
  if (limits.length === 0 || isPartial)
    foreign('a target of which it is not known whose pods it selects', ['spec', 'targetRef'])
  return problems.length > before ? [] : limits
}

/** Requests a second; rates for other times are told. */
function readRate(conf: Fields, at: FieldPath, foreign: Report): number | undefined {
  const local = fieldsOf(conf['local'])
  const http = fieldsOf(local['http'])
  for (const field of otherFields(conf, ['local'])) foreign(field, [...at, field])
  for (const field of otherFields(local, ['http'])) foreign(`local.${field}`, [...at, 'local', field])
  const where = [...at, 'local', 'http']
  for (const field of otherFields(http, ['disabled', 'requestRate', 'onRateLimit'])) foreign(field, [...where, field])
  if (http['disabled'] === true) foreign('a limit that is off', [...where, 'disabled'])
  const answer = fieldsOf(http['onRateLimit'])
  const isUsual = answer['status'] === undefined || answer['status'] === tooMany
  if (!isUsual || otherFields(answer, ['status']).length > 0)
    foreign('another answer than 429', [...where, 'onRateLimit'])
  const { num, interval } = fieldsOf(http['requestRate'])
  const count = numberOf(num)
  // So many within another time is another limit, as all of them may come at once.
  if (count !== undefined && count > 0 && readDuration(interval) === second) return count
  foreign(isFields(http['requestRate']) ? 'a rate for another time than a second' : 'no rate', [
    ...where,
    'requestRate',
  ])
  return undefined
}
