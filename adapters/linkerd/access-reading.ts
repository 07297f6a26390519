import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { AccessGrant, Labels, ServiceAccountRef, WorkloadAccess } from '../../src/mesh/access.ts'
import type { ObservedAccess } from '../../src/mesh/access-adapter.ts'
import { overlappingGrants } from '../../src/mesh/access-features.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { fieldsOf, listOf, numberOf, otherFields, textOf, textsOf } from '../../src/mesh/fields.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { alwaysHolds, normalMatch } from '../../src/mesh/normal-match.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import {
  byAccount,
  destinationKey,
  type Probe,
  selectionsOf,
  type WorkloadDirectory,
} from '../../src/mesh/workloads.ts'
import { readRouteMatch } from '../gateway-api/http-route.ts'
import { readMatch } from '../gateway-api/traffic.ts'
import { saysNothingOfAccess } from './repeated-default.ts'

export const serverGroupKind = 'policy.linkerd.io/Server'
/** Policies of a Server that are about mutual TLS alone. */
export const mtlsPolicies = ['all-authenticated', 'all-unauthenticated']
const routeKinds = ['policy.linkerd.io/HTTPRoute', 'gateway.networking.k8s.io/HTTPRoute']

/** Reads Servers and what refers to them, whoever wrote them. */
export function observeAccess(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedAccess {
  const reader = new Reader(objects, workloads)
  const byDestination = new Map<string, WorkloadAccess>()
  for (const server of objects.filter((one) => groupKind(one) === serverGroupKind)) {
    const read = reader.server(server)
    if (read === undefined) continue
    const key = destinationKey(read.destination)
    const known = byDestination.get(key)
    const ports = [...(known?.ports ?? []), ...(read.ports ?? [])]
    byDestination.set(key, { ...read, ports, grants: [...(known?.grants ?? []), ...read.grants] })
  }
  reader.strays()
  const accesses = [...byDestination.values()].map(normalAccess).map((access) => ofAllPorts(access, workloads))
  return { accesses: byAccount(accesses, workloads), problems: reader.problems }
}

/** What a Server selects; problems with that are told. */
export function readServer(
  server: KubeObject,
  foreign: (what: string, path: FieldPath) => void,
): { readonly labels: Labels; readonly port: number; readonly accessPolicy: string } {
  const { podSelector, port, accessPolicy = 'deny', externalWorkloadSelector } = fieldsOf(server.spec)
  if (externalWorkloadSelector !== undefined) foreign('externalWorkloadSelector', ['spec', 'externalWorkloadSelector'])
  const { matchLabels, ...others } = fieldsOf(podSelector)
  for (const field of Object.keys(others)) foreign(`podSelector.${field}`, ['spec', 'podSelector', field])
  const number = numberOf(port)
  if (number === undefined) foreign('a port by its name', ['spec', 'port'])
  const labels = Object.entries(fieldsOf(matchLabels)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return { labels: Object.fromEntries(labels), port: number ?? 0, accessPolicy: String(accessPolicy) }
}

/** Where all ports that are known are protected, the policy is one for the pods. */
function ofAllPorts(access: WorkloadAccess, workloads: WorkloadDirectory): WorkloadAccess {
  const { ports = [], ...rest } = access
  const declared = selectionsOf(access.destination, workloads).flatMap((selection) => selection.ports)
  return declared.length > 0 && declared.every((port) => ports.includes(port)) ? rest : access
}

class Reader {
  readonly problems: ObjectProblem[] = []
  readonly #objects: readonly KubeObject[]
  readonly #workloads: WorkloadDirectory

  constructor(objects: readonly KubeObject[], workloads: WorkloadDirectory) {
    this.#objects = objects
    this.#workloads = workloads
  }

  server(server: KubeObject): WorkloadAccess | undefined {
    const before = this.problems.length
    const { namespace = 'default', name } = server.metadata
    const policies = this.#policiesOf('Server', server)
    const routes = this.#routesOf(server)
    if (saysNothingOfAccess(server) && policies.length + routes.length === 0) return undefined
    const { labels, port, accessPolicy } = readServer(server, this.#foreign(server))
    if (accessPolicy !== 'deny') {
      const isMtls = mtlsPolicies.includes(accessPolicy)
      if (!isMtls) this.#foreign(server)(`accessPolicy ${accessPolicy}`, ['spec', 'accessPolicy'])
      if (isMtls && policies.length + routes.length > 0)
        this.#foreign(server)('an accessPolicy beside what lets others in', ['spec', 'accessPolicy'])
      return undefined
    }
    const plain = policies.map((policy) => this.#grant(policy, name, undefined))
    const destination = { namespace, labels }
    const probes = selectionsOf(destination, this.#workloads).flatMap((selection) => selection.probes)
    const isProbe = (match: HttpMatch) => probes.some((probe) => probe.port === port && isProbeMatch(match, probe))
    const matched = routes.flatMap((route) => this.#readRoute(route, isProbe))
    const all = matched.filter(({ matches = [] }) => !matches.some(alwaysHolds))
    const rival = overlappingGrants(all)
    if (rival !== undefined)
      this.#foreign(server)('routes for the same requests that let in different clients', ['spec'])
    const hasRest = matched.some(({ matches = [] }) => matches.some(alwaysHolds))
    if (plain.length > 0 && routes.length > 0 && !hasRest)
      this.#foreign(server)('routes that leave requests over, though clients are let in on all of it', ['spec'])
    if (this.problems.length > before) return undefined
    const grants = [...plain, ...matched].filter(({ sources }) => sources.length > 0)
    return { destination, ports: [port], grants: grants.map((grant) => ({ ...grant, ports: [port] })) }
  }

  /** What refers to something that is not there may be about something that is. */
  strays(): void {
    for (const one of this.#objects) {
      const { namespace = 'default' } = one.metadata
      if (groupKind(one) === 'policy.linkerd.io/AuthorizationPolicy') {
        const { group = '', kind, name } = fieldsOf(fieldsOf(one.spec)['targetRef'])
        const isThere =
          kind === 'Namespace'
            ? this.#objects.some(
                (other) => groupKind(other) === serverGroupKind && other.metadata.namespace === namespace,
              )
            : this.#find(`${String(group)}/${String(kind)}`, namespace, String(name)) !== undefined
        if (!isThere)
          this.#foreign(one)(`the target ${String(kind)} ${String(name)}, which is not there`, ['spec', 'targetRef'])
      }
      if (!routeKinds.includes(groupKind(one))) continue
      for (const name of serverParents(one))
        if (this.#find(serverGroupKind, namespace, name) === undefined)
          this.#foreign(one)(`the parent Server ${name}, which is not there`, ['spec', 'parentRefs'])
    }
  }

  /** A grant for each policy of the route; one without sources where there is none, as it takes requests all the same. */
  #readRoute(route: KubeObject, isProbe: (match: HttpMatch) => boolean): AccessGrant[] {
    const foreign = this.#foreign(route)
    const spec = fieldsOf(route.spec)
    for (const field of otherFields(spec, ['parentRefs', 'rules'])) foreign(field, ['spec', field])
    const matches = listOf(spec['rules']).flatMap((rule, index) => {
      const fields = fieldsOf(rule)
      for (const field of otherFields(fields, ['matches'])) foreign(`rules.${field}`, ['spec', 'rules', index, field])
      const entries = listOf(fields['matches'])
      return (entries.length === 0 ? [{}] : entries).map((entry) => normalMatch(readMatch(readRouteMatch(entry))))
    })
    const policies = this.#policiesOf('HTTPRoute', route)
    if (policies.length > 0 && matches.every(isProbe) && policies.every((policy) => this.#isForEverybody(policy)))
      return []
    if (policies.length === 0) return [{ name: route.metadata.name, sources: [], matches }]
    return policies.map((policy) => this.#grant(policy, route.metadata.name, matches))
  }

  #grant(policy: KubeObject, name: string, matches: readonly HttpMatch[] | undefined): AccessGrant {
    return { name, sources: this.#sources(policy), ...(matches && { matches }) }
  }

  /** All authentications of a policy have to be met, so that one is all that the neutral model can say. */
  #sources(policy: KubeObject): ServiceAccountRef[] {
    const foreign = this.#foreign(policy)
    const path = ['spec', 'requiredAuthenticationRefs']
    const refs = listOf(fieldsOf(policy.spec)['requiredAuthenticationRefs']).map(fieldsOf)
    const [ref] = refs
    if (ref === undefined || refs.length > 1) {
      foreign(
        refs.length === 0 ? 'no authentication, which lets everybody in' : 'several authentications at once',
        path,
      )
      return []
    }
    const own = policy.metadata.namespace ?? 'default'
    const name = textOf(ref['name']) ?? ''
    const namespace = textOf(ref['namespace']) ?? own
    if (ref['kind'] === 'ServiceAccount') return [{ namespace, name }]
    const found = this.#find(`policy.linkerd.io/${String(ref['kind'])}`, namespace, name)
    if (ref['kind'] !== 'MeshTLSAuthentication') foreign(`a ${String(ref['kind'])}`, [...path, 0, 'kind'])
    else if (found === undefined) foreign(`a reference to ${name}, which is not there`, [...path, 0, 'name'])
    return found === undefined || ref['kind'] !== 'MeshTLSAuthentication' ? [] : this.#identities(found)
  }

  #identities(authentication: KubeObject): ServiceAccountRef[] {
    const foreign = this.#foreign(authentication)
    const own = authentication.metadata.namespace ?? 'default'
    const { identities, identityRefs } = fieldsOf(authentication.spec)
    const named = textsOf(identities).flatMap((identity, index) => {
      const [, name, namespace] = /^([^.*]+)\.([^.*]+)\.serviceaccount\.identity\./.exec(identity) ?? []
      if (name !== undefined && namespace !== undefined) return [{ namespace, name }]
      foreign(`the identity ${identity}`, ['spec', 'identities', index])
      return []
    })
    const referred = listOf(identityRefs).flatMap((ref, index) => {
      const { kind, name, namespace } = fieldsOf(ref)
      if (kind === 'ServiceAccount' && typeof name === 'string') return [{ namespace: textOf(namespace) ?? own, name }]
      foreign(`the identities of a ${String(kind)}`, ['spec', 'identityRefs', index])
      return []
    })
    return [...named, ...referred]
  }

  /** Whether a policy asks for no more than to come from some network, and from any. */
  #isForEverybody(policy: KubeObject): boolean {
    const refs = listOf(fieldsOf(policy.spec)['requiredAuthenticationRefs']).map(fieldsOf)
    return refs.every(({ kind, name, namespace }) => {
      const place = textOf(namespace) ?? policy.metadata.namespace ?? 'default'
      const found = this.#find('policy.linkerd.io/NetworkAuthentication', place, textOf(name) ?? '')
      const networks = listOf(fieldsOf(found?.spec)['networks']).map(fieldsOf)
      const open = networks.filter(({ except }) => listOf(except).length === 0).map(({ cidr }) => cidr)
      return kind === 'NetworkAuthentication' && open.includes('0.0.0.0/0')
    })
  }

  /** Policies of a Server or route; those of a whole namespace are policies of each of its Servers. */
  #policiesOf(kind: 'Server' | 'HTTPRoute', { metadata, apiVersion }: KubeObject): KubeObject[] {
    const group = apiVersion.split('/')[0]
    return this.#objects.filter((one) => {
      if (groupKind(one) !== 'policy.linkerd.io/AuthorizationPolicy') return false
      if ((one.metadata.namespace ?? 'default') !== (metadata.namespace ?? 'default')) return false
      const target = fieldsOf(fieldsOf(one.spec)['targetRef'])
      if (target['kind'] === 'Namespace') return kind === 'Server'
      return target['kind'] === kind && target['name'] === metadata.name && (target['group'] ?? '') === group
    })
  }

  #routesOf({ metadata }: KubeObject): KubeObject[] {
    return this.#objects.filter((one) => {
      if (!routeKinds.includes(groupKind(one)) || one.metadata.namespace !== metadata.namespace) return false
      return serverParents(one).includes(metadata.name)
    })
  }

  #find(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.find((one) => {
      return (
        groupKind(one) === kind && one.metadata.name === name && (one.metadata.namespace ?? 'default') === namespace
      )
    })
  }

  #foreign(object: KubeObject): (what: string, path: FieldPath) => void {
    return foreignIn(object, this.problems)
  }
}

/** Names of the Servers among the parents of a route. */
export function serverParents({ spec }: KubeObject): string[] {
  return listOf(fieldsOf(spec)['parentRefs']).flatMap((ref) => {
    const { group, kind, name } = fieldsOf(ref)
    return group === 'policy.linkerd.io' && kind === 'Server' && typeof name === 'string' ? [name] : []
  })
}

/** Tells of what an object says beyond the neutral model, each thing once. */
export function foreignIn(object: KubeObject, problems: ObjectProblem[]): (what: string, path: FieldPath) => void {
  const { kind, metadata } = object
  return (what, path) => {
    const problem = diagnostic('AP2121', {
      object: `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`,
      what,
    })
    problems.push({ ...problem, place: { object, path } })
  }
}

function isProbeMatch({ path, methods }: HttpMatch, probe: Probe): boolean {
  return path !== undefined && 'exact' in path && path.exact === probe.path && methods?.join() === probe.method
}
