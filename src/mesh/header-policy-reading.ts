import { describeValue, type Fields, isFields } from './fields.ts'
import { normalHeaders } from './header-changes.ts'
import { pathProblem, token, valueProblem } from './match-validity.ts'
import { isPort } from './output-fields.ts'
import type { PolicyFields } from './policy-fields.ts'
import type { HeaderChanges, Redirect, Rewrite, Treatment } from './treatment.ts'

/** A host as both Istio and the Gateway API take it: RFC 1123, in lower case, without a port. */
const hostName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
/** Headers that proxies keep to themselves: RFC 9110, 7.6.1, and the length they work out again. */
const kept = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const redirectCodes = [301, 302, 303, 307, 308]

/** What a HeaderPolicy does to requests. */
export function readHeaderPolicy(value: Fields, read: PolicyFields): Treatment {
  const { request, response, rewrite, redirect } = value
  const all = { request, response, rewrite, redirect }
  const given = Object.entries(all).filter(([, part]) => part !== undefined)
  if (given.length === 0) read.malformed('it has none of request, response, rewrite and redirect')
  if (redirect !== undefined && given.length > 1) read.malformed('a policy that redirects does nothing else')
  const requestHeaders = readChanges(request, 'request', read)
  const responseHeaders = readChanges(response, 'response', read)
  const rewritten = readRewrite(rewrite, read)
  const redirected = readRedirect(redirect, read)
  return {
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    ...(rewritten && { rewrite: rewritten }),
    ...(redirected && { redirect: redirected }),
  }
}

function readChanges(value: unknown, field: string, read: PolicyFields): HeaderChanges | undefined {
  const fields = read.part(value, field, ['set', 'add', 'remove'])
  if (fields === undefined) return undefined
  const seen = new Set<string>()
  const checkName = (name: string) => {
    const lower = name.toLowerCase()
    if (!token.test(name)) read.unusable(field, name, 'it is not a token')
    else if (kept.has(lower)) read.unusable(field, name, 'proxies keep it to themselves')
    else if (seen.has(lower)) read.unusable(field, name, 'one header is changed in one way only')
    seen.add(lower)
  }
  const values = (key: 'set' | 'add') => {
    const entries = fields[key] ?? {}
    if (!isFields(entries)) read.malformed(`\`${field}.${key}\` is not a map of headers`)
    return Object.fromEntries(
      Object.entries(isFields(entries) ? entries : {}).map(([name, text]) => {
        checkName(name)
        checkValue(`${field}.${key}.${name}`, text, read)
        return [name, String(text)]
      }),
    )
  }
  const removed = fields['remove'] ?? []
  const isList = Array.isArray(removed) && removed.every((name) => typeof name === 'string')
  if (!isList) read.malformed(`\`${field}.remove\` is not a list of names`)
  const remove = isList ? removed.map(String) : []
  const changes = normalHeaders({ set: values('set'), add: values('add'), remove })
  remove.forEach(checkName)
  if (changes === undefined) read.malformed(`\`${field}\` changes nothing`)
  return changes
}

function checkValue(field: string, value: unknown, read: PolicyFields): void {
  if (typeof value !== 'string') {
    read.malformed(`\`${field}\` is not a text`)
    return
  }
  const problem = value.includes('%') ? 'Envoy takes % for the beginning of a command' : valueProblem(value, false)
  if (problem !== undefined) read.unusable(field, value, problem)
}

function readRewrite(value: unknown, read: PolicyFields): Rewrite | undefined {
  const fields = read.part(value, 'rewrite', ['host', 'path'])
  if (fields === undefined) return undefined
  const host = readHost(fields['host'], 'rewrite.host', read)
  const path = readPath(fields['path'], 'rewrite.path', read)
  if (fields['host'] === undefined && fields['path'] === undefined)
    read.malformed('`rewrite` has neither host nor path')
  return { ...(host !== undefined && { host }), ...(path !== undefined && { path }) }
}

function readRedirect(value: unknown, read: PolicyFields): Redirect | undefined {
  const fields = read.part(value, 'redirect', ['scheme', 'host', 'port', 'path', 'status'])
  if (fields === undefined) return undefined
  const { scheme, port, status = 302 } = fields
  const host = readHost(fields['host'], 'redirect.host', read)
  const path = readPath(fields['path'], 'redirect.path', read)
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    read.invalid('redirect.scheme', scheme, 'http or https')
  if (port !== undefined && !isPort(port)) read.malformed('`redirect.port` is not a port number')
  const isCode = typeof status === 'number' && redirectCodes.includes(status)
  if (!isCode) read.invalid('redirect.status', status, `one of ${redirectCodes.join(', ')}`)
  if ([scheme, fields['host'], port, fields['path']].every((part) => part === undefined))
    read.malformed('`redirect` has none of scheme, host, port and path')
  return {
    ...((scheme === 'http' || scheme === 'https') && { scheme }),
    ...(host !== undefined && { host }),
    ...(isPort(port) && { port }),
    ...(path !== undefined && { path }),
    status: isCode ? status : 302,
  }
}

function readHost(value: unknown, field: string, read: PolicyFields): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && value.length <= 253 && hostName.test(value)) return value
  read.unusable(field, describeValue(value), 'it is not the name of a host, in lower case and without a port')
  return undefined
}

function readPath(value: unknown, field: string, read: PolicyFields): string | undefined {
  if (value === undefined) return undefined
  const problem = typeof value === 'string' ? pathProblem({ exact: value }) : 'it is not a text'
  if (problem !== undefined) read.unusable(field, describeValue(value), problem)
  return typeof value === 'string' ? value : undefined
}
