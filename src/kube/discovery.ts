import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeClient } from './client.ts'
import { isNotFound } from './errors.ts'
import { apiVersionOf, type Kind } from './object.ts'
import { groupVersionPath } from './resource-path.ts'
import { isRecord } from './wire.ts'

/** One group as the API server offers it. */
export interface ServedGroup {
  /** The version that the server prefers. */
  readonly preferred: string
  /** All versions, in the server's order. */
  readonly versions: readonly string[]
}

/**
 * What the API server serves. Answers are kept until `refresh`; an answer that failed is asked for again. Costs one call for
 * all groups and one per group version that is asked about.
 */
export class Discovery {
  readonly #client: KubeClient
  #groups: Promise<ReadonlyMap<string, ServedGroup>> | undefined
  readonly #kinds = new Map<string, Promise<readonly Kind[]>>()

  constructor(client: KubeClient) {
    this.#client = client
  }

  refresh(): void {
    this.#groups = undefined
    this.#kinds.clear()
  }

  /** A group, or undefined when nothing of it is served; the core group is the empty name. */
  async group(name: string): Promise<ServedGroup | undefined> {
    this.#groups ??= this.#readGroups().catch((error: unknown) => {
      this.#groups = undefined
      throw error
    })
    return (await this.#groups).get(name)
  }

  /** All kinds of one group version; empty when it is not served. */
  async kinds(group: string, version: string): Promise<readonly Kind[]> {
    if (!(await this.group(group))?.versions.includes(version)) return []
    const path = groupVersionPath({ group, version })
    const known = this.#kinds.get(path)
    if (known !== undefined) return known
    const reading = this.#readKinds(group, version).catch((error: unknown) => {
      this.#kinds.delete(path)
      throw error
    })
    this.#kinds.set(path, reading)
    return reading
  }

  async serves({ group, version, plural }: Kind): Promise<boolean> {
    return (await this.kinds(group, version)).some((kind) => kind.plural === plural)
  }

  /** The first of several kinds (usually versions of one, the best first) that is served. */
  async firstServed(candidates: readonly Kind[]): Promise<Kind | undefined> {
    for (const kind of candidates) if (await this.serves(kind)) return kind
    return undefined
  }

  /** One diagnostic per kind that is not served, saying which versions of its group are. */
  async requireKinds(kinds: readonly Kind[]): Promise<Diagnostic[]> {
    const missing: Diagnostic[] = []
    for (const kind of kinds) {
      if (await this.serves(kind)) continue
      const group = await this.group(kind.group)
      const served = group === undefined ? '' : `, only ${kind.group || 'core'} ${group.versions.join(', ')}`
      const others = group?.versions.includes(kind.version) ? '' : served
      missing.push(diagnostic('AP3012', { kind: `${kind.kind} (${apiVersionOf(kind)})`, served: others }))
    }
    return missing
  }

  async #readGroups(): Promise<ReadonlyMap<string, ServedGroup>> {
    const [core, others] = await Promise.all([this.#client.raw('GET', '/api'), this.#client.raw('GET', '/apis')])
    const groups = new Map<string, ServedGroup>()
    const coreVersions = texts(isRecord(core) ? core['versions'] : undefined)
    if (coreVersions[0] !== undefined) groups.set('', { preferred: coreVersions[0], versions: coreVersions })
    for (const group of records(isRecord(others) ? others['groups'] : undefined)) {
      const versions = records(group['versions']).flatMap(({ version }) => texts([version]))
      const preferred = isRecord(group['preferredVersion'])
        ? texts([group['preferredVersion']['version']])[0]
        : undefined
      const first = preferred ?? versions[0]
      if (typeof group['name'] === 'string' && first !== undefined)
        groups.set(group['name'], { preferred: first, versions })
    }
    return groups
  }

  async #readKinds(group: string, version: string): Promise<readonly Kind[]> {
    let answer: unknown
    try {
      answer = await this.#client.raw('GET', groupVersionPath({ group, version }))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
    return records(isRecord(answer) ? answer['resources'] : undefined).flatMap(({ name, kind, namespaced }) =>
      typeof name === 'string' && typeof kind === 'string' && !name.includes('/')
        ? [{ group, version, kind, plural: name, namespaced: namespaced === true }]
        : [],
    )
  }
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}
