import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import {
  type AccessGrant,
  destinationName,
  type ServiceAccountRef,
  type WorkloadAccess,
} from '../../src/mesh/access.ts'
import type { ObservedAccess } from '../../src/mesh/access-adapter.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { type Fields, fieldsOf, listOf, numberOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { readMatch } from '../../src/mesh/match-reading.ts'
import { normalMatches } from '../../src/mesh/normal-matches.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { accountOf, destinationKey, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { smiMatch } from './match-patterns.ts'

export const trafficTarget = 'access.smi-spec.io/TrafficTarget'
const routeGroup = 'specs.smi-spec.io/HTTPRouteGroup'
export const tcpRoute = 'specs.smi-spec.io/TCPRoute'

/**
 * A TrafficTarget per grant, `<account>.<grant>`, with an HTTPRouteGroup and a TCPRoute of the same name for its rules. A
 * TrafficTarget without rules is not allowed, so that a grant of everything refers to a TCPRoute without ports.
 */
export function translateAccess(
  { destination, grants }: WorkloadAccess,
  groups: string,
  workloads: WorkloadDirectory,
): KubeObject[] {
  // The check has made sure that there is one.
  const account = accountOf(destination, workloads) ?? { ...destination, name: destinationName(destination) }
  const own = grants.map((grant) => ({ grant: whole(grant), name: `${account.name}.${grant.name}` }))
  const meta = (name: string) => ({ name, namespace: account.namespace })
  return [
    ...own.flatMap(({ grant: { matches }, name }) =>
      matches === undefined
        ? []
        : [
            {
              apiVersion: `specs.smi-spec.io/${groups}`,
              kind: 'HTTPRouteGroup',
              metadata: meta(name),
              spec: { matches: matches.map((match, index) => smiMatch(`match-${index + 1}`, match)) },
            },
          ],
    ),
    ...own.flatMap(({ grant: { matches, ports }, name }) =>
      matches !== undefined && ports === undefined
        ? []
        : [
            {
              apiVersion: `specs.smi-spec.io/${groups}`,
              kind: 'TCPRoute',
              metadata: meta(name),
              spec: { matches: { ports: ports ?? [] } },
            },
          ],
    ),
    ...own.map(({ grant: { sources, matches, ports }, name }) => ({
      apiVersion: 'access.smi-spec.io/v1alpha3',
      kind: 'TrafficTarget',
      metadata: meta(name),
      spec: {
        destination: { kind: 'ServiceAccount', name: account.name, namespace: account.namespace },
        rules: [
          ...(matches === undefined || ports !== undefined ? [{ kind: 'TCPRoute', name }] : []),
          ...(matches === undefined ? [] : [{ kind: 'HTTPRouteGroup', name }]),
        ],
        sources: sources.map((source) => ({ kind: 'ServiceAccount', ...source })),
      },
    })),
  ]
}

/** Matches that every request satisfies let in whatever is sent, and a route group would let in HTTP alone. */
function whole({ matches, ...grant }: AccessGrant): AccessGrant {
  if (matches === undefined) return grant
  return matches.length > 0 && normalMatches(matches).length === 0 ? grant : { ...grant, matches }
}

/** Reads TrafficTargets of any version: v1alpha1 has its fields beside `metadata`, and up to v1alpha2 the port is the destination's. */
export function observeAccess(objects: readonly KubeObject[]): ObservedAccess {
  const problems: ObjectProblem[] = []
  const byDestination = new Map<string, WorkloadAccess>()
  for (const object of objects.filter((one) => groupKind(one) === trafficTarget)) {
    const read = readTarget(object, objects, problems)
    if (read === undefined) continue
    const key = destinationKey(read.destination)
    const known = byDestination.get(key)
    byDestination.set(key, { ...read, grants: [...(known?.grants ?? []), ...read.grants] })
  }
  return { accesses: [...byDestination.values()].map(normalAccess), problems }
}

function readTarget(
  object: KubeObject,
  objects: readonly KubeObject[],
  problems: ObjectProblem[],
): WorkloadAccess | undefined {
  const { namespace: own = 'default', name } = object.metadata
  const before = problems.length
  const isFlat = object.spec === undefined
  const fields = isFlat ? object : fieldsOf(object.spec)
  const at = (...path: FieldPath) => (isFlat ? path : ['spec', ...path])
  const foreign = (what: string, path: FieldPath) => {
    const facts = { object: `TrafficTarget ${own}/${name}`, what }
    problems.push({ ...diagnostic('AP2121', facts), place: { object, path } })
  }
  const account = (value: unknown, path: FieldPath): ServiceAccountRef | undefined => {
    const { kind, name: who, namespace } = fieldsOf(value)
    if (kind === 'ServiceAccount' && typeof who === 'string') return { namespace: textOf(namespace) ?? own, name: who }
    foreign(`${String(kind)} in place of a ServiceAccount`, [...path, 'kind'])
    return undefined
  }
  const destination = account(fields['destination'], at('destination'))
  const sources = listOf(fields['sources']).flatMap((source, index) => account(source, at('sources', index)) ?? [])
  const field = 'rules' in fields ? 'rules' : 'specs'
  const rules = listOf(fields[field]).map((rule, index) => ({ rule: fieldsOf(rule), path: at(field, index) }))
  if (rules.length === 0) foreign('no rules, of which SMI does not say what they mean', at(field))
  const matches: HttpMatch[] = []
  const routes: number[][] = []
  for (const { rule, path } of rules) {
    if (rule['kind'] === 'HTTPRouteGroup') matches.push(...groupMatches(rule, path, own, objects, foreign))
    else if (rule['kind'] === 'TCPRoute') routes.push(routePorts(rule, path, own, objects, foreign))
    else foreign(String(rule['kind']), [...path, 'kind'])
  }
  const ofDestination = numberOf(fieldsOf(fields['destination'])['port'])
  const ofRoutes = routes.some((ports) => ports.length === 0) ? [] : routes.flat()
  const ports = ofDestination === undefined ? ofRoutes : [ofDestination]
  if (problems.length > before || destination === undefined) return undefined
  const isHttp = rules.some(({ rule }) => rule['kind'] === 'HTTPRouteGroup')
  const grant: AccessGrant = {
    name,
    sources,
    ...(ports.length > 0 && { ports }),
    ...(isHttp && { matches }),
  }
  const where = { namespace: destination.namespace, serviceAccount: destination.name }
  return { destination: where, grants: sources.length === 0 ? [] : [grant] }
}

type Foreign = (what: string, path: FieldPath) => void

/** The matches a rule names, or all of them. */
function groupMatches(
  rule: Fields,
  path: FieldPath,
  namespace: string,
  objects: readonly KubeObject[],
  foreign: Foreign,
): HttpMatch[] {
  const group = find(routeGroup, rule, namespace, objects)
  if (group === undefined) {
    foreign(`a reference to the HTTPRouteGroup ${String(rule['name'])}, which is not there`, [...path, 'name'])
    return []
  }
  const entries = listOf(group.spec === undefined ? group['matches'] : fieldsOf(group.spec)['matches'])
  const names = textsOf(rule['matches'])
  const known = entries.map((entry) => textOf(fieldsOf(entry)['name']))
  for (const [index, name] of names.entries())
    if (!known.includes(name))
      foreign(`a reference to the match ${name}, which is not there`, [...path, 'matches', index])
  const chosen = entries.filter((entry) => names.length === 0 || names.includes(textOf(fieldsOf(entry)['name']) ?? ''))
  return chosen.flatMap((entry) => {
    const match = readMatch(entry, 'the match', {
      malformed: (problem) => foreign(problem, path),
      regex: (_, regex, problem) => foreign(`the expression ${regex} (${problem})`, path),
    })
    return match === undefined ? [] : [match]
  })
}

/** None means all ports. */
function routePorts(
  rule: Fields,
  path: FieldPath,
  namespace: string,
  objects: readonly KubeObject[],
  foreign: Foreign,
): number[] {
  const route = find(tcpRoute, rule, namespace, objects)
  if (route === undefined) {
    foreign(`a reference to the TCPRoute ${String(rule['name'])}, which is not there`, [...path, 'name'])
    return []
  }
  return listOf(fieldsOf(fieldsOf(route.spec)['matches'])['ports']).flatMap((port) => numberOf(port) ?? [])
}

function find(kind: string, { name }: Fields, namespace: string, objects: readonly KubeObject[]) {
  return objects.find((one) => {
    return groupKind(one) === kind && one.metadata.name === name && (one.metadata.namespace ?? 'default') === namespace
  })
}
