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

function modifier({ set, add, remove }: HeaderChanges): object {
  const list = (headers: Readonly<Record<string, string>>) =>
    Object.entries(headers).map(([name, value]) => ({ name, value }))
  return { ...(set && { set: list(set) }), ...(add && { add: list(add) }), ...(remove && { remove }) }
}
