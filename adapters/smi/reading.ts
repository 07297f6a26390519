import type { KubeObject } from '../../src/kube/object.ts'
import type { Claim } from '../../src/mesh/claim.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import { readMatch } from '../../src/mesh/match-reading.ts'
import { type FieldPath, type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { schemaProblems } from '../../src/mesh/object-schema.ts'
import { smiService } from '../../src/mesh/smi-service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { parseWeight } from '../../src/mesh/weight.ts'
import { tcpRoute, trafficTarget } from './access.ts'
import {
  headerMaps,
  routeGroupMatches,
  routeGroupSpec,
  tcpRouteSpec,
  trafficSplitSpec,
  trafficTargetSpec,
} from './schema.ts'

const trafficSplit = 'split.smi-spec.io/TrafficSplit'
const routeGroup = 'specs.smi-spec.io/HTTPRouteGroup'
const splitVersions = ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1alpha4']
const targetVersions = ['v1alpha1', 'v1alpha2', 'v1alpha3']
const groupVersions = ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1alpha4']

export const smiReading: ObjectReading = {
  follows: [trafficSplit, routeGroup],
  unmodelled: [],
  translates: [],
  accompanies: [routeGroup, tcpRoute],
  apexes: (object) => (groupKind(object) === trafficSplit ? apexOf(object) : []),
  isPolicy: (object) => groupKind(object) === trafficTarget,
  validate(object) {
    if (groupKind(object) === trafficTarget) return targetProblems(object)
    if (groupKind(object) === tcpRoute) return tcpRouteProblems(object)
    if (groupKind(object) === trafficSplit) return splitProblems(object)
    return groupKind(object) === routeGroup ? groupProblems(object) : []
  },
}

/** A split of a service is about all of its ports. */
export function claims(object: KubeObject): Claim[] {
  if (groupKind(object) !== trafficSplit) return []
  const because = 'of several splits without matches one counts, and those with matches have no order'
  return apexOf(object).map((service) => ({ service, port: undefined, because }))
}

function apexOf({ metadata: { namespace = 'default' }, spec }: KubeObject): ServiceRef[] {
  const name = smiService(textOf(fieldsOf(spec)['service']) ?? '', namespace)
  return name === undefined ? [] : [{ namespace, name }]
}

function splitProblems({ apiVersion, spec }: KubeObject): FieldProblem[] {
  const version = apiVersion.split('/')[1] ?? ''
  if (!splitVersions.includes(version)) return [unknownVersion(version, splitVersions)]
  const shape = schemaProblems(trafficSplitSpec(version), spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  return listOf(fieldsOf(spec)['backends']).flatMap((backend, index) => {
    const { weight } = fieldsOf(backend)
    if (parseWeight(weight) !== undefined) return []
    const problem = `${JSON.stringify(weight)} is no weight; write a whole number, or thousandths as 500m`
    return [{ path: ['spec', 'backends', index, 'weight'], problem }]
  })
}

/** Groups before v1alpha3 have their matches beside `metadata`. */
function groupProblems(object: KubeObject): FieldProblem[] {
  const version = object.apiVersion.split('/')[1] ?? ''
  if (!groupVersions.includes(version)) return [unknownVersion(version, groupVersions)]
  const isFlat = object.spec === undefined && object['matches'] !== undefined
  const path = isFlat ? ['matches'] : ['spec', 'matches']
  const shape = isFlat
    ? schemaProblems(routeGroupMatches, object['matches'], path)
    : schemaProblems(routeGroupSpec, object.spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  return listOf(isFlat ? object['matches'] : fieldsOf(object.spec)['matches']).flatMap((match, index) => {
    const problems: FieldProblem[] = []
    const at = [...path, index]
    const { headers } = fieldsOf(match)
    if (headers !== undefined && !isFields(headers)) problems.push(...headerProblems(headers, [...at, 'headers']))
    if (problems.length > 0) return problems
    readMatch(match, 'it', {
      malformed: (problem) => problems.push({ path: at, problem }),
      regex: (field, regex, problem) => {
        const place = field.endsWith('.pathRegex') ? ['pathRegex'] : headerPlace(headers, regex)
        problems.push({ path: [...at, ...place], problem: `${JSON.stringify(regex)} is not usable: ${problem}` })
      },
    })
    return problems
  })
}

/** Where an expression for a header stands, of maps with or without a list around them. */
function headerPlace(headers: unknown, regex: string): FieldPath {
  const maps = isFields(headers) ? [{ map: headers, at: ['headers'] }] : listedMaps(headers)
  for (const { map, at } of maps)
    for (const [name, value] of Object.entries(map)) if (value === regex) return [...at, name]
  return ['headers']
}

function listedMaps(headers: unknown): { readonly map: Fields; readonly at: FieldPath }[] {
  return listOf(headers).map((entry, index) => ({ map: fieldsOf(entry), at: ['headers', index] }))
}

/** A list of maps with one key each (smi-sdk-go, crds/httproutegroup.yaml). */
function headerProblems(headers: unknown, path: readonly (string | number)[]): FieldProblem[] {
  const shape = schemaProblems(headerMaps, headers, path)
  if (shape.length > 0) return shape
  return listOf(headers).flatMap((entry, index) => {
    const names = Object.keys(fieldsOf(entry))
    return names.length === 1
      ? []
      : [{ path: [...path, index], problem: `it names ${names.length} headers and has to name one` }]
  })
}

function unknownVersion(version: string, known: readonly string[]): FieldProblem {
  return { path: ['apiVersion'], problem: `there is no version ${version}; there are ${known.join(', ')}` }
}

/** TrafficTargets before v1alpha2 have their fields beside `metadata`. */
function targetProblems(object: KubeObject): FieldProblem[] {
  const version = object.apiVersion.split('/')[1] ?? ''
  if (!targetVersions.includes(version)) return [unknownVersion(version, targetVersions)]
  if (object.spec !== undefined || version !== 'v1alpha1')
    return schemaProblems(trafficTargetSpec(version), object.spec ?? {}, ['spec'])
  const { apiVersion, kind, metadata, status, ...fields } = object
  return schemaProblems(trafficTargetSpec(version), fields, [])
}

/** One before v1alpha4 says nothing but that it is TCP. */
function tcpRouteProblems({ apiVersion, spec }: KubeObject): FieldProblem[] {
  const version = apiVersion.split('/')[1] ?? ''
  if (!groupVersions.includes(version)) return [unknownVersion(version, groupVersions)]
  return spec === undefined && version !== 'v1alpha4' ? [] : schemaProblems(tcpRouteSpec, spec ?? {}, ['spec'])
}
