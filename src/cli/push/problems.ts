import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { fieldsOf, listOf, textOf } from '../../mesh/fields.ts'

/** Who asks is not let in, or may not do that. */
export function notAllowed(registry: string, problem: string, cause?: unknown): DiagnosticError {
  return new DiagnosticError([diagnostic('AP6024', { registry, problem })], { cause })
}

/** There is no registry to talk to. */
export function notReachable(registry: string, problem: string, cause?: unknown): DiagnosticError {
  return new DiagnosticError([diagnostic('AP6025', { registry, problem })], { cause })
}

/** A registry does not take what it is given. */
export function notTaken(registry: string, what: string, problem: string): DiagnosticError {
  return new DiagnosticError([diagnostic('AP6028', { registry, what, problem })])
}

const longest = 200

/** What an answer that is no success says: its status, and the registry's own words (OCI distribution specification 1.1, "Error Codes"). */
export function describeAnswer({ status, text }: { readonly status: number; readonly text: string }): string {
  const said = errorsIn(text).join('; ').slice(0, longest)
  return said === '' ? `status ${status}` : `${said} (status ${status})`
}

function errorsIn(text: string): string[] {
  try {
    return listOf(fieldsOf(JSON.parse(text))['errors']).map((error) => {
      const { code, message } = fieldsOf(error)
      return [code, message].flatMap((part) => readable(textOf(part) ?? '')).join(': ')
    })
  } catch {
    return []
  }
}

/** On one line, and without what a terminal would take for a command. */
function readable(text: string): string[] {
  const plain = text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return plain === '' ? [] : [plain]
}
