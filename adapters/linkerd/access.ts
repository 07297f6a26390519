import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { type AccessGrant, destinationName, type Labels, type WorkloadAccess } from '../../src/mesh/access.ts'
import { grantsOnPort } from '../../src/mesh/access-features.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { normalMatches } from '../../src/mesh/normal-matches.ts'
import { type PodSelection, type Probe, selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { routeMatches } from '../gateway-api/traffic.ts'

const group = 'policy.linkerd.io'
export const serverKind = policyKind('Server', 'servers', 'v1beta3')
/** What lets somebody in comes before the Server that shuts everybody out. */
export const accessKinds: readonly Kind[] = [
  policyKind('MeshTLSAuthentication', 'meshtlsauthentications', 'v1alpha1'),
  policyKind('NetworkAuthentication', 'networkauthentications', 'v1alpha1'),
  policyKind('HTTPRoute', 'httproutes', 'v1beta3'),
  policyKind('AuthorizationPolicy', 'authorizationpolicies', 'v1alpha1'),
  serverKind,
]
/** Of the HTTPRoute of policy.linkerd.io: 16 rules with 8 matches. */
const matchesPerRule = 8
export const matchesPerRoute = 16 * matchesPerRule

/**
 * A Server for each port of each selection of pods, which refuses what nothing allows, and an AuthorizationPolicy for each grant:
 * for the Server where everything is granted, otherwise for an HTTPRoute of it. Once a Server has a route, the mesh no longer lets
 * health checks through by itself, and answers 404 to what no route takes; so these get routes as well.
 */
export function translateAccess(access: WorkloadAccess, workloads: WorkloadDirectory): KubeObject[] {
  const objects = selectionsOf(access.destination, workloads).flatMap((selection) => {
    const own = new Writer(access.destination.namespace, [destinationName(access.destination), selection.name])
    return own.write(access, selection)
  })
  const order = accessKinds.map(({ kind }) => kind)
  return objects.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

/** How the Server for one port of some pods is called: by whose they are, and which of several. */
export function serverName(names: readonly string[], port: number): string {
  return `${names.filter((name) => name !== '').join('.')}-${port}`
}

/** A Server of the version that has `accessPolicy`. */
export function server(
  name: string,
  namespace: string,
  spec: { readonly labels: Labels; readonly port: number; readonly accessPolicy?: string },
): KubeObject {
  const { labels, port, accessPolicy } = spec
  return {
    apiVersion: `${group}/${serverKind.version}`,
    kind: 'Server',
    metadata: { name, namespace },
    spec: { podSelector: { matchLabels: labels }, port, ...(accessPolicy !== undefined && { accessPolicy }) },
  }
}

class Writer {
  readonly #namespace: string
  readonly #names: readonly string[]
  readonly #objects: KubeObject[] = []

  constructor(namespace: string, names: readonly string[]) {
    this.#namespace = namespace
    this.#names = names
  }

  write(access: WorkloadAccess, { labels, ports: declared, probes }: PodSelection): KubeObject[] {
    const ports = access.ports ?? declared
    for (const port of ports) {
      this.#writePort(
        port,
        grantsOnPort(access, port),
        probes.filter((probe) => probe.port === port),
      )
      this.#objects.push(server(serverName(this.#names, port), this.#namespace, { labels, port }))
    }
    return this.#objects
  }

  #writePort(port: number, grants: readonly AccessGrant[], probes: readonly Probe[]): void {
    const name = serverName(this.#names, port)
    for (const grant of grants) {
      const own = `${name}-${grant.name}`
      if (grant.matches !== undefined) this.#route(own, name, grant.matches)
      const identityRefs = grant.sources.map((source) => ({ kind: 'ServiceAccount', ...source }))
      this.#add('MeshTLSAuthentication', own, { identityRefs })
      const target = grant.matches === undefined ? { kind: 'Server', name } : { kind: 'HTTPRoute', name: own }
      this.#authorize(own, target, { kind: 'MeshTLSAuthentication', name: own })
    }
    // Without any route, and by HTTP only, the mesh lets health checks through by itself.
    const isLeftToMesh = probes.every(({ method }) => method === 'GET')
    if (isLeftToMesh && grants.every(({ matches }) => matches === undefined)) return
    if (probes.length > 0) {
      const own = `${name}-probes`
      const matches = probes.map(({ method, path }) => ({ path: { exact: path }, methods: [method] }))
      this.#route(own, name, normalMatches(matches))
      this.#add('NetworkAuthentication', own, { networks: [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }] })
      this.#authorize(own, { kind: 'HTTPRoute', name: own }, { kind: 'NetworkAuthentication', name: own })
    }
    // For those who are let in by the Server itself.
    if (grants.some(({ matches }) => matches === undefined)) this.#route(`${name}-rest`, name, [])
  }

  #route(name: string, serverName: string, matches: readonly HttpMatch[]): void {
    const all = matches.flatMap(routeMatches)
    const rules = Array.from({ length: Math.ceil(all.length / matchesPerRule) }, (_, index) => ({
      matches: all.slice(index * matchesPerRule, (index + 1) * matchesPerRule),
    }))
    this.#add('HTTPRoute', name, {
      parentRefs: [{ group, kind: 'Server', name: serverName }],
      rules: rules.length === 0 ? [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }] : rules,
    })
  }

  #authorize(name: string, target: object, authentication: object): void {
    this.#add('AuthorizationPolicy', name, {
      targetRef: { group, ...target },
      requiredAuthenticationRefs: [{ group, ...authentication }],
    })
  }

  #add(kind: string, name: string, spec: object): void {
    const version = accessKinds.find((one) => one.kind === kind)?.version ?? ''
    const metadata = { name, namespace: this.#namespace }
    this.#objects.push({ apiVersion: `${group}/${version}`, kind, metadata, spec })
  }
}

function policyKind(kind: string, plural: string, version: string): Kind {
  return { group, version, kind, plural, namespaced: true }
}
