/** A piece of an RE2 expression: `any` is `.`, `meta` every other operator, groups with their flags. */
export interface RegexToken {
  readonly kind: 'literal' | 'escape' | 'class' | 'any' | 'meta'
  readonly text: string
}

const group = /\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*[:)]))?/y
const escapeSequence = /\\(?:x\{[^}]*\}|x[0-9a-fA-F]{2}|[pP](?:\{[^}]*\}|.)|.)/suy
const characterClass = /\[\^?\]?(?:\\.|\[:[^:\]]*:\]|[^\]\\])*\]/suy

/** Splits an expression that compiles (https://github.com/google/re2/wiki/Syntax); joined, the tokens are the expression. */
export function* regexTokens(pattern: string): Generator<RegexToken> {
  let position = 0
  while (position < pattern.length) {
    const token = tokenAt(pattern, position)
    yield token
    position += token.text.length
  }
}

function tokenAt(pattern: string, position: number): RegexToken {
  const character = String.fromCodePoint(pattern.codePointAt(position) ?? 0)
  if (character === '\\') return { kind: 'escape', text: match(escapeSequence, pattern, position) ?? character }
  if (character === '[') return { kind: 'class', text: match(characterClass, pattern, position) ?? character }
  if (character === '(') return { kind: 'meta', text: match(group, pattern, position) ?? character }
  if (character === '.') return { kind: 'any', text: character }
  if (')*+?{}|^$'.includes(character)) return { kind: 'meta', text: character }
  return { kind: 'literal', text: character }
}

function match(sticky: RegExp, pattern: string, position: number): string | undefined {
  sticky.lastIndex = position
  return sticky.exec(pattern)?.[0]
}
