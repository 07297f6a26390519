/** A way to log in that a server offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>
}

const token = "[!#$%&'*+.^_`|~\\w-]+"
const parameter = new RegExp(`[\\s,]*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`, 'y')
const scheme = new RegExp(`[\\s,]*(${token})(?=\\s|,|$)`, 'y')

/** Reads `WWW-Authenticate`, with several challenges in one text or in a list. What makes no sense ends the reading. */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  return [header ?? []].flat().flatMap(parseOne)
}

function parseOne(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  for (let at = 0; at < text.length; ) {
    const last = challenges.at(-1)
    const pair = last && matchAt(parameter, text, at)
    if (last !== undefined && pair !== undefined) {
      const [whole, name = '', quoted, plain = ''] = pair
      last.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain
      at += whole.length
      continue
    }
    const next = matchAt(scheme, text, at)
    if (next === undefined) return challenges
    challenges.push({ scheme: (next[1] ?? '').toLowerCase(), parameters: {} })
    at += next[0].length
  }
  return challenges
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
