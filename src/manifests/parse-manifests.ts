import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import { isFields, textOf } from '../mesh/fields.ts'
import type { FieldPath } from '../mesh/object-reading.ts'
import type { Manifest } from './manifest.ts'
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
export function parseManifests(text: string, file: string, namespace: string): ParsedManifests {
  const problems: Diagnostic[] = []
  const manifests = readYamlDocuments(text, file).flatMap((document) =>
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
  const metadata = readMetadata(value['metadata'], reading.namespace)
  if (metadata === undefined) return refuse('it has no metadata.name', path, document, reading)
  return [manifest({ ...value, apiVersion, kind, metadata }, path, document)]
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
