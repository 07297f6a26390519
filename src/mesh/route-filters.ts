import { fieldsOf, textOf } from './fields.ts'
import type { HeaderChanges, Treatment } from './treatment.ts'

/**
 * The changes of headers of a treatment in normal form as filters of a route, in the words of the Gateway API (HTTPHeaderFilter), which
 * Kuma has taken over.
 */
export function headerFilters({ requestHeaders, responseHeaders }: Treatment): object[] {
  return [
    ...(requestHeaders ? [{ type: 'RequestHeaderModifier', requestHeaderModifier: modifier(requestHeaders) }] : []),
    ...(responseHeaders ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: modifier(responseHeaders) }] : []),
  ]
}

/** Its rewrite in the same words (HTTPURLRewriteFilter); none without one. */
export function rewriteFilters({ rewrite }: Treatment): object[] {
  if (rewrite === undefined) return []
  const { host, path } = rewrite
  const urlRewrite = {
    ...(host !== undefined && { hostname: host }),
    ...(path !== undefined && { path: fullPath(path) }),
  }
  return [{ type: 'URLRewrite', urlRewrite }]
}

/** HTTPPathModifier of a whole path. */
export function fullPath(path: string): object {
  return { type: 'ReplaceFullPath', replaceFullPath: path }
}

/** What takes the place of the prefix that was matched, in an HTTPPathModifier; undefined where it is about the whole path. */
export function newPrefixOf(modifier: unknown): string | undefined {
  const { type, replacePrefixMatch } = fieldsOf(modifier)
  return type === 'ReplacePrefixMatch' ? textOf(replacePrefixMatch) : undefined
}

/** A path with another prefix, by segments as it was matched: no slash is doubled or lost (HTTPPathModifier). */
export function withPrefix(path: string, matched: string, newPrefix: string): string {
  const rest = path.slice(matched.replace(/\/+$/, '').length)
  return `${newPrefix.replace(/\/+$/, '')}${rest}` || '/'
}

function modifier({ set, add, remove }: HeaderChanges): object {
  const list = (headers: Readonly<Record<string, string>>) =>
    Object.entries(headers).map(([name, value]) => ({ name, value }))
  return { ...(set && { set: list(set) }), ...(add && { add: list(add) }), ...(remove && { remove }) }
}
