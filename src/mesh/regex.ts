import { RE2JS } from 're2js'
import { type RegexToken, regexTokens } from './regex-tokens.ts'

const compiled = new Map<string, RE2JS | string>()
const compiledLimit = 1000

/**
 * What is wrong with a regular expression, or undefined. It has to be RE2 (Istio, SMI) and mean the same in Rust's dialect
 * (Linkerd); neither has look-around or back-references.
 */
export function regexProblem(pattern: string): string | undefined {
  const regex = compile(pattern)
  if (typeof regex === 'string') return regex
  for (const token of regexTokens(pattern)) {
    const problem = dialectProblem(token)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Whether the expression takes the whole text: how every data plane compares. One that does not compile takes nothing. */
export function matchesWhole(pattern: string, text: string): boolean {
  const regex = compile(pattern)
  return typeof regex !== 'string' && regex.testExact(text)
}

/** The text with every match of the expression replaced; `\\1` stands for a group. One that does not compile replaces nothing. */
export function replaceAll(pattern: string, text: string, rewrite: string): string {
  const regex = compile(pattern)
  if (typeof regex === 'string') return text
  const matcher = regex.matcher(text)
  let replaced = ''
  let end = 0
  while (matcher.find()) {
    const group = (_: string, number: string) =>
      Number(number) > matcher.groupCount() ? '' : (matcher.group(Number(number)) ?? '')
    replaced += text.slice(end, matcher.start()) + rewrite.replace(/\\(\d)/g, group)
    end = matcher.end()
  }
  return replaced + text.slice(end)
}

/**
 * Whether the leftmost-first match of the expression spans the whole text: how Linkerd's proxy compares. It misses
 * `foobar` by `foo|foobar`, which is why expressions are anchored before they are written.
 */
export function spansWhole(pattern: string, text: string): boolean {
  const regex = compile(pattern)
  if (typeof regex === 'string') return false
  const matcher = regex.matcher(text)
  return matcher.find() && matcher.start() === 0 && matcher.end() === text.length
}

/** Whether the expression takes any part of the text. One that does not compile takes nothing. */
export function findsIn(pattern: string, text: string): boolean {
  const regex = compile(pattern)
  return typeof regex !== 'string' && regex.matcher(text).find()
}

/** An expression for exactly this text. */
export function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

/** The one text an expression takes, when it is an escaped text and nothing more. */
export function literalOf(pattern: string): string | undefined {
  let text = ''
  for (const token of regexTokens(pattern)) {
    if (token.kind === 'literal') text += token.text
    else if (token.kind === 'escape' && /^\\[^\p{L}\p{N}]$/u.test(token.text)) text += token.text.slice(1)
    else return undefined
  }
  return text
}

/** Anchored at both ends, so that every engine compares the whole value. */
export function anchored(pattern: string): string {
  return `^(?:${pattern})$`
}

/** The same expression, compared with whole values, without the anchors and the group around all of it. */
export function unanchored(pattern: string): string {
  const tokens = [...regexTokens(pattern)]
  const first = tokens[0]?.text
  const last = tokens.at(-1)
  if (last?.kind !== 'meta') return pattern
  if (first === '^' && last.text === '$' && !hasAlternatives(pattern)) return unanchored(pattern.slice(1, -1))
  if (first === '(?:' && last.text === ')' && isClosed(pattern.slice(3, -1))) return unanchored(pattern.slice(3, -1))
  return pattern
}

/** Whether the expression is `a|b` outside of all groups. */
export function hasAlternatives(pattern: string): boolean {
  let depth = 0
  for (const token of regexTokens(pattern)) {
    depth += depthChange(token)
    if (depth === 0 && token.kind === 'meta' && token.text === '|') return true
  }
  return false
}

/** Whether no group is closed that was not opened before. */
function isClosed(pattern: string): boolean {
  let depth = 0
  for (const token of regexTokens(pattern)) {
    depth += depthChange(token)
    if (depth < 0) return false
  }
  return depth === 0
}

function depthChange({ kind, text }: RegexToken): number {
  if (kind !== 'meta') return 0
  if (text === ')') return -1
  const isFlags = /^\(\?[a-zA-Z-]+\)$/.test(text)
  return text.startsWith('(') && !isFlags ? 1 : 0
}

function compile(pattern: string): RE2JS | string {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  if (compiled.size >= compiledLimit) compiled.clear()
  const regex = tryCompile(pattern)
  compiled.set(pattern, regex)
  return regex
}

function tryCompile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function dialectProblem({ kind, text }: RegexToken): string | undefined {
  if (kind === 'escape' && /^\\[CQE0-9]/.test(text)) return `${text} does not mean the same in every mesh`
  if (kind === 'class' && /&&|--|~~/.test(text))
    return `${text} is a set operation in Linkerd's dialect; escape the characters`
  if (kind === 'class' && /\[(?!:)/.test(text.slice(1).replace(/\\./gs, ''))) return `escape the [ inside ${text}`
  return undefined
}
