import { objectOf } from './json.ts'
import type { Registry, Served } from './registry.ts'
import { reviewResources } from './reviews.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const subVerbs = ['get', 'patch', 'update']

/** One resource or subresource as both forms of discovery describe it. */
interface Entry {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly group?: string
  readonly version?: string
  readonly kind: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

function entriesOf({ resource, version }: Served): Entry[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource
  const main: Entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  }
  const entries = [main]
  if (version.scale !== undefined) {
    entries.push({
      name: `${plural}/scale`,
      singularName: '',
      namespaced,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: subVerbs,
    })
  }
  if (version.status) entries.push({ name: `${plural}/status`, singularName: '', namespaced, kind, verbs: subVerbs })
  return entries
}

function reviewEntries(group: string): Entry[] {
  return reviewResources()
    .filter((review) => review.group === group)
    .map(({ plural, kind }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced: false,
      kind,
      verbs: ['create'],
    }))
}

/** Groups in the order of discovery, with the groups that only have reviews. */
function groupsOf(registry: Registry): { group: string; versions: string[] }[] {
  const groups = registry.groups()
  for (const { group } of reviewResources()) {
    if (!groups.some((known) => known.group === group)) groups.push({ group, versions: ['v1'] })
  }
  return groups.filter(({ versions }) => versions.length > 0)
}

/** `/api` and `/apis` as APIGroupDiscoveryList (apidiscovery.k8s.io): every resource in two requests. */
export function aggregatedDiscovery(registry: Registry, core: boolean, version: string): unknown {
  const items = groupsOf(registry)
    .filter(({ group }) => (group === '') === core)
    .map(({ group, versions }) => ({
      metadata: { creationTimestamp: null, ...(group === '' ? {} : { name: group }) },
      versions: versions.map((name) => ({
        version: name,
        resources: aggregatedResources(registry, group, name),
        freshness: 'Current',
      })),
    }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

function aggregatedResources(registry: Registry, group: string, version: string): unknown[] {
  const entries = [...registry.served(group, version).flatMap(entriesOf), ...reviewEntries(group)]
  const main = entries.filter(({ name }) => !name.includes('/'))
  return main.map((entry) => {
    const below = entries.filter(({ name }) => name.startsWith(`${entry.name}/`))
    return {
      resource: entry.name,
      responseKind: { group, version, kind: entry.kind },
      scope: entry.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: entry.singularName,
      verbs: entry.verbs,
      ...(entry.shortNames === undefined ? {} : { shortNames: entry.shortNames }),
      ...(entry.categories === undefined ? {} : { categories: entry.categories }),
      ...(below.length === 0 ? {} : { subresources: below.map((sub) => aggregatedSubresource(sub, group, version)) }),
    }
  })
}

function aggregatedSubresource(entry: Entry, group: string, version: string): unknown {
  return {
    subresource: entry.name.slice(entry.name.indexOf('/') + 1),
    responseKind: { group: entry.group ?? group, version: entry.version ?? version, kind: entry.kind },
    verbs: entry.verbs,
  }
}

function apiGroup(group: string, versions: readonly string[]): Record<string, unknown> {
  const all = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions: all, preferredVersion: all[0] }
}

/** The classic documents of discovery: `/api`, `/apis`, `/apis/G`, `/api/v1`, `/apis/G/V`; `undefined` for other paths. */
export function classicDiscovery(registry: Registry, parts: readonly string[], host: string): unknown {
  const [root, first, second, ...more] = parts
  if (more.length > 0) return undefined
  const groups = groupsOf(registry)
  if (root === 'api') {
    if (first === undefined) {
      return {
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
      }
    }
    return first === 'v1' && second === undefined ? resourceList(registry, '', 'v1') : undefined
  }
  if (root !== 'apis') return undefined
  if (first === undefined) {
    const list = groups.filter(({ group }) => group !== '').map(({ group, versions }) => apiGroup(group, versions))
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: list }
  }
  const found = groups.find(({ group }) => group === first)
  if (found === undefined) return undefined
  if (second === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...objectOf(apiGroup(first, found.versions)) }
  return found.versions.includes(second) ? resourceList(registry, first, second) : undefined
}

function resourceList(registry: Registry, group: string, version: string): unknown {
  const groupVersion = group === '' ? version : `${group}/${version}`
  const resources = [...registry.served(group, version).flatMap(entriesOf), ...reviewEntries(group)]
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
}
