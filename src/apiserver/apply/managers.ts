import type { ManagedFieldsEntry } from '../../kube/object.ts'
import { decodeSet, encodeSet, type FieldSet } from './field-set.ts'

/** Who wrote, as `managedFields` tells managers apart. */
export interface Writer {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
}

/** The fields that one writer owns. */
export interface Ownership extends Writer {
  readonly time: string | undefined
  readonly set: FieldSet
}

/** Managers by identity. Appliers are the same across versions; updaters are not. */
export type Managers = ReadonlyMap<string, Ownership>

export function identityOf(writer: Writer): string {
  const version = writer.operation === 'Apply' ? '' : writer.apiVersion
  return JSON.stringify([writer.manager, writer.operation, version, writer.subresource])
}

/** Reads `metadata.managedFields`; `undefined` when an entry is malformed, which the API server treats as absent. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers = new Map<string, Ownership>()
  for (const entry of entries ?? []) {
    const { operation, apiVersion, manager = '', subresource = '', time } = entry
    if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === undefined) return undefined
    if (entry.fieldsType !== 'FieldsV1') return undefined
    const set = decodeSet(entry.fieldsV1)
    if (set === undefined) return undefined
    const owned: Ownership = { manager, operation, apiVersion, subresource, time, set }
    managers.set(identityOf(owned), owned)
  }
  return managers
}

/** `metadata.managedFields`, sorted as the API server does: by operation, time, manager, version, subresource. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()].sort(inOrder).map((owned) => ({
    manager: owned.manager,
    operation: owned.operation,
    apiVersion: owned.apiVersion,
    ...(owned.time === undefined ? {} : { time: owned.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeSet(owned.set),
    ...(owned.subresource === '' ? {} : { subresource: owned.subresource }),
  }))
}

function inOrder(left: Ownership, right: Ownership): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  )
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
