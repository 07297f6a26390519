import type { PathMatch } from './match.ts'
import { quoteRegex } from './regex.ts'

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
