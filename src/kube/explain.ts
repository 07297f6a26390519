import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError, formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { ApiError, ConnectionError, describeCall, ForeignObjectError, MalformedAnswerError } from './errors.ts'
import { apiVersionOf, type Kind } from './object.ts'

export interface ErrorContext {
  readonly server: string
  /** The kind that was asked for: makes a 404 of a whole collection "not installed". */
  readonly kind?: Kind
  /** Name of the user in the kubeconfig. */
  readonly user?: string
}

/** What an error of this folder means to a user, and what to do; undefined for errors that speak for themselves. */
export function explain(error: unknown, context: ErrorContext): Diagnostic | undefined {
  if (error instanceof DiagnosticError) return error.diagnostics[0]
  if (error instanceof ConnectionError) return explainConnection(error)
  if (error instanceof MalformedAnswerError) {
    return diagnostic('AP3015', { server: context.server, problem: error.message })
  }
  if (error instanceof ForeignObjectError) return diagnostic('AP3017', { problem: error.message })
  return error instanceof ApiError ? explainAnswer(error, context) : undefined
}

/** The same as one line of a log; the error's own words where nothing is known about it. */
export function explained(error: unknown, context: ErrorContext): string {
  const found = explain(error, context)
  return found === undefined ? String(error) : formatDiagnostic(found)
}

function explainConnection({ server, problem, explanation: text }: ConnectionError): Diagnostic {
  switch (problem) {
    case 'dns':
      return diagnostic('AP3002', { server })
    case 'tls':
      return diagnostic('AP3003', { server, problem: text })
    case 'timeout':
      return diagnostic('AP3004', { server, problem: text })
    case 'protocol':
      return diagnostic('AP3015', { server, problem: text })
    default:
      return diagnostic('AP3001', { server, problem: text })
  }
}

function explainAnswer(error: ApiError, { server, kind, user }: ErrorContext): Diagnostic | undefined {
  const call = describeCall(error.call)
  const text = error.message.replace(`${call}: ${error.code} `, '')
  switch (error.code) {
    case 401:
      return diagnostic('AP3010', { server, user: user ?? 'this user', problem: text })
    case 403:
      if (isNamespaceTerminating(error)) return diagnostic('AP3016', { call, problem: text })
      return diagnostic('AP3011', forbidden(error, user))
    case 404:
      if (error.details.kind === 'namespaces') return diagnostic('AP3016', { call, problem: text })
      if (kind === undefined || error.details.name !== undefined) return undefined
      return diagnostic('AP3012', { kind: `${kind.kind} (${apiVersionOf(kind)})`, served: '' })
    case 422:
      return diagnostic('AP3018', { call, problem: text })
    default:
      return undefined
  }
}

export function isNamespaceTerminating({ code, details }: ApiError): boolean {
  return code === 403 && (details.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')
}

/** The API server's message names what it denied; the call is the fallback for other authorizers' words. */
function forbidden({ call, message }: ApiError, user: string | undefined) {
  const said = /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "([^"]*)"/.exec(message)
  const namespace = /in the namespace "([^"]*)"/.exec(message)?.[1]
  const where = namespace === undefined ? ' in the whole cluster' : ` in the namespace ${namespace}`
  if (said === null) {
    const verb = call.verb === 'apply' ? 'patch' : call.verb
    return {
      user: user ?? 'this user',
      verb,
      resource: call.resource,
      where: call.target === '' ? '' : ` (${call.target})`,
    }
  }
  const [, who, verb = call.verb, resource = call.resource, group] = said
  return { user: who || 'an anonymous user', verb, resource: group ? `${resource}.${group}` : resource, where }
}
