import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'

/** RFC 1123 subdomain, as the API server checks most names: at most 253 characters, labels of at most 63 between dots. */
const kubernetesName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/

/**
 * A text as a PromQL string literal, quotes included: `destination_workload=${label(name)}`. Prometheus reads Go's escapes
 * (https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals), so the value arrives unchanged and cannot end the literal.
 */
export function label(value: string): string {
  return `"${escapeLiteral(value, '"')}"`
}

/** The inside of a PromQL string literal that is delimited by `quote`. */
export function escapeLiteral(value: string, quote: '"' | "'"): string {
  let escaped = ''
  for (const character of value) {
    if (character === '\\' || character === quote) escaped += `\\${character}`
    else if (character === '\n') escaped += '\\n'
    else if (isControl(character)) escaped += `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    else escaped += character
  }
  return escaped
}

/** A text as an RE2 pattern that matches this text alone, for `=~` matchers; still to be put through `label`. */
export function literalPattern(value: string): string {
  return value.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

/**
 * Lets a Kubernetes name through and refuses everything else: a name that is not one can only select the wrong series.
 * `what` says whose name it is, as in `workload`.
 */
export function requireName(what: string, value: string): string {
  if (kubernetesName.test(value)) return value
  throw new DiagnosticError([diagnostic('AP5001', { what, value })])
}

/** C0 and DEL: one byte in UTF-8, so that `\xNN` means the same character. */
function isControl(character: string): boolean {
  return character < ' ' || character === '\u007f'
}
