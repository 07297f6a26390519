import type { KubeObject } from '../kube/object.ts'
import { inVersion, type ResourceVersion } from './resource.ts'

/** How much of each object a Table's rows carry. */
export type RowObject = 'None' | 'Metadata' | 'Object'

interface TableOptions {
  /** `meta.k8s.io/v1` or `v1beta1`. */
  readonly apiVersion: string
  readonly now: number
  readonly include: RowObject
  /** False in a watch, after the first event. */
  readonly withColumns: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A Table of stored objects: what `kubectl get` prints. */
export function tableOf(version: ResourceVersion, objects: readonly KubeObject[], options: TableOptions): string {
  const columns = options.withColumns
    ? version.columns.map(({ name, type, format = '', description = '', priority = 0 }) => ({
        name,
        type,
        format,
        description,
        priority,
      }))
    : null
  const rows = objects.map((stored) => {
    const object = version.fromStored === undefined ? stored : inVersion(version, stored)
    return {
      cells: version.columns.map((column) => column.cell(stored, options.now)),
      object: rowObject(inVersion(version, object), options),
    }
  })
  return JSON.stringify({
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata: options.metadata,
    columnDefinitions: columns,
    rows,
  })
}

function rowObject(object: KubeObject, { include, apiVersion }: TableOptions): unknown {
  if (include === 'None') return null
  return include === 'Object' ? object : partial(object, apiVersion)
}

/** `PartialObjectMetadata` of an object. */
export function partial(object: KubeObject, apiVersion: string): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata }
}
