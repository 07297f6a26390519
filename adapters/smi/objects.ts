import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { readMatch } from '../../src/mesh/match-reading.ts'
import { smiService } from '../../src/mesh/smi-service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { parseWeight, wholeWeights } from '../../src/mesh/weight.ts'

/** A TrafficSplit of any version with matches resolved through the HTTPRouteGroups beside it. */
export interface Split {
  readonly name: string
  /** Undefined: a plain split. Empty: its groups are missing or unreadable, and it takes nothing. */
  readonly matches: readonly HttpMatch[] | undefined
  readonly backends: readonly { readonly service: ServiceRef; readonly weight: number }[]
  /** What could not be read. */
  readonly problems: readonly string[]
}

/** The splits of one service: those with matches by name, then the plain one that counts, the older or else first by name. */
export function splitsOf(apex: ServiceRef, objects: readonly KubeObject[]): Split[] {
  const splits = objects
    .filter(({ kind, apiVersion, metadata }) => {
      return (
        kind === 'TrafficSplit' && apiVersion.startsWith('split.smi-spec.io/') && metadata.namespace === apex.namespace
      )
    })
    .filter(({ spec }) => smiService(textOf(fieldsOf(spec)['service']) ?? '', apex.namespace) === apex.name)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map((object) => readSplit(object, apex.namespace, objects))
  const matched = splits.filter((split) => !isPlain(split))
  return [...matched.sort((a, b) => (a.name < b.name ? -1 : 1)), ...splits.filter(isPlain)]
}

export function isPlain(split: Split): boolean {
  return split.matches === undefined
}

function sortKey({ metadata }: KubeObject): string {
  return `${metadata.creationTimestamp ?? '~'} ${metadata.name}`
}

function readSplit({ metadata, spec }: KubeObject, namespace: string, objects: readonly KubeObject[]): Split {
  const fields = fieldsOf(spec)
  const problems: string[] = []
  const refs =
    listOf(fields['matches']).length === 0
      ? undefined
      : listOf(fields['matches']).map((ref) => textOf(fieldsOf(ref)['name']) ?? '')
  const matches = refs?.flatMap((name) => groupMatches(name, namespace, objects, problems))
  const entries = listOf(fields['backends']).map(fieldsOf)
  const weights = entries.map(({ weight }) => parseWeight(weight))
  const whole = wholeWeights(weights.map((weight) => weight ?? 0))
  const backends = entries.flatMap((entry, index) => {
    const { service } = entry
    if (typeof service === 'string' && weights[index] !== undefined) {
      return [{ service: { namespace, name: service }, weight: whole[index] ?? 0 }]
    }
    problems.push(`the backend ${JSON.stringify(entry)}`)
    return []
  })
  return { name: metadata.name, matches, backends, problems }
}

/** The matches of a group, in neutral words. Groups before v1alpha3 have them outside of `spec`. */
function groupMatches(
  name: string,
  namespace: string,
  objects: readonly KubeObject[],
  problems: string[],
): HttpMatch[] {
  const group = objects.find(({ kind, apiVersion, metadata }) => {
    return (
      kind === 'HTTPRouteGroup' &&
      apiVersion.startsWith('specs.smi-spec.io/') &&
      metadata.name === name &&
      metadata.namespace === namespace
    )
  })
  if (group === undefined) {
    problems.push(`a reference to the HTTPRouteGroup ${name}, which is not there`)
    return []
  }
  const matches = isFields(group.spec) ? group.spec['matches'] : group['matches']
  return listOf(matches).flatMap((entry, index) => {
    const match = readMatch(entry, `the match ${index} of HTTPRouteGroup ${name}`, {
      malformed: (problem) => problems.push(problem),
      regex: (field, regex, problem) => problems.push(`the expression ${regex} as ${field}: ${problem}`),
    })
    return match === undefined ? [] : [match]
  })
}
