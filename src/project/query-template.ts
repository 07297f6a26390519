/** A piece of a query template: text as it stands, or a hole to be filled with the parameter of that name. */
type TemplatePart = { readonly text: string } | { readonly hole: string }

/** A hole that is more than `{{ .Name }}`, and why it cannot be filled. */
interface TemplateProblem {
  readonly hole: string
  readonly problem: string
}

/**
 * Takes a query template apart. Only the part of Go's text/template that names one field is understood: `{{ .Namespace }}`,
 * with or without spaces and with the trim markers `{{-` and `-}}` (https://pkg.go.dev/text/template#hdr-Text_and_spaces).
 */
export function parseTemplate(template: string): { parts: TemplatePart[]; problems: TemplateProblem[] } {
  const parts: TemplatePart[] = []
  const problems: TemplateProblem[] = []
  let rest = template
  let trimStart = false
  for (;;) {
    const open = rest.indexOf('{{')
    const close = open < 0 ? -1 : rest.indexOf('}}', open + 2)
    if (open >= 0 && close < 0) problems.push({ hole: shorten(rest.slice(open)), problem: 'which has no }}' })
    if (close < 0) {
      pushText(parts, trimStart ? rest.trimStart() : rest)
      return { parts, problems }
    }
    const inside = rest.slice(open + 2, close)
    const before = rest.slice(0, open)
    const trimmed = trimStart ? before.trimStart() : before
    pushText(parts, /^-\s/.test(inside) ? trimmed.trimEnd() : trimmed)
    trimStart = /\s-$/.test(inside)
    const field = /^(?:-\s)?\s*\.([A-Za-z][A-Za-z0-9_]*)\s*(?:\s-)?$/.exec(inside)
    if (field?.[1] === undefined) {
      problems.push({ hole: shorten(`{{${inside}}}`), problem: 'which is not the name of a parameter' })
    } else {
      parts.push({ hole: field[1] })
    }
    rest = rest.slice(close + 2)
  }
}

/** The method of the metrics input that a query becomes: `istio-success-rate` is `istioSuccessRate`. */
export function methodName(query: string): string {
  const [first = '', ...others] = query.split(/[-_]+/).filter((word) => word !== '')
  return (
    first.charAt(0).toLowerCase() +
    first.slice(1) +
    others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  )
}

function pushText(parts: TemplatePart[], text: string): void {
  if (text !== '') parts.push({ text })
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 40 ? `${line.slice(0, 40)}…` : line
}
