import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic, SourcePosition } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import { describeValue, fieldsOf, isFields, listOf, textOf } from '../mesh/fields.ts'
import type { MergeDiagnostic, TrafficRequest } from '../mesh/merge.ts'
import { type FieldPath, groupKind } from '../mesh/object-reading.ts'
import { apexOutputs, type NeutralOutputs, outputKinds, type TrafficSplit } from '../mesh/outputs.ts'
import { smiService } from '../mesh/smi-service.ts'
import { parseWeight, wholeWeights } from '../mesh/weight.ts'
import { describeObject, type Manifest } from './manifest.ts'
import { namedField } from './named-field.ts'

/** Where neutral outputs written as documents belong to: `apiVersion: mesh-autopilot.dev/v1`. */
const neutralGroup = 'mesh-autopilot.dev'
/** Outputs by the kinds of their documents. Those about workloads are not about the requests to a Service. */
const neutralKinds: ReadonlyMap<string, keyof NeutralOutputs> = new Map(
  [...apexOutputs, 'httproutegroups' as const, 'tcproutes' as const].map((output) => [
    `${neutralGroup}/${outputKinds[output]}`,
    output,
  ]),
)
/** The apiVersion of neutral documents of a kind; undefined where there are none. */
export function neutralVersionOf(kind: string): string | undefined {
  return Object.values<string>(outputKinds).includes(kind) ? `${neutralGroup}/v1` : undefined
}

/** The versions of a document's kind, if it is one of the neutral ones. */
export function neutralVersions(kind: string): readonly string[] | undefined {
  return kind.startsWith(`${neutralGroup}/`) ? ['v1'] : undefined
}

const smiSplit = 'split.smi-spec.io/TrafficSplit'
const smiGroup = 'specs.smi-spec.io/HTTPRouteGroup'
const smiTcpRoute = 'specs.smi-spec.io/TCPRoute'

/** What the catalogue says to authors of workers, said to authors of files. */
const addGroup = { remedy: 'Add the HTTPRouteGroup to the files, in the namespace of the split.' }
const remedies: Readonly<Record<string, string>> = {
  AP2104: 'Correct the object: a cluster may store it, and no mesh can follow it.',
  AP2105: 'Add the Service to the files, or correct `service`.',
  AP2107: 'Give it at least one backend, or take the split away.',
  AP2112: addGroup.remedy,
  AP2162: 'Add the TCPRoute to the files, in the namespace of the split.',
}

/** Whether an object is a split, a route group or a TCPRoute, in SMI's words or in the neutral ones, or a neutral policy. */
export function isSplitDocument(object: KubeObject): boolean {
  const kind = groupKind(object)
  return neutralKinds.has(kind) || [smiSplit, smiGroup, smiTcpRoute].includes(kind)
}

/** Whether a split is SMI's, whose order among others is not defined. */
export function isSmi(object: KubeObject): boolean {
  return groupKind(object) === smiSplit
}

/** Splits and groups as what a resource each asks for, with the way back from a diagnostic to the place in the file. */
export interface SplitRequests {
  readonly requests: readonly TrafficRequest[]
  /** What is wrong with references before anything is merged. */
  readonly problems: readonly Diagnostic[]
  /** The document a source stands for. */
  originOf(source: string): Manifest | undefined
  /** A diagnostic of the merge in the words and at the place of its document. */
  located(problem: MergeDiagnostic): Diagnostic
}

/**
 * Reads splits, route groups and neutral policies. References of SMI's splits are resolved here, as the names of its objects may have dots; the
 * neutral ones are left to the merge. Documents keep their order.
 */
export function readSplits(manifests: readonly Manifest[]): SplitRequests {
  const documents = manifests.filter(({ object }) => isSplitDocument(object))
  const problems: Diagnostic[] = []
  const origins = new Map<string, Manifest>()
  const requests = documents.flatMap((manifest, index): TrafficRequest[] => {
    const outputs = outputsOf(manifest, documents, problems)
    if (outputs === undefined) return []
    // Sorted by their text, sources keep the order of the documents.
    const source = `#${String(index).padStart(6, '0')}`
    origins.set(source, manifest)
    const namespace = manifest.object.metadata.namespace ?? 'default'
    return [{ source, namespace, outputs, faultBackends: isSmi(manifest.object) }]
  })
  return {
    requests,
    problems,
    originOf: (source) => origins.get(source),
    located(problem) {
      const origin = origins.get(problem.sources.at(-1) ?? '')
      const { code } = problem
      const remedy = remedies[code] ?? problem.remedy
      const said = [...origins.keys()].reduce((text, source) => text.replaceAll(`${source}: `, ''), problem.message)
      // One whose name cannot be told is called by its place in a list, which a document has not.
      const message = origin ? said.replace(/^[a-z]+\[0\] /, `${describeObject(origin.object)} `) : said
      return { code, message, remedy, ...(origin && { position: placeOf(problem, origin) }) }
    },
  }
}

function outputsOf(
  manifest: Manifest,
  documents: readonly Manifest[],
  problems: Diagnostic[],
): NeutralOutputs | undefined {
  const { object } = manifest
  const kind = groupKind(object)
  const output = neutralKinds.get(kind)
  if (output !== undefined) return { [output]: [named(object)] }
  if (kind === smiTcpRoute) return smiTcpRouteOutputs(object)
  return kind === smiSplit ? smiOutputs(manifest, documents, problems) : undefined
}

/** A neutral output of which nobody has checked the fields yet: the merge does, as it does for what workers return. */
function named({ metadata: { name, namespace }, spec }: KubeObject): object {
  return { ...fieldsOf(spec), name, namespace }
}

/** It had no ports before v1alpha4, which then are all. One with a dot in its name is of access rules: no split can name it. */
function smiTcpRouteOutputs(object: KubeObject): NeutralOutputs | undefined {
  const { name } = object.metadata
  const ports = { matches: { ports: [] } }
  return name.includes('.') ? undefined : { tcproutes: [{ name, ...ports, ...named(object) }] }
}

function smiOutputs(
  { object, at }: Manifest,
  documents: readonly Manifest[],
  problems: Diagnostic[],
): NeutralOutputs | undefined {
  const { name, namespace = 'default' } = object.metadata
  const { service, backends, matches } = fieldsOf(object.spec)
  const apex = smiService(textOf(service) ?? '', namespace)
  if (apex === undefined) {
    const facts = { object: describeObject(object), service: textOf(service) ?? '', namespace }
    problems.push(diagnostic('AP7140', facts, at(['spec', 'service'])))
    return undefined
  }
  const references = listOf(matches).map((reference) => textOf(fieldsOf(reference)['name']) ?? '')
  const groups = documents.filter(
    (one) => groupKind(one.object) === smiGroup && one.object.metadata.namespace === namespace,
  )
  const missing = references.flatMap((group, index) => {
    if (groups.some((one) => one.object.metadata.name === group)) return []
    const known = groups.map((one) => one.object.metadata.name).join(', ') || 'none'
    const facts = { output: describeObject(object), group, known }
    return [{ ...diagnostic('AP2112', facts, at(['spec', 'matches', index])), ...addGroup }]
  })
  problems.push(...missing)
  if (missing.length > 0) return undefined
  const conditions = references.flatMap((group) => {
    const found = groups.find((one) => one.object.metadata.name === group)?.object
    return listOf(isFields(found?.spec) ? found.spec['matches'] : found?.['matches']).map(withCondition)
  })
  const split = {
    name: ruleName(name, apex),
    namespace,
    service: apex,
    // Without groups it is a plain split; groups without a match take nothing.
    ...(references.length > 0 && { matches: conditions }),
    backends: smiBackends(backends),
  }
  return { trafficsplits: [split as TrafficSplit] }
}

/** Thousandths of what people write for a whole soon come to more than a neutral weight may be. */
const largestWeight = 1_000_000

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}

/** The backends with whole weights; those of one that is named twice add up. */
function smiBackends(backends: unknown): { service: unknown; weight: number }[] {
  const entries = listOf(backends).map(fieldsOf)
  const weights = wholeWeights(entries.map(({ weight }) => parseWeight(weight) ?? 0))
  const byService = new Map<unknown, number>()
  for (const [index, { service }] of entries.entries())
    byService.set(service, (byService.get(service) ?? 0) + (weights[index] ?? 0))
  const sums = [...byService.values()]
  const divisor = Math.max(...sums) > largestWeight ? sums.reduce(greatestDivisor) : 1
  return [...byService].map(([service, weight]) => ({ service, weight: weight / divisor }))
}

/** SMI's match without a condition takes every request; a neutral one has to say so. */
function withCondition(match: unknown): unknown {
  const { pathRegex, methods, headers } = fieldsOf(match)
  const isOpen = (condition: unknown) => listOf(condition).length === 0 && Object.keys(fieldsOf(condition)).length === 0
  if (pathRegex !== undefined || !isOpen(headers)) return match
  return isOpen(methods) || listOf(methods).includes('*') ? { ...fieldsOf(match), pathRegex: '.*' } : match
}

/** Names of objects may have dots and be long; those of rules are labels. `web.beta` of the service `web` is `beta`. */
function ruleName(name: string, apex: string): string {
  const own = name.startsWith(`${apex}.`) ? name.slice(apex.length + 1) : name
  return own.replaceAll('.', '-').slice(0, 56).replace(/-+$/, '')
}

/** Where that field stands; of one that is unknown, its name. */
function placeOf(problem: Diagnostic, { object, at, atKey }: Manifest): SourcePosition {
  const field = fieldOf(problem, object)
  return /has the unknown field/.test(problem.message) ? atKey(field) : at(field)
}

/** The field of a document that a diagnostic of the merge is about, as near as its code and text tell. */
function fieldOf({ code, message }: Diagnostic, object: KubeObject): FieldPath {
  if (['AP2105', 'AP2115', 'AP2119'].includes(code)) return ['spec', 'service']
  const named = namedField(message, object.spec)
  if (named.length > 1 && !/\b(backends|matches)\b/.test(String(named[1]))) return named
  if (code === 'AP2109') {
    const backends = listOf(fieldsOf(object.spec)['backends']).map(fieldsOf)
    const index = backends.findIndex(({ service }) => message.includes(` gives ${describeValue(service)} the weight`))
    return index < 0 ? ['spec', 'backends'] : ['spec', 'backends', index, 'weight']
  }
  if (named.length > 2) return named
  if (['AP2107', 'AP2108', 'AP2110'].includes(code)) return ['spec', 'backends']
  if (['AP2112', 'AP2113', 'AP2114', 'AP2118', 'AP2160', 'AP2161', 'AP2162'].includes(code)) {
    const entries = listOf(fieldsOf(object.spec)['matches']).map(fieldsOf)
    const index = entries.findIndex(({ name }) => typeof name === 'string' && message.includes(` ${name},`))
    return ['spec', 'matches', ...(index < 0 ? [] : [index])]
  }
  return code === 'AP2117' ? ['metadata', 'name'] : named
}
