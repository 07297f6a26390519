import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import type { UnfollowedField } from '../../src/mesh/routing.ts'
import { hostOf } from './hosts.ts'
import { isExported } from './selection.ts'

/** VirtualServices with what they delegate to in its place, and where the routes that came in so stood. */
export interface Delegated {
  readonly objects: readonly KubeObject[]
  /** A field of one of `objects` where it was given; one that came in from a delegate is where that is named. */
  original(field: UnfollowedField): UnfollowedField
  /** Entries of `http` that name a delegate which is not there or not visible: pilot leaves them out. */
  readonly missing: readonly { readonly root: KubeObject; readonly index: number }[]
}

/**
 * Puts the routes of delegates in the place of the routes that delegate to them, as pilot does before it looks at anything else
 * (pilot/pkg/model/virtualservice.go, mergeVirtualServicesIfNeeded): each of the delegate with the conditions of both. Left out are
 * those whose conditions exclude each other by pilot's rules, and routes whose delegate is not there or not visible.
 */
export function withDelegates(objects: readonly KubeObject[], clusterDomain: string): Delegated {
  const services = objects.filter(
    ({ apiVersion, kind }) => kind === 'VirtualService' && apiVersion.startsWith('networking.istio.io/'),
  )
  const origins = new Map<KubeObject, { readonly object: KubeObject; readonly entries: readonly Entry[] }>()
  const missing: { root: KubeObject; index: number }[] = []
  const merged = objects.map((object) => {
    const http = listOf(fieldsOf(object.spec)['http']).map(fieldsOf)
    if (!services.includes(object) || !http.some(({ delegate }) => isFields(delegate))) return object
    const routes = http.flatMap((route, index) => {
      if (!isFields(route['delegate'])) return [{ route: named(route, index), index, isDelegated: false }]
      const delegate = delegateOf(route['delegate'], object, services)
      if (delegate === undefined) missing.push({ root: object, index })
      return mergeRoutes(route, delegate, clusterDomain).map((one) => ({
        route: named(one, index),
        index,
        isDelegated: true,
      }))
    })
    const whole = { ...object, spec: { ...fieldsOf(object.spec), http: routes.map(({ route }) => route) } }
    origins.set(whole, { object, entries: routes })
    return whole
  })
  return {
    objects: merged,
    missing,
    original(field) {
      const origin = origins.get(field.object)
      if (origin === undefined) return field
      const { object, entries } = origin
      const [, section, index, ...rest] = field.path
      const entry = section === 'http' && typeof index === 'number' ? entries[index] : undefined
      if (entry === undefined) return { object, path: field.path }
      return { object, path: ['spec', 'http', entry.index, ...(entry.isDelegated ? ['delegate'] : rest)] }
    },
  }
}

/** Whether an object is a VirtualService to which another one among these delegates: then its routes are those of the other. */
export function isDelegate(object: KubeObject, among: readonly KubeObject[]): boolean {
  return among.some((root) =>
    listOf(fieldsOf(root.spec)['http'])
      .map((route) => fieldsOf(route)['delegate'])
      .some((delegate) => isFields(delegate) && delegateOf(delegate, root, [object]) === object),
  )
}

/** The entry of `http` that a route comes from. */
interface Entry {
  readonly index: number
  readonly isDelegated: boolean
}

/** A route without a name goes by its place in the VirtualService of the host. */
function named(route: Fields, index: number): Fields {
  return { ...route, name: textOf(route['name']) || String(index) }
}

function delegateOf(
  { name, namespace }: Fields,
  root: KubeObject,
  services: readonly KubeObject[],
): KubeObject | undefined {
  const own = root.metadata.namespace ?? 'default'
  const owner = textOf(namespace) || own
  return services.find(({ metadata, spec }) => {
    const fields = fieldsOf(spec)
    if (metadata.name !== name || (metadata.namespace ?? 'default') !== owner) return false
    return textsOf(fields['hosts']).length === 0 && isExported(textsOf(fields['exportTo']), owner, own)
  })
}

/** Without a delegate there are none. */
function mergeRoutes(root: Fields, delegate: KubeObject | undefined, clusterDomain: string): Fields[] {
  if (delegate === undefined) return []
  const { delegate: _, ...inherited } = root
  const namespace = delegate.metadata.namespace ?? 'default'
  return listOf(fieldsOf(delegate.spec)['http'])
    .map(fieldsOf)
    .flatMap((route): Fields[] => {
      const match = mergeMatches(listOf(root['match']).map(fieldsOf), listOf(route['match']).map(fieldsOf))
      if (match === undefined) return []
      return [
        {
          ...inherited,
          ...withFullHosts(route, namespace, clusterDomain),
          name: bothNames(root['name'], route['name']),
          match,
        },
      ]
    })
}

function bothNames(root: unknown, own: unknown): string {
  return [textOf(root) ?? '', textOf(own) ?? ''].filter((name) => name !== '').join('-')
}

/** Plain names in a delegate are those of its namespace. */
function withFullHosts(route: Fields, namespace: string, clusterDomain: string): Fields {
  const full = (value: unknown): unknown => {
    const fields = fieldsOf(value)
    const host = textOf(fields['host']) ?? ''
    return host === '' || host.includes('.')
      ? value
      : { ...fields, host: hostOf({ namespace, name: host }, clusterDomain) }
  }
  const inside = (value: unknown) =>
    listOf(value).map((entry) => ({ ...fieldsOf(entry), destination: full(fieldsOf(entry)['destination']) }))
  return {
    ...route,
    ...('route' in route && { route: inside(route['route']) }),
    ...('mirrors' in route && { mirrors: inside(route['mirrors']) }),
    ...('mirror' in route && { mirror: full(route['mirror']) }),
  }
}

/** Undefined where one of the delegate's matches agrees with none of the root's: then its whole route is left out. */
function mergeMatches(root: readonly Fields[], own: readonly Fields[]): readonly Fields[] | undefined {
  if (root.length === 0) return own
  if (own.length === 0) return root
  const merged = own.map((match) => root.filter((outer) => !conflict(outer, match)).map((outer) => both(outer, match)))
  return merged.some((ways) => ways.length === 0) ? undefined : merged.flat()
}

const stringConditions = ['uri', 'scheme', 'method', 'authority']
const namedConditions = ['headers', 'withoutHeaders', 'queryParams']

function both(root: Fields, own: Fields): Fields {
  const maps = [...namedConditions, 'sourceLabels'].flatMap((field) =>
    field in root || field in own ? [[field, { ...fieldsOf(root[field]), ...fieldsOf(own[field]) }]] : [],
  )
  return { ...root, ...own, ...Object.fromEntries(maps) }
}

/** Whether the conditions of a delegate are no part of those of its root (hasConflict). */
function conflict(root: Fields, own: Fields): boolean {
  const strings = stringConditions.some((field) => excludes(root[field], own[field]))
  const inMaps = namedConditions.some((field) =>
    Object.entries(fieldsOf(own[field])).some(([name, condition]) => excludes(fieldsOf(root[field])[name], condition)),
  )
  const [port, ownPort] = [numberOf(root['port']) ?? 0, numberOf(own['port']) ?? 0]
  const namespace = textOf(root['sourceNamespace']) ?? ''
  const labels = Object.entries(fieldsOf(own['sourceLabels'])).some(([name, value]) => {
    const outer = fieldsOf(root['sourceLabels'])[name]
    return outer !== undefined && outer !== value
  })
  const [gateways, ownGateways] = [textsOf(root['gateways']), textsOf(own['gateways'])]
  return (
    strings ||
    inMaps ||
    labels ||
    (root['ignoreUriCase'] === true) !== (own['ignoreUriCase'] === true) ||
    (port > 0 && ownPort > 0 && port !== ownPort) ||
    (namespace !== '' && own['sourceNamespace'] !== namespace) ||
    (gateways.length > 0 && ownGateways.some((one) => !gateways.includes(one)))
  )
}

/** Pilot compares prefixes with prefixes and exact values, and takes nothing beside an expression (stringMatchConflict). */
function excludes(root: unknown, own: unknown): boolean {
  if (!isFields(root) || !isFields(own)) return false
  const prefix = textOf(root['prefix']) ?? ''
  const exact = textOf(root['exact']) ?? ''
  const ownExact = textOf(own['exact']) ?? ''
  const ownPrefix = textOf(own['prefix']) ?? ''
  if (exact !== '') return ownExact !== exact
  if (prefix === '' || (ownExact === '' && ownPrefix === '')) return true
  return !(ownPrefix || ownExact).startsWith(prefix)
}
