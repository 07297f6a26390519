import type { ApiRequest, ApiResponse } from './api.ts'
import { aggregatedDiscovery, classicDiscovery } from './discovery.ts'
import { openapiDocument, openapiIndex } from './openapi.ts'
import type { Registry } from './registry.ts'
import { jsonResponse, textResponse } from './response.ts'
import { methodNotAllowed, unknownResource } from './status.ts'

const version = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.4',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'gc',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
}

const aggregated = /application\/json;[^,]*as=APIGroupDiscoveryList/

/** Answers what is not a resource: discovery, OpenAPI, version and health; `undefined` for a path that does not exist. */
export function answerMeta(registry: Registry, request: ApiRequest, pathname: string): ApiResponse | undefined {
  const parts = pathname.split('/').filter((part) => part !== '')
  if (pathname.includes('//')) return undefined
  const [root, second] = parts
  if (request.method !== 'GET' && isReadOnly(registry, parts)) throw methodNotAllowed()
  if (root === 'healthz' || root === 'readyz' || root === 'livez') return textResponse(200, 'ok')
  if (root === 'version' && second === undefined) return json(version)
  if (root === 'openapi') return second === 'v3' ? openapiV3(registry, parts.slice(2)) : openapiV2(request)
  if (root === 'api' || root === 'apis') return discovery(registry, request, parts)
  return parts.length === 0
    ? json({ paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] })
    : undefined
}

/** Whether a document that is there can only be got. The lists of groups are answered to any method. */
function isReadOnly(registry: Registry, [root = '', group, version, ...more]: readonly string[]): boolean {
  if (root === 'version') return group === undefined
  if (root === 'api') return group === undefined || (group === 'v1' && version === undefined)
  return root === 'apis' && version !== undefined && more.length === 0 && registry.isBuiltin(group ?? '', version)
}

/** The answer for a path where nothing is: a Status below what Kubernetes itself serves, text elsewhere. */
export function answerNothing(registry: Registry, pathname: string): ApiResponse {
  const [root, group = ''] = pathname.split('/').filter((part) => part !== '')
  const below = root === 'api' || (root === 'apis' && group !== '' && registry.isBuiltin(group))
  if (below && !pathname.startsWith('//')) throw unknownResource()
  return textResponse(404, '404 page not found\n')
}

function json(value: unknown): ApiResponse {
  return jsonResponse(200, JSON.stringify(value))
}

function discovery(registry: Registry, { headers }: ApiRequest, parts: readonly string[]): ApiResponse | undefined {
  const accept = headers?.accept ?? ''
  if (parts.length === 1 && aggregated.test(accept)) {
    const wanted = accept.includes('v=v2,') || /v=v2(?:;|,|$)/.test(accept) ? 'v2' : 'v2beta1'
    const body = JSON.stringify(aggregatedDiscovery(registry, parts[0] === 'api', wanted))
    const type = `application/json;g=apidiscovery.k8s.io;v=${wanted};as=APIGroupDiscoveryList`
    return { status: 200, headers: { 'content-type': type, vary: 'Accept' }, body }
  }
  const found = classicDiscovery(registry, parts, headers?.host ?? 'localhost')
  return found === undefined ? undefined : json(found)
}

function openapiV3(registry: Registry, parts: readonly string[]): ApiResponse | undefined {
  const [root, first, second, ...more] = parts
  if (root === undefined) return json(openapiIndex(registry, (path) => String(path.length)))
  if (more.length > 0 || first === undefined) return undefined
  const document =
    root === 'api' ? openapiDocument(registry, '', first) : openapiDocument(registry, first, second ?? '')
  return document === undefined ? undefined : json(document)
}

/** kubectl asks for protocol buffers; an empty message is an empty document, which sends it to version 3. */
function openapiV2({ headers }: ApiRequest): ApiResponse {
  const protobuf = /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/.exec(headers?.accept ?? '')
  if (protobuf !== null)
    return {
      status: 200,
      headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' },
      body: new Uint8Array(),
    }
  return json({
    swagger: '2.0',
    info: { title: 'Kubernetes', version: version.gitVersion },
    paths: {},
    definitions: {},
  })
}
