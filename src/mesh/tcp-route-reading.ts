import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { isFields, otherFields } from './fields.ts'
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
