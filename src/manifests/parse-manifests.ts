import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import { isFields, textOf } from '../mesh/fields.ts'
import { describePath, type FieldPath, type FieldProblem } from '../mesh/object-reading.ts'
import { map, schemaProblems, text } from '../mesh/object-schema.ts'
import { describeObject, type Manifest } from './manifest.ts'
import { readYamlDocuments, type YamlDocument } from './yaml-documents.ts'

export interface ParsedManifests {
  readonly manifests: readonly Manifest[]
  readonly problems: readonly Diagnostic[]
}

/**
 * The objects of one file in the order in which they stand: several documents, YAML or JSON, and Lists, whose items count as if
 * they were documents. Objects without a namespace get `namespace`.
 * Throws a DiagnosticError when the text is no YAML; documents that are no objects are among the problems.
 */
export function parseManifests(source: string, file: string, namespace: string): ParsedManifests {
  const problems: Diagnostic[] = []
  const manifests = readYamlDocuments(source, file).flatMap((document) =>
    readItems(document.value, [], document, { namespace, problems }),
  )
  return { manifests, problems }
}

interface Reading {
  readonly namespace: string
  readonly problems: Diagnostic[]
}

function readItems(value: unknown, path: FieldPath, document: YamlDocument, reading: Reading): Manifest[] {
  if (!isFields(value)) return refuse('it is not an object', path, document, reading)
  const { apiVersion, kind, items } = value
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return refuse('it has no apiVersion', path, document, reading)
  if (typeof kind !== 'string' || kind === '') return refuse('it has no kind', path, document, reading)
  if (kind.endsWith('List') && Array.isArray(items)) {
    // The items of a list of one kind need not repeat it.
    const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
    return items.flatMap((item: unknown, index) =>
      readItems(isFields(item) ? { ...own, ...item } : item, [...path, 'items', index], document, reading),
    )
  }
  const own = value['metadata']
  const metadata = readMetadata(own, reading.namespace)
  if (metadata === undefined) return refuse(...unnamed(own, path), document, reading)
  const wrong = metadataProblems(own)
  const facts = { object: describeObject({ apiVersion, kind, metadata }) }
  const refused = wrong.map(({ path: field, problem }) =>
    diagnostic('AP7003', { ...facts, field: describePath(field), problem }, document.at([...path, ...field])),
  )
  reading.problems.push(...refused)
  return refused.length > 0 ? [] : [manifest({ ...value, apiVersion, kind, metadata }, path, document)]
}

/** What is wrong with an object without a usable name, and where: a name that is no text is told where it stands. */
function unnamed(metadata: unknown, path: FieldPath): [problem: string, path: FieldPath] {
  const name = isFields(metadata) ? metadata['name'] : undefined
  if (name === undefined || name === null || name === '') return ['it has no metadata.name', path]
  return [`metadata.name is ${JSON.stringify(name)}, which is no text`, [...path, 'metadata', 'name']]
}

const texts = ['namespace', 'creationTimestamp']

/** Values of `metadata` that an API server could not decode: read as if they were not there, they would be missed silently. */
function metadataProblems(metadata: unknown): FieldProblem[] {
  if (!isFields(metadata)) return []
  const at = ['metadata']
  return Object.entries(metadata).flatMap(([field, value]) => {
    if (value === null) return []
    if (texts.includes(field)) return schemaProblems(text, value, [...at, field])
    if (field !== 'labels' && field !== 'annotations') return []
    const said = isFields(value) ? Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null)) : value
    return schemaProblems(map(text), said, [...at, field])
  })
}

function readMetadata(value: unknown, namespace: string): ObjectMeta | undefined {
  const name = isFields(value) ? textOf(value['name']) : undefined
  if (!isFields(value) || name === undefined || name === '') return undefined
  const created = textOf(value['creationTimestamp'])
  const labels = textMap(value['labels'])
  const annotations = textMap(value['annotations'])
  return {
    name,
    namespace: textOf(value['namespace']) || namespace,
    ...(created !== undefined && { creationTimestamp: created }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  }
}

function textMap(value: unknown): Record<string, string> | undefined {
  if (!isFields(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (typeof item === 'string' ? [[key, item]] : [])),
  )
}

function manifest(object: KubeObject, prefix: FieldPath, document: YamlDocument): Manifest {
  return {
    object,
    at: (path) => document.at([...prefix, ...path]),
    atKey: (path) => document.atKey([...prefix, ...path]),
  }
}

function refuse(problem: string, path: FieldPath, document: YamlDocument, { problems }: Reading): Manifest[] {
  problems.push(diagnostic('AP7001', { problem }, document.at(path)))
  return []
}

/** Objects that are given twice, each with the place of the first. */
export function duplicateProblems(
  manifests: readonly Manifest[],
  nameOf: (object: KubeObject) => string,
): Diagnostic[] {
  const first = new Map<string, Manifest>()
  return manifests.flatMap((one) => {
    const { apiVersion, kind, metadata } = one.object
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
    const key = [group, kind, metadata.namespace, metadata.name].join(' ')
    const known = first.get(key)
    if (known === undefined) {
      first.set(key, one)
      return []
    }
    const { file, line } = known.at([])
    return [diagnostic('AP7002', { object: nameOf(one.object), place: `${file}:${line}` }, one.at([]))]
  })
}
