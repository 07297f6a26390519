import type { KubeObject } from '../../src/kube/object.ts'
import {
  type AccessGrant,
  destinationName,
  type ServiceAccountRef,
  type WorkloadAccess,
} from '../../src/mesh/access.ts'
import { segmentsOf, suffixOf } from '../../src/mesh/access-features.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import type { HeaderMatch, HttpMatch, PathMatch } from '../../src/mesh/match.ts'
import { selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'

export interface IstioSecurity {
  readonly apiVersion: string
  /** Set where sources are written as principals, as Istio before 1.25 knows no `serviceAccounts`. */
  readonly trustDomain: string | undefined
}

/** Of `source.serviceAccounts` (security.istio.io/v1, Source). */
const mostAccounts = 16

/**
 * An AuthorizationPolicy with the action ALLOW for each selection of pods, named as the ServiceAccount. As soon as there is one,
 * Istio refuses what no rule allows; without rules that is everything.
 */
export function translateAccess(
  access: WorkloadAccess,
  security: IstioSecurity,
  workloads: WorkloadDirectory,
): KubeObject[] {
  const { destination } = access
  return selectionsOf(destination, workloads).map(({ name, labels }) => {
    const called = [destinationName(destination), name].filter((part) => part !== '').join('.')
    return policy(called, Object.keys(labels).length > 0 ? { selector: { matchLabels: labels } } : {}, access, security)
  })
}

/** The policy of this name about what it is `about`. */
export function policy(
  name: string,
  about: object,
  access: WorkloadAccess,
  { apiVersion, trustDomain }: IstioSecurity,
): KubeObject {
  const { destination, ports, grants } = normalAccess(access)
  const rules = [
    ...grants.flatMap((grant) => writeGrant(grant, ports, trustDomain)),
    // Everything else is refused as soon as there is a policy, on all ports.
    ...(ports === undefined ? [] : [{ to: [{ operation: { notPorts: ports.map(String) } }] }]),
  ]
  return {
    apiVersion,
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace: destination.namespace },
    spec: { ...about, action: 'ALLOW', ...(rules.length > 0 && { rules }) },
  }
}

/** Matches without headers are operations of one rule; conditions on headers are of a whole rule. */
function writeGrant(
  grant: AccessGrant,
  controlled: readonly number[] | undefined,
  trustDomain: string | undefined,
): object[] {
  const from = writeSources(grant.sources, trustDomain)
  const ports = (grant.ports ?? controlled)?.map(String)
  const byPort = ports === undefined ? {} : { ports }
  if (grant.matches === undefined) return [{ from, ...(ports && { to: [{ operation: { ports } }] }) }]
  const { matches } = grant
  const plain = matches.filter(({ headers }) => headers === undefined)
  const conditional = matches.filter(({ headers }) => headers !== undefined)
  return [
    ...(plain.length === 0 ? [] : [{ from, to: plain.map((match) => writeOperation(match, byPort)) }]),
    ...conditional.map((match) => {
      const isPlain = match.path === undefined && match.methods === undefined && ports === undefined
      return {
        from,
        ...(!isPlain && { to: [writeOperation(match, byPort)] }),
        when: (match.headers ?? []).map(writeHeader),
      }
    }),
  ]
}

function writeSources(sources: readonly ServiceAccountRef[], trustDomain: string | undefined): object[] {
  if (trustDomain !== undefined) {
    const principals = sources.map(({ namespace, name }) => `${trustDomain}/ns/${namespace}/sa/${name}`)
    return [{ source: { principals } }]
  }
  const accounts = sources.map(({ namespace, name }) => `${namespace}/${name}`)
  const chunks = Array.from({ length: Math.ceil(accounts.length / mostAccounts) }, (_, index) =>
    accounts.slice(index * mostAccounts, (index + 1) * mostAccounts),
  )
  return chunks.map((serviceAccounts) => ({ source: { serviceAccounts } }))
}

function writeOperation({ path, methods }: HttpMatch, byPort: { readonly ports?: readonly string[] }): object {
  return { operation: { ...byPort, ...(methods && { methods }), ...(path && { paths: writePath(path) }) } }
}

/** Istio's prefixes go by characters, so that one by segments is two paths. */
function writePath(path: PathMatch): string[] {
  if ('exact' in path) return [path.exact]
  if ('prefixString' in path) return [`${path.prefixString}*`]
  if ('prefixPath' in path) return [path.prefixPath, `${path.prefixPath}/*`]
  const suffix = suffixOf(path.regex)
  if (suffix !== undefined) return [`*${suffix}`]
  return [`/${(segmentsOf(path.regex) ?? []).map((segment) => segment ?? '{*}').join('/')}`]
}

function writeHeader(header: HeaderMatch): object {
  const key = `request.headers[${header.name}]`
  if ('absent' in header) return { key, notValues: ['*'] }
  if ('present' in header) return { key, values: ['*'] }
  if ('exact' in header) return { key, values: [header.exact] }
  if ('prefix' in header) return { key, values: [`${header.prefix}*`] }
  return { key, values: [`*${suffixOf(header.regex) ?? ''}`] }
}
