import { randomBytes } from 'node:crypto'
import type { ApiClient, Json } from './client.ts'
import { at } from './client.ts'

/** A name nobody else uses on this server. */
export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`
}

/** A new namespace; answers the path below which its core resources are. */
export async function namespace(api: ApiClient): Promise<{ name: string; core: string; apps: string }> {
  const name = unique('suite')
  const { status, text } = await api.post('/api/v1/namespaces', { metadata: { name } })
  if (status !== 201) throw new Error(`no namespace for this test: ${text}`)
  return { name, core: `/api/v1/namespaces/${name}`, apps: `/apis/apps/v1/namespaces/${name}` }
}

export function configMap(name: string, data: Json = {}, metadata: Json = {}): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data }
}

export function deployment(name: string, container: Json = {}): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'podinfo:6', ...container }] },
      },
    },
  }
}

export function service(name: string, ports: readonly Json[]): Json {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports } }
}

/** A resource of a group made for one test. */
export interface CustomKind {
  readonly group: string
  readonly definition: Json
  /** Path of the objects of a version in a namespace. */
  path(namespace: string, version?: string): string
  object(name: string, spec: Json, rest?: Json): Json
}

/** A definition of `Widget` with one version, `v1`, unless `versions` says otherwise. */
export function widgets(
  spec: Json,
  options: { versions?: readonly Json[]; version?: Json; names?: Json } = {},
): CustomKind {
  const group = `${unique('g')}.example.com`
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  }
  const v1 = { name: 'v1', served: true, storage: true, schema, ...options.version }
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', ...options.names },
      versions: options.versions ?? [v1],
    },
  }
  return {
    group,
    definition,
    path: (namespace, version = 'v1') => `/apis/${group}/${version}/namespaces/${namespace}/widgets`,
    object: (name, value, rest = {}) => ({
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      metadata: { name },
      spec: value,
      ...rest,
    }),
  }
}

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Creates the definition and waits until its objects are served. */
export async function install(api: ApiClient, kind: CustomKind): Promise<void> {
  const { status, text } = await api.post(definitionsPath, kind.definition)
  if (status !== 201) throw new Error(`the definition was refused: ${text}`)
  await eventually(async () => (await api.get(kind.path('default'))).status === 200)
}

/** Asks again, ever more slowly, until the answer is yes; fails after a minute, which a busy namespace controller may need. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  for (let delay = 5; Date.now() < end; delay = Math.min(delay * 2, 250)) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, delay))
  }
  throw new Error('it did not become true within a minute')
}

export function revision(object: unknown): string {
  return String(at(object, 'metadata', 'resourceVersion'))
}

export function nameOf(object: unknown): string {
  return String(at(object, 'metadata', 'name'))
}
