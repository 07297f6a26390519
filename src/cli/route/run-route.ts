import { diagnostic } from '../../diagnostics/catalogue.ts'
import { type Diagnostic, formatDiagnostic } from '../../diagnostics/diagnostic.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import { everyService, givenServices, isService } from '../../manifests/services.ts'
import { validateManifest } from '../../manifests/validate-manifests.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { describePath, groupKind } from '../../mesh/object-reading.ts'
import type { MeshRequest, ServiceDirectory } from '../../mesh/routing.ts'
import { serviceName } from '../../mesh/service.ts'
import type { ServiceRef } from '../../mesh/traffic.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { readFiles, requireNamespace } from '../translate/files-option.ts'
import { allAdapters, requireMesh } from '../translate/mesh-option.ts'
import { decisionJson } from './decision-json.ts'
import { decisionText } from './decision-text.ts'
import { parseHeaders, parseRequest, parseServerName, type TypedRequest } from './parse-request.ts'
import { resolveHost } from './resolve-host.ts'

const clusterDomain = 'cluster.local'
/** Objects without a namespace, whoever asks. */
const objectNamespace = 'default'

/**
 * `ap route`: where a mesh sends a request, by its own rules over its own objects. Objects that a cluster would refuse, hosts
 * that nothing knows and rules that are not modelled to their end go to stderr, and the exit code is 1.
 * Throws a UsageError when the options make no sense.
 */
export async function runRoute(
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const protocol = requireProtocol(options['protocol'])
  const sni = parseServerName(options['sni'])
  if (sni !== undefined && protocol !== 'tcp') throw new UsageError('--sni is for --protocol tcp')
  const mesh = requireMesh('--mesh', options['mesh'], providers)
  const typed = parseRequest(options['request'])
  const headers = parseHeaders(options['header'])
  const from = requireNamespace('--from-namespace', options['fromNamespace'])
  const { manifests, problems } = await readFiles(options['filename'], objectNamespace, io)
  const fail = (found: readonly Diagnostic[]) => {
    for (const line of new Set(found.map(formatDiagnostic))) io.stderr.write(`${line}\n`)
    return exitCode.failed
  }
  const readings = allAdapters(providers).map(({ reading }) => reading)
  const refused = [...problems, ...manifests.flatMap((manifest) => validateManifest(manifest, readings))]
  if (refused.length > 0) return fail(refused)
  const unmodelled = unmodelledKinds(manifests, mesh)
  if (unmodelled.length > 0) return fail(unmodelled)

  const host = findHost(typed, from, manifests, mesh)
  if ('code' in host) return fail([host])
  const { service, directory } = host
  const request =
    sni === undefined ? meshRequest(typed, headers, service, from, protocol) : connection(typed, service, from, sni)
  const objects = manifests
    .map(({ object }) => object)
    .filter((object) => mesh.reading.follows.includes(groupKind(object)))
  const decision = mesh.route(request, objects, directory)
  const unfollowed = (decision.unfollowed ?? []).map(({ object, path }) => {
    const facts = { mesh: mesh.name, object: describeObject(object), what: describePath(path) }
    return diagnostic('AP7203', facts, manifests.find((one) => one.object === object)?.atKey(path))
  })
  if (unfollowed.length > 0) return fail(unfollowed)
  for (const note of undecidedAccess(manifests, mesh)) io.stderr.write(`${formatDiagnostic(note)}\n`)
  const json = decisionJson(decision, protocol)
  const what = sni !== undefined ? `TLS for ${sni}` : protocol === 'tcp' ? 'TCP' : `${request.method} ${request.path}`
  const title = `${what} to ${serviceName(service)}:${request.port} from ${from} on ${mesh.name}`
  io.stdout.write(format === 'json' ? `${JSON.stringify(json, null, 2)}\n` : decisionText(title, decision, json, io))
  return exitCode.ok
}

/** The objects about who may call whom: nobody is told here who calls. */
function undecidedAccess(manifests: readonly Manifest[], { name, reading }: MeshAdapter): Diagnostic[] {
  const among = manifests.map(({ object }) => object)
  const isRead = reading.readsPolicy ?? reading.isPolicy
  return manifests
    .filter(({ object }) => isRead?.(object, among) === true)
    .map(({ object, at }) => diagnostic('AP2252', { mesh: name, object: describeObject(object) }, at(['kind'])))
}

function requireProtocol(asked: unknown): 'http' | 'grpc' | 'tcp' {
  if (asked === 'http' || asked === 'grpc' || asked === 'tcp') return asked
  throw new UsageError(`--protocol ${String(asked)} is not a protocol; there are http, grpc, tcp`)
}

interface Host {
  readonly service: ServiceRef
  readonly directory: ServiceDirectory
}

/** The Service that is asked for; a diagnostic when neither a rule nor a Service has the name. */
function findHost(
  { host, authority, port }: TypedRequest,
  from: string,
  manifests: readonly Manifest[],
  mesh: MeshAdapter,
): Host | Diagnostic {
  const services = manifests.map(({ object }) => object).filter(isService)
  // Where every Service has every port, one that is known by its name is the port that was asked for.
  const anything: ServiceDirectory = { ...everyService, portNamed: () => port }
  const directory = services.length === 0 ? anything : givenServices(manifests.map(({ object }) => object))
  const service = resolveHost(host, from, clusterDomain)
  const known = services.map(describeObject).join(', ') || 'none'
  const isLiterallyNamed = manifests.some(({ object }) => mesh.reading.hosts?.(object).includes(host) === true)
  if (service === undefined) {
    // There is no Service of that name, whatever is given: only a rule can know it.
    const outside = { namespace: from, name: host }
    const ports = (one: ServiceRef) => (one.name === host ? undefined : directory.ports(one))
    if (isLiterallyNamed) return { service: outside, directory: { ...directory, ports } }
    return diagnostic('AP7201', { host: authority, known })
  }
  const isNamed = manifests.some(({ object }) => {
    if (!mesh.reading.follows.includes(groupKind(object))) return false
    return mesh.reading.apexes(object).some((apex) => serviceName(apex) === serviceName(service))
  })
  if (!isNamed && !isLiterallyNamed && directory.ports(service) === undefined)
    return diagnostic('AP7201', { host: authority, known })
  return { service, directory }
}

/** A gRPC call is a POST of HTTP/2 whose path names service and method. */
function meshRequest(
  { method, authority, path, port, query, search }: TypedRequest,
  headers: Readonly<Record<string, string>>,
  service: ServiceRef,
  from: string,
  protocol: 'http' | 'grpc' | 'tcp',
): MeshRequest {
  if (protocol === 'tcp') return connection({ port }, service, from)
  const grpc = protocol === 'grpc'
  return {
    service,
    port,
    method: grpc ? 'POST' : method,
    path,
    headers: { host: authority, ...(grpc && { 'content-type': 'application/grpc', te: 'trailers' }), ...headers },
    query,
    ...(search !== '' && { search }),
    from,
  }
}

/** Of a connection nothing is known but where it goes to and, of TLS, the server name. */
function connection(
  { port }: Pick<TypedRequest, 'port'>,
  service: ServiceRef,
  from: string,
  sni?: string,
): MeshRequest {
  const spoken = sni === undefined ? { protocol: 'tcp' as const } : { protocol: 'tls' as const, sni }
  return { service, port, ...spoken, method: '', path: '', headers: {}, query: {}, from }
}

/** Routes of kinds that the mesh follows and this program does not. */
function unmodelledKinds(manifests: readonly Manifest[], mesh: MeshAdapter): Diagnostic[] {
  const unmodelled = mesh.reading.unmodelled
  return manifests
    .filter(({ object }) => unmodelled.includes(groupKind(object)))
    .map(({ object, at }) => diagnostic('AP7204', { mesh: mesh.name, object: describeObject(object) }, at(['kind'])))
}
