import type { Resource, ResourceVersion } from './resource.ts'

/** A resource in one of its served versions. */
export interface Served {
  readonly resource: Resource
  readonly version: ResourceVersion
}

/** Every resource the server serves now. CustomResourceDefinitions come and go. */
export class Registry {
  readonly #resources = new Map<string, Resource>()

  set(resource: Resource): void {
    this.#resources.set(`${resource.group}/${resource.plural}`, resource)
  }

  remove(group: string, plural: string): void {
    this.#resources.delete(`${group}/${plural}`)
  }

  get(group: string, plural: string): Resource | undefined {
    return this.#resources.get(`${group}/${plural}`)
  }

  find(group: string, version: string, plural: string): Served | undefined {
    const resource = this.get(group, plural)
    const found = resource?.versions.get(version)
    return resource === undefined || found === undefined || !found.served ? undefined : { resource, version: found }
  }

  all(): Resource[] {
    return [...this.#resources.values()]
  }

  /** Whether Kubernetes itself, not a CustomResourceDefinition, serves a group, or a version of it. */
  isBuiltin(group: string, version?: string): boolean {
    return this.all().some(
      (one) => !one.custom && one.group === group && (version === undefined || one.versions.has(version)),
    )
  }

  /** Groups with their served versions, the core group first, versions by Kubernetes' priority (v2, v1, v1beta1 …). */
  groups(): { group: string; versions: string[] }[] {
    const groups = new Map<string, Set<string>>()
    for (const resource of this.#resources.values()) {
      const versions = groups.get(resource.group) ?? new Set()
      for (const version of resource.versions.values()) if (version.served) versions.add(version.name)
      groups.set(resource.group, versions)
    }
    return [...groups].map(([group, versions]) => ({ group, versions: [...versions].sort(byPriority) }))
  }

  /** The resources served in one group and version. */
  served(group: string, version: string): Served[] {
    return this.all().flatMap((resource) => {
      const found = resource.group === group ? this.find(group, version, resource.plural) : undefined
      return found === undefined ? [] : [found]
    })
  }
}

/** Newest first: stable before beta before alpha, higher numbers first. Source: `apimachinery/pkg/version/helpers.go`. */
export function byPriority(left: string, right: string): number {
  const [a, b] = [rank(left), rank(right)]
  if (a === undefined || b === undefined) return a === b ? (left < right ? -1 : 1) : a === undefined ? 1 : -1
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2]
}

function rank(version: string): [number, number, number] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (match === null) return undefined
  const [, major, stage, minor] = match
  return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)]
}
