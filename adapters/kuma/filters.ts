import { type Fields, fieldsOf, listOf, numberOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { UnreadField } from '../../src/mesh/object-reading.ts'
import { fullPath, headerFilters, newPrefixOf, rewriteFilters } from '../../src/mesh/route-filters.ts'
import type { HeaderChanges, Mirror, Redirect, Treatment } from '../../src/mesh/treatment.ts'
import { readBackendRef } from './mesh-http-route.ts'

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
}

/** The filters of a rule for a port of the apex; retries, timeouts and faults are none. */
export function writeFilters(treatment: Treatment, port: number): object[] {
  const { mirrors = [], redirect, ...rest } = normalTreatment(treatment)
  if (redirect !== undefined) return [{ type: 'RequestRedirect', requestRedirect: writeRedirect(redirect, port) }]
  return [
    ...headerFilters(rest),
    ...mirrors.map((mirror) => ({ type: 'RequestMirror', requestMirror: writeMirror(mirror) })),
    ...rewriteFilters(rest),
  ]
}

/** Reads the filters of a rule for one port of the apex; `namespace` is that of the route. Of several of one kind the last counts. */
export function readFilters(filters: readonly unknown[], port: number, namespace: string): ReadFilters {
  const strange: StrangeFilter[] = []
  const mirrors: Mirror[] = []
  let treatment: Treatment = {}
  let newPrefix: string | undefined
  for (const [index, filter] of filters.map(fieldsOf).entries()) {
    const type = String(textOf(filter['type']))
    const foreign = (...field: readonly string[]) =>
      strange.push({ what: `the filter ${type}`, path: ['default', 'filters', index, ...field] })
    const prefixed = (path: unknown, field: string) => {
      newPrefix = newPrefixOf(path)
      if (newPrefix === undefined) return
      strange.push({ what: `the filter ${type}`, path: ['default', 'filters', index, field, 'path'], routed: true })
    }
    if (type === 'RequestHeaderModifier')
      treatment = { ...treatment, requestHeaders: readChanges(filter['requestHeaderModifier']) }
    else if (type === 'ResponseHeaderModifier')
      treatment = { ...treatment, responseHeaders: readChanges(filter['responseHeaderModifier']) }
    else if (type === 'RequestRedirect') {
      const fields = fieldsOf(filter['requestRedirect'])
      treatment = { ...treatment, redirect: readRedirect(fields, port) }
      prefixed(fields['path'], 'requestRedirect')
    } else if (type === 'URLRewrite') {
      const fields = fieldsOf(filter['urlRewrite'])
      const host = textOf(fields['hostname'])
      const path = textOf(fieldsOf(fields['path'])['replaceFullPath'])
      const rewrite = { ...(host !== undefined && { host }), ...(path !== undefined && { path }) }
      treatment = { ...treatment, rewrite }
      prefixed(fields['path'], 'urlRewrite')
      if (fields['hostToBackendHostname'] === true) foreign('urlRewrite', 'hostToBackendHostname')
    } else if (type === 'RequestMirror') {
      const mirror = readMirror(fieldsOf(filter['requestMirror']), namespace)
      if (mirror === undefined) foreign()
      else mirrors.push(mirror)
    } else foreign()
  }
  return {
    treatment: normalTreatment({ ...treatment, mirrors }),
    ...(newPrefix !== undefined && { newPrefix }),
    strange,
  }
}

function readChanges(value: unknown): HeaderChanges {
  const { set, add, remove } = fieldsOf(value)
  const map = (entries: unknown) =>
    Object.fromEntries(
      listOf(entries)
        .map(fieldsOf)
        .map((entry) => [(textOf(entry['name']) ?? '').toLowerCase(), textOf(entry['value']) ?? '']),
    )
  return { set: map(set), add: map(add), remove: textsOf(remove) }
}

/** A share is a number or, with decimals, a text; all requests are copied without one. */
function writeMirror({ service, port, percent }: Mirror): object {
  return {
    backendRef: { kind: 'MeshService', name: service.name, namespace: service.namespace, port },
    ...(percent < 100 && { percentage: Number.isInteger(percent) ? percent : String(percent) }),
  }
}

/** Undefined when it goes to something that is not a port of a Service. */
function readMirror({ backendRef, percentage }: Fields, namespace: string): Mirror | undefined {
  const { service, port } = readBackendRef(backendRef, namespace)
  if (service === undefined || port === undefined) return undefined
  const percent = Number(typeof percentage === 'string' || typeof percentage === 'number' ? percentage : 100)
  return Number.isFinite(percent) ? { service, port, percent } : undefined
}

/** The port is always said: without it, what Envoy sends depends on the host the client asked for. */
function writeRedirect({ scheme, host, port, path, status }: Redirect, requestPort: number): object {
  return {
    ...(scheme !== undefined && { scheme }),
    ...(host !== undefined && { hostname: host }),
    port: port ?? (scheme === undefined ? requestPort : schemePort(scheme)),
    ...(path !== undefined && { path: fullPath(path) }),
    statusCode: status,
  }
}

function readRedirect(fields: Fields, requestPort: number): Redirect {
  const scheme = fields['scheme'] === 'http' || fields['scheme'] === 'https' ? fields['scheme'] : undefined
  const host = textOf(fields['hostname'])
  const path = textOf(fieldsOf(fields['path'])['replaceFullPath'])
  const port = numberOf(fields['port']) ?? portLeftOut(scheme, host, requestPort)
  return {
    ...(scheme !== undefined && { scheme }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(path !== undefined && { path }),
    status: numberOf(fields['statusCode']) ?? 302,
  }
}

/**
 * The port of a Location for which none is given (Envoy's RouteEntryImplBase::newUri): another host has the scheme's own;
 * otherwise that of the request stays, but for the old scheme's when the scheme changes.
 */
function portLeftOut(scheme: Redirect['scheme'], host: string | undefined, requestPort: number): number | undefined {
  if (host !== undefined) return schemePort(scheme ?? 'http')
  return scheme === 'https' && requestPort === 80 ? undefined : requestPort
}

function schemePort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80
}
