import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic, SourcePosition } from '../diagnostics/diagnostic.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { child } from './pointer.ts'

/** No file of a project comes near these; documents that do are mistakes or attacks (nested aliases grow exponentially). */
const largestTree = 20_000
/** Of what aliases bring in, whatever the limit of the document: no dump of a cluster has aliases, and people write few. */
const largestBorrowed = 20_000
export const deepest = 100

/** The plain value of a parsed document: aliases and merge keys resolved, every value's place kept. */
export class YamlTree {
  readonly value: unknown
  readonly #position: (offset: number) => SourcePosition
  readonly #problems = new Map<string, Diagnostic>()
  readonly #values = new Map<string, number>()
  readonly #keys = new Map<string, number>()
  readonly #anchors = new Map<string, Node>()
  /** Collections around the value being read: an alias to one of them would never end. */
  readonly #open = new Set<Node>()
  readonly #limit: number
  #size = 0
  #borrowed = 0
  /** How many aliases are being followed, one inside the other. */
  #following = 0

  /** Throws a DiagnosticError when the document is too large or too deep; all else is told by `problems`. */
  constructor(root: unknown, position: (offset: number) => SourcePosition, limit = largestTree) {
    this.#position = position
    this.#limit = limit
    this.#values.set('', startOf(root) ?? 0)
    this.value = this.#convert(root, '', 0)
  }

  get problems(): Diagnostic[] {
    return [...this.#problems.values()]
  }

  /** The offset of the value a pointer names, or of the nearest parent that has one. */
  offset(pointer: string): number {
    for (let path = pointer; ; path = path.slice(0, path.lastIndexOf('/'))) {
      const offset = this.#values.get(path)
      if (offset !== undefined) return offset
      if (path === '') return 0
    }
  }

  /** The offset of a field's name; that of the value for items of lists. */
  keyOffset(pointer: string): number {
    return this.#keys.get(pointer) ?? this.offset(pointer)
  }

  #convert(node: unknown, pointer: string, depth: number): unknown {
    const start = startOf(node) ?? this.offset(pointer)
    // What an alias brings in stands where the alias is; its parts stand at the anchor, where they can be mended.
    if (!this.#values.has(pointer)) this.#values.set(pointer, start)
    this.#size++
    if (this.#following > 0) this.#borrowed++
    const exceeded = this.#size > this.#limit ? this.#limit : this.#borrowed > largestBorrowed ? largestBorrowed : 0
    if (exceeded > 0) {
      throw new DiagnosticError([diagnostic('AP1005', { limit: String(exceeded) }, this.#position(start))])
    }
    if (depth > deepest) {
      throw new DiagnosticError([diagnostic('AP1011', { limit: String(deepest) }, this.#position(start))])
    }
    if (isAlias(node)) return this.#follow(node.source, start, pointer, depth)
    if (isNode(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isScalar(node)) return plain(node.value, node.source)
    if (!isMap(node) && !isSeq(node)) return null
    this.#open.add(node)
    const value = isMap(node) ? this.#mapping(node, pointer, depth) : this.#list(node.items, pointer, depth)
    this.#open.delete(node)
    return value
  }

  #follow(alias: string, start: number, pointer: string, depth: number): unknown {
    const target = this.#anchors.get(alias)
    if (target !== undefined && !this.#open.has(target)) {
      this.#following++
      const value = this.#convert(target, pointer, depth + 1)
      this.#following--
      return value
    }
    const problem = target === undefined ? 'has no anchor before it' : 'stands inside its own anchor'
    this.#report(diagnostic('AP1009', { alias, problem }, this.#position(start)))
    return null
  }

  #list(items: readonly unknown[], pointer: string, depth: number): unknown[] {
    return items.map((item, index) => this.#convert(isPair(item) ? item.value : item, child(pointer, index), depth + 1))
  }

  #mapping(node: YAMLMap, pointer: string, depth: number): Record<string, unknown> {
    const own: Record<string, unknown> = Object.create(null)
    const merged: Record<string, unknown>[] = []
    const offsets = new Map<string, number>()
    for (const pair of node.items) {
      const start = startOf(pair.key) ?? startOf(node) ?? 0
      const key = isMergeKey(pair) ? '<<' : fieldName(pair)
      if (key === undefined) {
        this.#report(diagnostic('AP1010', undefined, this.#position(start)))
        continue
      }
      const first = offsets.get(key)
      if (first !== undefined) {
        const line = String(this.#position(first).line)
        this.#report(diagnostic('AP1004', { field: key, line }, this.#position(start)))
        continue
      }
      offsets.set(key, start)
      if (isMergeKey(pair)) {
        merged.push(...this.#mergeSources(pair.value, pointer, depth))
        continue
      }
      const path = child(pointer, key)
      this.#keys.set(path, start)
      this.#values.set(path, startOf(pair.value) ?? start)
      own[key] = this.#convert(pair.value, path, depth + 1)
    }
    if (merged.length === 0) return own
    // Fields of the mapping itself win over merged ones, earlier merged mappings over later ones (yaml.org/type/merge.html).
    return Object.assign(Object.create(null), ...merged.reverse(), own)
  }

  /** The mappings a `<<` names. Parts of them that end up in `pointer` are told at the place of the mapping they end up in. */
  #mergeSources(value: unknown, pointer: string, depth: number): Record<string, unknown>[] {
    const converted = this.#convert(value, child(pointer, '<<'), depth + 1)
    const sources = Array.isArray(converted) ? converted : [converted]
    return sources.filter((source) => typeof source === 'object' && source !== null && !Array.isArray(source))
  }

  /** An anchor used twice would tell its mistakes twice. */
  #report(problem: Diagnostic): void {
    const { line, column } = problem.position ?? { line: 0, column: 0 }
    this.#problems.set(`${line}:${column} ${problem.code}`, problem)
  }
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<'
}

function fieldName({ key }: Pair): string | undefined {
  if (!isScalar(key)) return undefined
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

/**
 * JSON's scalars as they are; what only YAML knows (timestamps, binary) as the text in the file, as Kubernetes tools read it. So
 * does a lone `.`, which the parser takes for a number that is none.
 */
function plain(value: unknown, source: string | undefined): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number' && !(Number.isNaN(value) && source !== undefined && /^[-+.]+$/.test(source)))
    return value
  return source ?? String(value)
}
