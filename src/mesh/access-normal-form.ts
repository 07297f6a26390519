import { type AccessGrant, labelText, type ServiceAccountRef, type WorkloadAccess } from './access.ts'
import type { HttpMatch } from './match.ts'
import { normalMatches } from './normal-matches.ts'
import { compareText, serviceName } from './service.ts'

/** Matches by their text; `all` is whatever is sent. */
type Allowed = ReadonlyMap<string, HttpMatch> | 'all'

/** What one ServiceAccount may do: on every port, and on some ports besides. */
interface Permission {
  readonly source: ServiceAccountRef
  anywhere: Allowed
  readonly byPort: Map<number, Allowed>
}

/**
 * The same access in a form that does not tell how it was divided into grants: what a source is allowed twice is said once,
 * sources with the same permission share a grant, grants are numbered in a stable order and name their ports where the policy does. Idempotent.
 */
export function normalAccess(access: WorkloadAccess): WorkloadAccess {
  const { destination, ports } = access
  const { grants } = ports === undefined ? access : withPortsNamed(access, ports)
  const permissions = [...permissionsOf(grants).values()].flatMap(grantsOf)
  const shared = new Map<string, AccessGrant>()
  for (const grant of permissions) {
    const key = JSON.stringify([grant.ports ?? null, grant.matches ?? null])
    shared.set(key, { ...grant, sources: [...(shared.get(key)?.sources ?? []), ...grant.sources] })
  }
  const ordered = [...shared.values()]
    .map((grant) => ({ ...grant, sources: grant.sources.toSorted(bySource) }))
    .sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)))
  return {
    destination:
      'serviceAccount' in destination
        ? destination
        : { namespace: destination.namespace, labels: sortedLabels(destination.labels) },
    ...(ports && { ports: sortedPorts(ports) }),
    grants: ordered.map((grant, index) => ({ ...grant, name: `grant-${index + 1}` })),
  }
}

/** The same access with the ports of every grant named, where it is known which ports there are. */
export function withPortsNamed(access: WorkloadAccess, ports: readonly number[]): WorkloadAccess {
  const own = access.ports ?? ports
  const grants = access.grants.flatMap((grant) => {
    const named = (grant.ports ?? own).filter((port) => own.includes(port))
    return named.length === 0 ? [] : [{ ...grant, ports: named }]
  })
  return { ...access, grants }
}

function permissionsOf(grants: readonly AccessGrant[]): Map<string, Permission> {
  const permissions = new Map<string, Permission>()
  for (const { sources, ports, matches } of grants) {
    const allowed = allow(matches)
    for (const source of sources) {
      const key = serviceName(source)
      const permission = permissions.get(key) ?? { source, anywhere: new Map(), byPort: new Map() }
      permissions.set(key, permission)
      if (ports === undefined) permission.anywhere = union(permission.anywhere, allowed)
      for (const port of ports ?? [])
        permission.byPort.set(port, union(permission.byPort.get(port) ?? new Map(), allowed))
    }
  }
  return permissions
}

/** A grant for everywhere, then one for each set of ports on which more is allowed. */
function grantsOf({ source, anywhere, byPort }: Permission): AccessGrant[] {
  const grants: AccessGrant[] = []
  const sources = [source]
  if (anywhere === 'all') return [{ name: '', sources }]
  if (anywhere.size > 0) grants.push({ name: '', sources, matches: [...anywhere.values()] })
  const ports = new Map<string, { readonly allowed: Allowed; readonly ports: number[] }>()
  for (const [port, allowed] of byPort) {
    const more = without(allowed, anywhere)
    if (more !== 'all' && more.size === 0) continue
    const key = more === 'all' ? 'all' : [...more.keys()].join(' ')
    const known = ports.get(key) ?? { allowed: more, ports: [] }
    ports.set(key, known)
    known.ports.push(port)
  }
  for (const { allowed, ports: own } of ports.values()) {
    grants.push({
      name: '',
      sources,
      ports: sortedPorts(own),
      ...(allowed !== 'all' && { matches: [...allowed.values()] }),
    })
  }
  return grants
}

function allow(matches: readonly HttpMatch[] | undefined): Allowed {
  if (matches === undefined) return 'all'
  const normal = normalMatches(matches)
  // Matches that always hold still ask for HTTP, which the model does not tell from anything.
  return normal.length === 0 && matches.length > 0 ? 'all' : byText(normal)
}

function union(a: Allowed, b: Allowed): Allowed {
  if (a === 'all' || b === 'all') return 'all'
  if (a.size === 0) return b
  return b.size === 0 ? a : allow([...a.values(), ...b.values()])
}

function without(from: Allowed, taken: ReadonlyMap<string, HttpMatch>): Allowed {
  return from === 'all' ? from : new Map([...from].filter(([key]) => !taken.has(key)))
}

function byText(matches: readonly HttpMatch[]): Allowed {
  return new Map(matches.map((match) => [JSON.stringify(match), match]))
}

function bySource(a: ServiceAccountRef, b: ServiceAccountRef): number {
  return compareText(serviceName(a), serviceName(b))
}

function sortedPorts(ports: readonly number[]): number[] {
  return [...new Set(ports)].sort((a, b) => a - b)
}

function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    labelText(labels)
      .split(',')
      .filter((text) => text !== '')
      .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  )
}
