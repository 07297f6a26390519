import { compareText } from './service.ts'
import type { HeaderChanges, Treatment } from './treatment.ts'

type Changes = Pick<Treatment, 'requestHeaders' | 'responseHeaders'>

/** Names in lower case and in order; undefined when nothing is changed. */
export function normalHeaders({ set, add, remove }: HeaderChanges): HeaderChanges | undefined {
  const changes = {
    ...(set && Object.keys(set).length > 0 && { set: inOrder(lowerNames(set)) }),
    ...(add && Object.keys(add).length > 0 && { add: inOrder(lowerNames(add)) }),
    ...(remove &&
      remove.length > 0 && { remove: [...new Set(remove.map((name) => name.toLowerCase()))].sort(compareText) }),
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

/**
 * Names, in lower case, that both change in such a way that the outcome depends on which comes first: meshes differ in
 * whether a rule or its backend has the last word. Two that add to a header agree.
 */
export function contestedHeaders(a: HeaderChanges = {}, b: HeaderChanges = {}): string[] {
  const { set = {}, add = {}, remove = [] } = normalHeaders(a) ?? {}
  const other = normalHeaders(b) ?? {}
  const theirs = [...Object.keys(other.set ?? {}), ...(other.remove ?? [])]
  const all = [...theirs, ...Object.keys(other.add ?? {})]
  const contested = [
    ...[...Object.keys(set), ...remove].filter((name) => all.includes(name)),
    ...Object.keys(add).filter((name) => theirs.includes(name)),
  ]
  return contested.sort(compareText)
}

/** Whether a rule and its backend contest a header. */
export function contestsHeaders(rule: Changes, backend: Changes): boolean {
  return (
    contestedHeaders(rule.requestHeaders, backend.requestHeaders).length > 0 ||
    contestedHeaders(rule.responseHeaders, backend.responseHeaders).length > 0
  )
}

/** What two changes do that contest no header; undefined where one text cannot say both additions. */
export function joinedHeaders(a: HeaderChanges = {}, b: HeaderChanges = {}): HeaderChanges | undefined {
  const [one, other] = [normalHeaders(a) ?? {}, normalHeaders(b) ?? {}]
  if (contestedHeaders(one, other).length > 0) return undefined
  if (Object.keys(one.add ?? {}).some((name) => Object.hasOwn(other.add ?? {}, name))) return undefined
  return normalHeaders({
    set: { ...one.set, ...other.set },
    add: { ...one.add, ...other.add },
    remove: [...(one.remove ?? []), ...(other.remove ?? [])],
  })
}

function lowerNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function inOrder(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).sort(([a], [b]) => compareText(a, b)))
}
