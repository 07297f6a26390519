import { fieldsOf, textsOf } from '../../src/mesh/fields.ts'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'

/** What istiod refuses about `headers` of a route or of a destination. */
export function headerProblems(headers: unknown, path: FieldPath): FieldProblem[] {
  const { request, response } = fieldsOf(headers)
  return [
    ...changeProblems(request, [...path, 'request'], true),
    ...changeProblems(response, [...path, 'response'], false),
  ]
}

function changeProblems(changes: unknown, path: FieldPath, mayNameHost: boolean): FieldProblem[] {
  const fields = fieldsOf(changes)
  const removed = textsOf(fields['remove']).flatMap((name, index) =>
    nameProblems(name, [...path, 'remove', index], false),
  )
  const written = ['set', 'add'].flatMap((field) =>
    Object.entries(fieldsOf(fields[field])).flatMap(([name, value]): FieldProblem[] => {
      const at = [...path, field, name]
      const problem = valueProblem(String(value))
      return [...nameProblems(name, at, mayNameHost), ...(problem === undefined ? [] : [{ path: at, problem }])]
    }),
  )
  return [...removed, ...written]
}

function nameProblems(name: string, path: FieldPath, mayNameHost: boolean): FieldProblem[] {
  if (name === '') return [{ path, problem: 'the name of a header is empty' }]
  if (isAuthority(name) && mayNameHost) return []
  if (name.toLowerCase() === 'host') return [{ path, problem: 'Host cannot be changed here' }]
  return name.startsWith(':') ? [{ path, problem: 'a header cannot begin with a colon' }] : []
}

/** Whether a header names the host. */
export function isAuthority(name: string): boolean {
  return ['host', ':authority'].includes(name.toLowerCase())
}

/** Envoy reads `%NAME%` and `%NAME(arguments)%` in values; a percent sign by itself is written twice. */
function valueProblem(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return 'it has a character that headers do not have'
  const rest = value.replace(/%%|%[^%(]*(?:\((?:[^\\)]|\\.)*\))?%/g, '')
  return rest.includes('%') ? 'a percent sign that is not written twice begins a variable of Envoy' : undefined
}
