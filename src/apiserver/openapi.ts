import type { Registry, Served } from './registry.ts'
import type { Schema } from './schema/schema.ts'

/**
 * OpenAPI as far as kubectl reads it: which parameters a patch takes (so that it leaves validation of fields to the server) and
 * the schemas of custom resources. Built-in kinds are published without their fields, and without strategic merge patches, for
 * which kubectl then uses its own tables.
 */

/** `/openapi/v3`: the documents there are. */
export function openapiIndex(registry: Registry, hash: (path: string) => string): unknown {
  const paths: Record<string, unknown> = {}
  for (const { group, versions } of registry.groups()) {
    for (const version of versions) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash(path)}` }
    }
  }
  return { paths }
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}))

/** The document of one group and version; `undefined` when nothing is served there. */
export function openapiDocument(registry: Registry, group: string, version: string): unknown {
  const served = registry.served(group, version)
  if (served.length === 0) return undefined
  const paths: Record<string, unknown> = {}
  const schemas: Record<string, unknown> = {}
  for (const one of served) {
    paths[objectPath(one, group, version)] = { patch: patchOperation(one, group, version) }
    schemas[schemaName(one, group, version)] = schemaOf(one, group, version)
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.34.4' }, paths, components: { schemas } }
}

function objectPath({ resource }: Served, group: string, version: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return `${root}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.plural}/{name}`
}

function schemaName({ resource }: Served, group: string, version: string): string {
  return [...group.split('.').reverse(), version, resource.kind].filter((part) => part !== '').join('.')
}

function patchOperation({ resource }: Served, group: string, version: string): unknown {
  const media = { schema: { type: 'object' } }
  return {
    operationId: `patch_${resource.plural}`,
    parameters: [...writeParameters, { name: 'force', in: 'query', schema: { type: 'boolean', uniqueItems: true } }],
    requestBody: {
      content: {
        'application/apply-patch+yaml': media,
        'application/json-patch+json': media,
        'application/merge-patch+json': media,
      },
    },
    responses: { '200': { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, kind: resource.kind, version },
  }
}

function schemaOf({ resource, version: served }: Served, group: string, version: string): unknown {
  const kinds = [{ group, kind: resource.kind, version }]
  if (!resource.custom) return { type: 'object', 'x-kubernetes-group-version-kind': kinds }
  const { metadata: _metadata, ...properties }: Record<string, Schema> = { ...served.schema.properties }
  return {
    ...served.schema,
    properties: { ...properties, metadata: { type: 'object' } },
    'x-kubernetes-group-version-kind': kinds,
  }
}
