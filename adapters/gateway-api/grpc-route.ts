import { fieldsOf, textOf } from '../../src/mesh/fields.ts'
import { callsOfPath, pathOfCalls } from '../../src/mesh/grpc-call.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'

/** What a method match of a GRPCRoute says about the path of a call, and the names by which matches compete. */
export interface CallCondition {
  readonly path: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string }
  readonly calls: { readonly service: string; readonly method: string; readonly regex: boolean }
}

/** The method match for a path condition in terms of gRPC; none where it takes every call. */
export function writeMethod({ path }: HttpMatch): object {
  const { service, method } = callsOfPath(path) ?? {}
  if (service === undefined && method === undefined) return {}
  return {
    method: { type: 'Exact', ...(service !== undefined && { service }), ...(method !== undefined && { method }) },
  }
}

/** Reads `method` of a GRPCRouteMatch: a call is a POST to `/package.Service/Method`. An empty name is one left out. */
export function readMethod(value: unknown): CallCondition {
  const { type, service: serviceField, method: methodField } = fieldsOf(value)
  const service = textOf(serviceField) ?? ''
  const method = textOf(methodField) ?? ''
  const regex = type === 'RegularExpression'
  const calls = { service, method, regex: regex && (service !== '' || method !== '') }
  if (calls.regex) {
    const parts = [service, method].map((part) => (part === '' ? '[^/]+' : `(?:${part})`))
    return { path: { type: 'RegularExpression', value: `/${parts.join('/')}` }, calls }
  }
  const path = pathOfCalls({ ...(service !== '' && { service }), ...(method !== '' && { method }) })
  if (path === undefined) return { path: { type: 'PathPrefix', value: '/' }, calls }
  if ('exact' in path) return { path: { type: 'Exact', value: path.exact }, calls }
  if ('prefixPath' in path) return { path: { type: 'PathPrefix', value: path.prefixPath }, calls }
  return { path: { type: 'RegularExpression', value: Object.values(path).join('') }, calls }
}

/**
 * How specific a match of a GRPCRoute is: the characters of the service, then of the method, then the number of headers
 * (GRPCRouteRule.matches; linkerd2-proxy, linkerd/http/route/src/grpc/match.rs). Implementations agree on nothing about
 * expressions, which are ranked last here.
 */
export function callRank({ calls }: Pick<CallCondition, 'calls'>, headers: number): readonly number[] {
  const { service, method, regex } = calls
  return [regex ? 0 : 1, service.length, method.length, headers]
}

/** The same of a neutral match in terms of gRPC; undefined where it takes an expression to say it. */
export function neutralCallRank({ path, headers = [], cookies = [] }: HttpMatch): readonly number[] | undefined {
  const calls = callsOfPath(path)
  if (calls === undefined) return undefined
  const { service = '', method = '' } = calls
  return callRank({ calls: { service, method, regex: false } }, headers.length + cookies.length)
}
