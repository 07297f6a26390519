import type { KubeObject } from '../kube/object.ts'
import { builtinColumns, defaultColumns } from './builtin/columns.ts'
import { type Cluster, nowOf } from './cluster.ts'
import { printerColumns } from './crd-columns.ts'
import { validateDefinition } from './crd-validation.ts'
import { at, isJsonObject, type JsonObject, listOf, objectOf, stringOf } from './json.ts'
import { byPriority } from './registry.ts'
import type { Resource, ResourceVersion, ScalePaths } from './resource.ts'
import { builtinType } from './schema/builtin.ts'
import { compileSchema } from './schema/compile.ts'
import type { Schema } from './schema/schema.ts'

export const definitionGroup = 'apiextensions.k8s.io'
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** The resource of CustomResourceDefinitions themselves. */
export function definitionResource(cluster: Cluster): Resource {
  return {
    group: definitionGroup,
    plural: 'customresourcedefinitions',
    singular: 'customresourcedefinition',
    kind: 'CustomResourceDefinition',
    listKind: 'CustomResourceDefinitionList',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    bucket: cluster.store.bucket('customresourcedefinitions'),
    custom: false,
    strategy: {
      generation: true,
      conditionalUpdate: true,
      complete: completeDefinition,
      prepare: (object, old) => prepareDefinition(cluster, object, old),
      validate: validateDefinition,
    },
    versions: new Map([
      [
        'v1',
        {
          name: 'v1',
          apiVersion: `${definitionGroup}/v1`,
          served: true,
          get schema() {
            return builtinType('CustomResourceDefinition')
          },
          status: true,
          columns: builtinColumns.customresourcedefinitions ?? defaultColumns,
        },
      ],
    ]),
  }
}

/** The names that follow from others, and how versions are converted. */
function completeDefinition(object: KubeObject): KubeObject {
  const spec = objectOf(object.spec)
  const given = objectOf(spec.names)
  const kind = stringOf(given.kind)
  const names = {
    ...given,
    singular: stringOf(given.singular) || kind.toLowerCase(),
    listKind: stringOf(given.listKind) || `${kind}List`,
  }
  return { ...object, spec: { ...spec, names, conversion: spec.conversion ?? { strategy: 'None' } } }
}

/** The finalizer that empties the resource before its definition goes, and the status of an accepted definition. */
function prepareDefinition(cluster: Cluster, object: KubeObject, old: KubeObject | undefined): KubeObject {
  const finalizers = new Set(object.metadata.finalizers ?? [])
  if (old === undefined) finalizers.add(cleanupFinalizer)
  const metadata = finalizers.size === 0 ? object.metadata : { ...object.metadata, finalizers: [...finalizers] }
  return { ...object, metadata, status: statusOfDefinition(cluster, object, old) }
}

function statusOfDefinition(cluster: Cluster, object: KubeObject, old: KubeObject | undefined): JsonObject {
  const before = objectOf(old?.status)
  const storage = listOf(at(object.spec, 'versions')).find((one) => objectOf(one).storage === true)
  const name = stringOf(objectOf(storage).name)
  const stored = listOf(before.storedVersions)
  const time = nowOf(cluster)
  const conditions = before.conditions ?? [
    {
      type: 'NamesAccepted',
      status: 'True',
      lastTransitionTime: time,
      reason: 'NoConflicts',
      message: 'no conflicts found',
    },
    {
      type: 'Established',
      status: 'True',
      lastTransitionTime: time,
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
  ]
  const storedVersions = stored.includes(name) || name === '' ? stored : [...stored, name]
  return { conditions, acceptedNames: objectOf(object.spec).names, storedVersions }
}

/** The resource that a stored definition makes the server serve. */
export function customResource(cluster: Cluster, definition: KubeObject): Resource {
  const spec = objectOf(definition.spec)
  const names = objectOf(spec.names)
  const group = stringOf(spec.group)
  const plural = stringOf(names.plural)
  const versions = new Map<string, ResourceVersion>()
  for (const one of listOf(spec.versions)) {
    const version = customVersion(spec, objectOf(one))
    versions.set(version.name, version)
  }
  return {
    group,
    plural,
    singular: stringOf(names.singular),
    kind: stringOf(names.kind),
    listKind: stringOf(names.listKind),
    shortNames: listOf(names.shortNames).map(String),
    categories: listOf(names.categories).map(String),
    namespaced: spec.scope === 'Namespaced',
    bucket: cluster.store.bucket(bucketName(definition)),
    custom: true,
    strategy: { generation: true },
    versions,
  }
}

export function bucketName(definition: KubeObject): string {
  return `${definition.metadata.name}#${definition.metadata.uid ?? ''}`
}

/**
 * The warning to users of a deprecated version, which names the best one that is not deprecated, if that is newer. Source:
 * `apiextensions-apiserver/pkg/apiserver/customresource_handler.go`.
 */
function deprecationOf(spec: JsonObject, version: JsonObject): string {
  const given = stringOf(version.deprecationWarning)
  if (given !== '') return given
  const [group, kind, name] = [stringOf(spec.group), stringOf(at(spec, 'names', 'kind')), stringOf(version.name)]
  const [best] = listOf(spec.versions)
    .map(objectOf)
    .filter((one) => one.served === true && one.deprecated !== true)
    .map((one) => stringOf(one.name))
    .sort(byPriority)
  const text = `${group}/${name} ${kind} is deprecated`
  return best === undefined || byPriority(best, name) > 0 ? text : `${text}; use ${group}/${best} ${kind}`
}

function customVersion(spec: JsonObject, version: JsonObject): ResourceVersion {
  const group = stringOf(spec.group)
  const name = stringOf(version.name)
  const subresources = objectOf(version.subresources)
  const scale = scalePaths(subresources.scale)
  const deprecated = version.deprecated === true
  return {
    name,
    apiVersion: `${group}/${name}`,
    served: version.served === true,
    schema: rootSchema(at(version, 'schema', 'openAPIV3Schema')),
    status: isJsonObject(subresources.status),
    selectable: selectableFields(version),
    columns: printerColumns(listOf(version.additionalPrinterColumns)),
    ...(scale === undefined ? {} : { scale }),
    ...(deprecated ? { deprecation: deprecationOf(spec, version) } : {}),
  }
}

/** The definition's schema with the fields every object has. */
function rootSchema(given: unknown): Schema {
  const schema = compileSchema(given)
  const metadata = builtinType('ObjectMeta')
  const own = schema.properties?.metadata?.properties?.name
  const named = own === undefined ? metadata : { ...metadata, properties: { ...metadata.properties, name: own } }
  return {
    ...schema,
    type: 'object',
    properties: { ...schema.properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: named },
  }
}

function scalePaths(scale: unknown): ScalePaths | undefined {
  if (!isJsonObject(scale)) return undefined
  const path = (text: unknown) =>
    stringOf(text)
      .split('.')
      .filter((step) => step !== '')
  const selector = path(scale.labelSelectorPath)
  return {
    specReplicas: path(scale.specReplicasPath),
    statusReplicas: path(scale.statusReplicasPath),
    ...(selector.length === 0 ? {} : { selector }),
  }
}

function selectableFields(version: JsonObject): Record<string, (object: KubeObject) => string> {
  const fields: Record<string, (object: KubeObject) => string> = {}
  for (const one of listOf(version.selectableFields)) {
    const path = stringOf(objectOf(one).jsonPath).replace(/^\./, '')
    fields[path] = (object) => {
      const value = at(object, ...path.split('.'))
      return value === undefined ? '' : String(value)
    }
  }
  return fields
}
