import type { PathMatch } from './match.ts'
import { literalOf, quoteRegex, unanchored } from './regex.ts'

/** The gRPC calls that a condition on the path takes; every service or method where one is left out. */
export interface GrpcCalls {
  readonly service?: string
  readonly method?: string
}

/** Names as protocol buffers have them, which are those that a GRPCRoute takes for exact ones (GRPCMethodMatch). */
const identifier = '[A-Za-z_][A-Za-z0-9_]*'
const serviceName = new RegExp(`^${identifier}(\\.${identifier})*$`)
const methodName = new RegExp(`^${identifier}$`)
const anyService = '/[^/]+/'

/** What keeps a name from being one of a service, or of a method. */
export function callNameProblem(part: keyof GrpcCalls, name: string): string | undefined {
  if (name.length > 1000) return 'it is longer than 1000 characters'
  if ((part === 'service' ? serviceName : methodName).test(name)) return undefined
  return part === 'service'
    ? 'it is not of the form package.Service: letters, digits, _ and dots'
    : 'it has something other than letters, digits and _'
}

/** The path condition that takes the calls: a call is a POST to `/package.Service/Method`. */
export function pathOfCalls({ service, method }: GrpcCalls): PathMatch | undefined {
  if (service !== undefined)
    return method === undefined ? { prefixPath: `/${service}` } : { exact: `/${service}/${method}` }
  return method === undefined ? undefined : { regex: `${anyService}${quoteRegex(method)}` }
}

/** The calls that a path condition in terms of gRPC takes (`spokenRules`); undefined where no names of a service and a method say which. */
export function callsOfPath(path: PathMatch | undefined): GrpcCalls | undefined {
  if (path === undefined) return {}
  if ('prefixString' in path) return undefined
  if ('prefixPath' in path) return valid({ service: path.prefixPath.slice(1) })
  if ('exact' in path) {
    const [, service = '', method = ''] = path.exact.split('/')
    return valid({ service, method })
  }
  const regex = unanchored(path.regex)
  const method = regex.startsWith(anyService) ? literalOf(regex.slice(anyService.length)) : undefined
  return method === undefined ? undefined : valid({ method })
}

/** Undefined where a name is none. */
function valid(calls: GrpcCalls): GrpcCalls | undefined {
  const { service, method } = calls
  const wrong =
    (service !== undefined && callNameProblem('service', service) !== undefined) ||
    (method !== undefined && callNameProblem('method', method) !== undefined)
  return wrong ? undefined : calls
}
