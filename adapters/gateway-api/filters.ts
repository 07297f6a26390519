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
import { normalHeaders } from '../../src/mesh/header-changes.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { UnreadField } from '../../src/mesh/object-reading.ts'
import { fullPath, headerFilters, newPrefixOf, rewriteFilters } from '../../src/mesh/route-filters.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import type { HeaderChanges, Mirror, Redirect, Treatment } from '../../src/mesh/treatment.ts'

/** What the filters of a rule do, and what of them the neutral model has no words for. */
export interface ReadFilters {
  readonly treatment: Treatment
  /** What takes the place of the prefix that was matched, which the neutral model has no words for. */
  readonly newPrefix?: string
  readonly strange: readonly StrangeFilter[]
}

export interface StrangeFilter extends UnreadField {
  /** Routing follows it all the same. */
  readonly routed?: true
  /** It is about requests that name an origin. */
  readonly ofOrigins?: true
}

/** The filters of a rule for a treatment; delays, aborts, retries and timeouts are none. */
export function writeFilters(treatment: Treatment, namespace: string): object[] {
  const { mirrors = [], redirect, ...rest } = normalTreatment(treatment)
  if (redirect !== undefined) return [{ type: 'RequestRedirect', requestRedirect: writeRedirect(redirect) }]
  return [
    ...headerFilters(rest),
    ...mirrors.map((mirror) => ({ type: 'RequestMirror', requestMirror: writeMirror(mirror, namespace) })),
    ...rewriteFilters(rest),
  ]
}

/** Reads the filters of a rule of a route in `namespace`. Of several of one kind, where that is not allowed, the last counts. */
export function readFilters(filters: readonly Fields[], namespace: string): ReadFilters {
  const strange: StrangeFilter[] = []
  const mirrors: Mirror[] = []
  let treatment: Treatment = {}
  let newPrefix: string | undefined
  for (const [index, filter] of filters.entries()) {
    const type = String(filter['type'])
    const foreign = () => {
      const ofOrigins = type === 'CORS' && { ofOrigins: true as const }
      strange.push({ what: `the filter ${type}`, path: ['filters', index], ...ofOrigins })
    }
    const prefixed = (fields: Fields, field: string) => {
      newPrefix = newPrefixOf(fields['path'])
      const isRouted = newPrefix !== undefined && { routed: true as const }
      if (isPrefixed(fields))
        strange.push({ what: `the filter ${type}`, path: ['filters', index, field, 'path'], ...isRouted })
    }
    if (type === 'RequestHeaderModifier')
      treatment = { ...treatment, requestHeaders: readChanges(filter['requestHeaderModifier']) }
    else if (type === 'ResponseHeaderModifier')
      treatment = { ...treatment, responseHeaders: readChanges(filter['responseHeaderModifier']) }
    else if (type === 'RequestRedirect') {
      const fields = fieldsOf(filter['requestRedirect'])
      treatment = { ...treatment, redirect: readRedirect(fields) }
      prefixed(fields, 'requestRedirect')
    } else if (type === 'URLRewrite') {
      const fields = fieldsOf(filter['urlRewrite'])
      const host = textOf(fields['hostname'])
      const path = textOf(fieldsOf(fields['path'])['replaceFullPath'])
      treatment = {
        ...treatment,
        rewrite: { ...(host !== undefined && { host }), ...(path !== undefined && { path }) },
      }
      prefixed(fields, 'urlRewrite')
    } else if (type === 'RequestMirror') {
      const mirror = readMirror(fieldsOf(filter['requestMirror']), namespace)
      if (mirror === undefined) foreign()
      else mirrors.push(mirror)
    } else foreign()
  }
  const { redirect, responseHeaders } = treatment
  const answered = redirect && responseHeaders && normalHeaders(responseHeaders)
  if (answered !== undefined) {
    const index = filters.findIndex(({ type }) => type === 'ResponseHeaderModifier')
    strange.push({ what: 'changed headers of a redirect', path: ['filters', index], routed: true })
  }
  return {
    treatment: { ...normalTreatment({ ...treatment, mirrors }), ...(answered && { responseHeaders: answered }) },
    ...(newPrefix !== undefined && { newPrefix }),
    strange,
  }
}

/** Of several entries for one name the first counts. */
function readChanges(value: unknown): HeaderChanges {
  const { set, add, remove } = fieldsOf(value)
  const map = (entries: unknown) =>
    Object.fromEntries(
      listOf(entries)
        .map(fieldsOf)
        .toReversed()
        .map((entry) => [(textOf(entry['name']) ?? '').toLowerCase(), textOf(entry['value']) ?? '']),
    )
  return { set: map(set), add: map(add), remove: textsOf(remove) }
}

/** Without a share where all requests are meant, so that versions before v1.3 take it as well. */
function writeMirror({ service, port, percent }: Mirror, namespace: string): object {
  const share = Number.isInteger(percent)
    ? { percent }
    : { fraction: { numerator: Math.round(percent * 10_000), denominator: 1_000_000 } }
  return {
    backendRef: { name: service.name, ...(service.namespace !== namespace && { namespace: service.namespace }), port },
    ...(percent < 100 && share),
  }
}

/** Undefined when it goes to something that is not a port of a Service. */
function readMirror({ backendRef, percent, fraction }: Fields, namespace: string): Mirror | undefined {
  const { group = '', kind = 'Service', name, namespace: owner, port } = fieldsOf(backendRef)
  if ((group !== '' && group !== 'core') || kind !== 'Service' || typeof name !== 'string') return undefined
  if (typeof port !== 'number') return undefined
  const service: ServiceRef = { namespace: textOf(owner) ?? namespace, name }
  const { numerator, denominator } = fieldsOf(fraction)
  if (!isFields(fraction)) return { service, port, percent: numberOf(percent) ?? 100 }
  return { service, port, percent: ((numberOf(numerator) ?? 0) * 100) / (numberOf(denominator) ?? 100) }
}

function isPrefixed(fields: Fields): boolean {
  return (
    fieldsOf(fields['path'])['type'] === 'ReplacePrefixMatch' ||
    otherFields(fieldsOf(fields['path']), ['type', 'replaceFullPath']).length > 0
  )
}

/** A port that is left out means what it means in the neutral model. */
function writeRedirect({ scheme, host, port, path, status }: Redirect): object {
  return {
    ...(scheme !== undefined && { scheme }),
    ...(host !== undefined && { hostname: host }),
    ...(port !== undefined && { port }),
    ...(path !== undefined && { path: fullPath(path) }),
    statusCode: status,
  }
}

function readRedirect(fields: Fields): Redirect {
  const scheme = fields['scheme'] === 'http' || fields['scheme'] === 'https' ? fields['scheme'] : undefined
  const host = textOf(fields['hostname'])
  const port = numberOf(fields['port'])
  const path = textOf(fieldsOf(fields['path'])['replaceFullPath'])
  return {
    ...(scheme !== undefined && { scheme }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(path !== undefined && { path }),
    status: numberOf(fields['statusCode']) ?? 302,
  }
}
