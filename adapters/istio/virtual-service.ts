import type { KubeObject } from '../../src/kube/object.ts'
import {
  type Fields,
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  otherFields,
  textOf,
  textsOf,
} from '../../src/mesh/fields.ts'
import type { StringMatch } from '../../src/mesh/match.ts'
import type { FieldPath } from '../../src/mesh/object-reading.ts'
import { remembered } from '../../src/mesh/remembered.ts'
import { treatmentFields, unknownTreatment } from './treatment.ts'

/** `{}` in a StringMatch means that the header or parameter is there. */
export type IstioMatch = StringMatch | { readonly present: true }

/** One HTTPMatchRequest: all conditions have to hold. */
export interface MatchRequest {
  readonly port: number | undefined
  readonly uri: IstioMatch | undefined
  readonly ignoreUriCase: boolean
  readonly scheme: IstioMatch | undefined
  readonly method: IstioMatch | undefined
  readonly authority: IstioMatch | undefined
  readonly headers: ReadonlyMap<string, IstioMatch>
  readonly withoutHeaders: ReadonlyMap<string, IstioMatch>
  readonly queryParams: ReadonlyMap<string, IstioMatch>
  readonly gateways: readonly string[]
  readonly sourceNamespace: string | undefined
  readonly hasSourceLabels: boolean
  readonly index: number
}

export interface Destination {
  readonly host: string
  readonly subset: string | undefined
  readonly port: number | undefined
  readonly weight: number
  /** Changes for this destination alone. */
  readonly headers: unknown
  /** Fields besides these. */
  readonly others: readonly string[]
}

export interface HttpRoute {
  /** Its place in the list. */
  readonly index: number
  readonly name: string
  /** Empty: the route takes everything. */
  readonly matches: readonly MatchRequest[]
  readonly destinations: readonly Destination[]
  /** Status of a direct response, which takes the place of destinations. */
  readonly answer: number | undefined
  /** The route as it is, for `readTreatment`. */
  readonly fields: Fields
  /** Fields besides these, such as `corsPolicy`. */
  readonly others: readonly FieldPath[]
}

/** One L4MatchAttributes or TLSMatchAttributes. */
export interface ConnectionMatch {
  readonly index: number
  readonly port: number | undefined
  readonly gateways: readonly string[]
  readonly sourceNamespace: string | undefined
  readonly hasSourceLabels: boolean
  /** Empty for TCP. */
  readonly sniHosts: readonly string[]
  /** Conditions besides these, on addresses. */
  readonly others: readonly string[]
}

/** A route of `tcp` or `tls`. */
export interface ConnectionRoute {
  readonly section: 'tcp' | 'tls'
  /** Its place in the list, which is its name as well. */
  readonly index: number
  /** Empty: the route takes every connection. */
  readonly matches: readonly ConnectionMatch[]
  readonly destinations: readonly Destination[]
  readonly others: readonly string[]
}

/** A VirtualService of any of the three served versions, whose fields are the same. */
export interface VirtualService {
  readonly object: KubeObject
  readonly name: string
  readonly namespace: string
  readonly created: string
  readonly hosts: readonly string[]
  readonly gateways: readonly string[]
  readonly exportTo: readonly string[]
  readonly http: readonly HttpRoute[]
  readonly tcp: readonly ConnectionRoute[]
  readonly tls: readonly ConnectionRoute[]
  readonly others: readonly string[]
}

/** The VirtualServices among some objects that speak to sidecars, in Istio's order: the older first, then by name. */
export function readVirtualServices(objects: readonly KubeObject[]): VirtualService[] {
  return objects
    .filter(({ apiVersion, kind }) => kind === 'VirtualService' && apiVersion.startsWith('networking.istio.io/'))
    .map(readVirtualService)
    .filter(({ gateways }) => gateways.length === 0 || gateways.includes('mesh'))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

function sortKey({ created, namespace, name }: VirtualService): string {
  return `${created} ${namespace} ${name}`
}

/** Of every request and every Service that is asked about. */
const readVirtualService = remembered((object: KubeObject): VirtualService => {
  const { metadata, spec } = object
  const fields = fieldsOf(spec)
  return {
    object,
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    // An object without a time is not stored yet, so it is younger than those that are.
    created: metadata.creationTimestamp ?? '~',
    hosts: textsOf(fields['hosts']),
    gateways: textsOf(fields['gateways']),
    exportTo: textsOf(fields['exportTo']),
    http: listOf(fields['http']).map(readRoute),
    tcp: listOf(fields['tcp']).map((route, index) => readConnectionRoute('tcp', route, index)),
    tls: listOf(fields['tls']).map((route, index) => readConnectionRoute('tls', route, index)),
    others: otherFields(fields, ['hosts', 'gateways', 'exportTo', 'http', 'tcp', 'tls']),
  }
})

function readRoute(value: unknown, index: number): HttpRoute {
  const fields = fieldsOf(value)
  const direct = fields['directResponse']
  return {
    index,
    // An empty name is the name that is not there.
    name: textOf(fields['name']) || String(index),
    matches: listOf(fields['match']).map(readMatchRequest),
    destinations: listOf(fields['route']).map(readDestination),
    answer: isFields(direct) ? (numberOf(direct['status']) ?? 200) : undefined,
    fields,
    others: [
      ...otherFields(fields, ['name', 'match', 'route', ...treatmentFields]).map((field) => [field]),
      ...unknownTreatment(fields),
    ],
  }
}

function readConnectionRoute(section: 'tcp' | 'tls', value: unknown, index: number): ConnectionRoute {
  const fields = fieldsOf(value)
  return {
    section,
    index,
    matches: listOf(fields['match']).map((match, position) => {
      const { port, gateways, sourceNamespace, sourceLabels, sniHosts, ...others } = fieldsOf(match)
      return {
        index: position,
        port: numberOf(port) || undefined,
        gateways: textsOf(gateways),
        sourceNamespace: textOf(sourceNamespace),
        hasSourceLabels: Object.keys(fieldsOf(sourceLabels)).length > 0,
        sniHosts: textsOf(sniHosts),
        others: Object.keys(others),
      }
    }),
    destinations: listOf(fields['route']).map(readDestination),
    others: otherFields(fields, ['match', 'route']),
  }
}

function readDestination(value: unknown): Destination {
  const fields = fieldsOf(value)
  const destination = fieldsOf(fields['destination'])
  return {
    host: textOf(destination['host']) ?? '',
    subset: textOf(destination['subset']),
    port: numberOf(fieldsOf(destination['port'])['number']),
    weight: numberOf(fields['weight']) ?? 0,
    headers: fields['headers'],
    others: otherFields(fields, ['destination', 'weight', 'headers']),
  }
}

function readMatchRequest(value: unknown, index: number): MatchRequest {
  const fields = fieldsOf(value)
  return {
    index,
    // 0 is the number that is not there.
    port: numberOf(fields['port']) || undefined,
    uri: readString(fields['uri']),
    ignoreUriCase: fields['ignoreUriCase'] === true,
    scheme: readString(fields['scheme']),
    method: readString(fields['method']),
    authority: readString(fields['authority']),
    headers: readStrings(fields['headers']),
    withoutHeaders: readStrings(fields['withoutHeaders']),
    queryParams: readStrings(fields['queryParams']),
    gateways: textsOf(fields['gateways']),
    sourceNamespace: textOf(fields['sourceNamespace']),
    hasSourceLabels: Object.keys(fieldsOf(fields['sourceLabels'])).length > 0,
  }
}

/** Header names in lower case, as Envoy compares them. */
function readStrings(value: unknown): Map<string, IstioMatch> {
  return new Map(
    Object.entries(fieldsOf(value)).map(([name, condition]) => [name, readString(condition) ?? { present: true }]),
  )
}

function readString(value: unknown): IstioMatch | undefined {
  if (!isFields(value)) return undefined
  const { exact, prefix, regex }: Fields = value
  if (typeof exact === 'string') return { exact }
  if (typeof prefix === 'string') return { prefix }
  // `*` is no expression but pilot's word for presence (canBeConvertedToPresentMatch in pilot/pkg/networking/core/route).
  if (typeof regex === 'string' && regex !== '*') return { regex }
  return { present: true }
}
