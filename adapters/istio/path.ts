const unreserved = /%(?:2[dDeE]|3\d|4[1-9a-fA-F]|5[0-9aA]|5[fF]|6[1-9a-fA-F]|7[0-9aA]|7[eE])/g

/**
 * A path as Envoy compares it under Istio's default, `BASE`: letters and digits decoded, `.` and `..` resolved; `//` and `%2F`
 * are kept (meshConfig.pathNormalization).
 */
export function canonicalPath(path: string): string {
  const decoded = path.replace(unreserved, (encoded) => String.fromCharCode(Number.parseInt(encoded.slice(1), 16)))
  if (!/\/\.{1,2}(\/|$)/.test(decoded)) return decoded
  const segments: string[] = []
  const parts = decoded.split('/').slice(1)
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    if (part === '..') segments.pop()
    if (part !== '.' && part !== '..') segments.push(part)
    else if (last) segments.push('')
  }
  return `/${segments.join('/')}`
}
