import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Fields, isFields, otherFields } from './fields.ts'
import { isPort, readName, readNamespace } from './output-fields.ts'

/** A TCPRoute as it came from a worker, checked as far as it can be by itself. */
export interface ReadTcpRoute {
  /** How messages call it: `CanaryDeployment shop/db: TCPRoute postgres`. */
  readonly output: string
  readonly source: string
  readonly namespace: string
  readonly name: string
  /** In ascending order; none means every TCP port. */
  readonly ports: readonly number[]
  readonly problems: readonly Diagnostic[]
}

interface Place {
  readonly index: number
  readonly source: string
  readonly namespace: string
}

/** Reads one TCPRoute, of which nothing is taken for granted. `lost` takes the problems of one without a name. */
export function readTcpRoute(value: unknown, { index, source, namespace }: Place, lost: Diagnostic[]): ReadTcpRoute[] {
  const place = `${source}: tcproutes[${index}]`
  const problems: Diagnostic[] = []
  const name = readName(isFields(value) ? value['name'] : undefined, place, problems)
  if (!isFields(value) || name === '') {
    lost.push(...problems)
    return []
  }
  const output = `${source}: TCPRoute ${name}`
  const malformed = (problem: string) => problems.push(diagnostic('AP2104', { output, problem }))
  const [unknown] = otherFields(value, ['name', 'namespace', 'matches'])
  if (unknown !== undefined) malformed(`it has the unknown field ${unknown}`)
  const ports = readMatches(value['matches'], malformed)
  return [
    {
      output,
      source,
      namespace: readNamespace(value['namespace'], namespace, output, problems),
      name,
      ports,
      problems,
    },
  ]
}

/** The name that a reference to a TCPRoute gives; undefined, once it is reported, when it is malformed. */
export function readTcpRouteRef(ref: Fields, malformed: (problem: string) => void): string | undefined {
  const { name } = ref
  const [unknown] = otherFields(ref, ['kind', 'name'])
  if (typeof name === 'string' && unknown === undefined) return name
  malformed('a reference to a TCPRoute needs kind and name, and nothing else')
  return undefined
}

/**
 * The TCPRoute that an output of `namespace` means by `name`; a resource's own comes before those of others in the namespace. One that
 * is missing or not in order is reported.
 */
export function findTcpRoute(
  name: string,
  { output, source, namespace }: { readonly output: string; readonly source: string; readonly namespace: string },
  routes: readonly ReadTcpRoute[],
  report: (problem: Diagnostic) => void,
): ReadTcpRoute | undefined {
  const near = routes.filter((one) => one.namespace === namespace)
  const named = near.filter((one) => one.name === name)
  const route = named.find((one) => one.source === source) ?? named[0]
  if (route === undefined) {
    const known = [...new Set(near.map((one) => one.name))].join(', ') || 'none'
    report(diagnostic('AP2162', { output, route: name, known }))
  }
  for (const problem of route?.problems ?? []) report(problem)
  return route
}

/** SMI's list of ports may be empty, which means all of them (traffic-specs v1alpha4). */
function readMatches(value: unknown, malformed: (problem: string) => void): number[] {
  if (!isFields(value)) {
    malformed('`matches` is not an object with `ports`')
    return []
  }
  const [unknown] = otherFields(value, ['name', 'ports'])
  if (unknown !== undefined) malformed(`\`matches\` has the unknown field ${unknown}`)
  if (value['name'] !== undefined && typeof value['name'] !== 'string') malformed('`matches.name` is not a name')
  const { ports } = value
  if (Array.isArray(ports) && ports.every(isPort)) return [...new Set(ports)].sort((a, b) => a - b)
  malformed('`matches.ports` is not a list of port numbers')
  return []
}
