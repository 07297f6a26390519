/**
 * A set of field paths, as `managedFields` holds them: a tree whose edges are path elements in their wire form
 * (`f:name`, `k:{"name":"a"}`, `v:"x"`, `i:0`) and whose nodes are members or only on the way to members.
 *
 * Immutable: every operation answers a set of its own and shares the unchanged parts. Source of the algebra:
 * `sigs.k8s.io/structured-merge-diff/fieldpath`.
 */
export interface FieldSet {
  /** Whether the path that leads here is itself in the set. */
  readonly member: boolean
  readonly children: ReadonlyMap<string, FieldSet>
}

const none: ReadonlyMap<string, FieldSet> = new Map()
export const emptySet: FieldSet = { member: false, children: none }
export const leafSet: FieldSet = { member: true, children: none }

export function isEmpty(set: FieldSet): boolean {
  return !set.member && set.children.size === 0
}

function node(member: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet {
  if (children.size === 0) return member ? leafSet : emptySet
  return { member, children }
}

/** A set of its own while it is being filled. */
export class FieldSetBuilder {
  #member = false
  readonly #children = new Map<string, FieldSetBuilder>()

  insert(): void {
    this.#member = true
  }

  child(element: string): FieldSetBuilder {
    const known = this.#children.get(element)
    if (known !== undefined) return known
    const made = new FieldSetBuilder()
    this.#children.set(element, made)
    return made
  }

  build(): FieldSet {
    const children = new Map<string, FieldSet>()
    for (const [element, builder] of this.#children) {
      const built = builder.build()
      if (!isEmpty(built)) children.set(element, built)
    }
    return node(this.#member, children)
  }
}

export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder()
  for (const path of paths) path.reduce((at, element) => at.child(element), builder).insert()
  return builder.build()
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmpty(right)) return left
  if (isEmpty(left)) return right
  const children = new Map(left.children)
  for (const [element, set] of right.children) {
    const known = children.get(element)
    children.set(element, known === undefined ? set : union(known, set))
  }
  return node(left.member || right.member, children)
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>()
  for (const [element, set] of left.children) {
    const other = right.children.get(element)
    if (other === undefined) continue
    const common = intersection(set, other)
    if (!isEmpty(common)) children.set(element, common)
  }
  return node(left.member && right.member, children)
}

/** The paths of `left` that are not in `right`; what lies below a path of `right` stays. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmpty(left) || isEmpty(right)) return left
  const children = new Map<string, FieldSet>()
  for (const [element, set] of left.children) {
    const other = right.children.get(element)
    const rest = other === undefined ? set : difference(set, other)
    if (!isEmpty(rest)) children.set(element, rest)
  }
  return node(left.member && !right.member, children)
}

/** The paths of `left` that are neither in `right` nor below one of its paths. */
export function recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
  if (right.member) return emptySet
  const children = new Map<string, FieldSet>()
  for (const [element, set] of left.children) {
    const other = right.children.get(element)
    const rest = other === undefined ? set : recursiveDifference(set, other)
    if (!isEmpty(rest)) children.set(element, rest)
  }
  return node(left.member, children)
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true
  if (left.member !== right.member || left.children.size !== right.children.size) return false
  for (const [element, set] of left.children) {
    const other = right.children.get(element)
    if (other === undefined || !equalSets(set, other)) return false
  }
  return true
}

/** Every path of the set in the notation of error messages: `.spec.ports[name="http"].port`. */
export function pathsOf(set: FieldSet): string[] {
  const paths: string[] = []
  collect(set, '', paths)
  return paths.sort()
}

function collect(set: FieldSet, path: string, into: string[]): void {
  if (set.member) into.push(path)
  for (const [element, child] of set.children) collect(child, path + readable(element), into)
}

/** A path element as messages show it: `.spec`, `[name="http"]`, `[="a"]`, `[0]`. */
export function readable(element: string): string {
  const rest = element.slice(2)
  if (element.startsWith('f:')) return `.${rest}`
  if (element.startsWith('v:')) return `[=${rest}]`
  if (element.startsWith('i:')) return `[${rest}]`
  const keys: unknown = JSON.parse(rest)
  const pairs = Object.entries(Object(keys)).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return `[${pairs.join(',')}]`
}

/** `fieldsV1` of a managed fields entry. */
export function encodeSet(set: FieldSet): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  if (set.member && set.children.size > 0) fields['.'] = {}
  const elements = [...set.children.keys()].sort()
  for (const element of elements) fields[element] = encodeSet(set.children.get(element) ?? emptySet)
  return fields
}

/** Reads `fieldsV1`; `undefined` when it is not one. */
export function decodeSet(fields: unknown): FieldSet | undefined {
  const set = decodeNode(fields)
  return set === undefined ? undefined : { member: false, children: set.children }
}

const elementPattern = /^(?:f:|k:\{.*\}$|v:|i:-?\d+$)/s

function decodeNode(fields: unknown): FieldSet | undefined {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined
  const children = new Map<string, FieldSet>()
  let member = false
  for (const [element, value] of Object.entries(fields)) {
    if (element === '.') {
      member = true
      continue
    }
    if (!elementPattern.test(element) || !parses(element)) return undefined
    const child = decodeNode(value)
    if (child === undefined) return undefined
    children.set(element, child)
  }
  return node(member || children.size === 0, children)
}

function parses(element: string): boolean {
  if (element.startsWith('f:') || element.startsWith('i:')) return true
  try {
    JSON.parse(element.slice(2))
    return true
  } catch {
    return false
  }
}
