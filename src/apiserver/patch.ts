import { applyPatch, type Operation, Pointer } from 'rfc6902'
import { cloneJson, isJsonObject, type JsonObject } from './json.ts'
import { badRequest, unprocessable } from './status.ts'

/** RFC 7386: objects merge field by field, null removes, everything else replaces. Shares what stays the same. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = mergePatch(merged[name], value)
  }
  return merged
}

/**
 * RFC 6902 on a copy of the target.
 *
 * @throws 400 on a patch that is malformed, 422 on one that does not apply (a failed `test`, a path that is not there)
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch is a list of operations')
  const document = cloneJson(target)
  for (const entry of patch) {
    const operation = readOperation(entry)
    const error = apply(document, operation)
    if (error !== null) throw refusal(operation, error)
  }
  return document
}

/**
 * One operation, in place. kube-apiserver's library takes two things that RFC 6902 does not: a `replace` of a field that is not
 * there, and a `test` of one for null.
 */
function apply(document: unknown, operation: Operation): Error | null {
  try {
    const [error = null] = applyPatch(document, [operation])
    if (error === null || operation.op === 'move' || operation.op === 'copy') return error
    const found = Pointer.fromJSON(operation.path).evaluate(document)
    const absent = isJsonObject(found.parent) && found.value === undefined
    if (absent && operation.op === 'replace') return applyPatch(document, [{ ...operation, op: 'add' }])[0] ?? null
    if (absent && operation.op === 'test' && operation.value === null) return null
    return error
  } catch (error) {
    // The library writes into scalars, which throws.
    return error instanceof Error ? error : new Error(String(error))
  }
}

function readOperation(entry: unknown): Operation {
  if (!isJsonObject(entry)) throw badRequest('error decoding patch: an operation is an object')
  const path = readPath(entry.path)
  const value: unknown = cloneJson(entry.value ?? null)
  switch (entry.op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op: entry.op, path, value }
    case 'remove':
      return { op: 'remove', path }
    case 'copy':
    case 'move':
      return { op: entry.op, path, from: readPath(entry.from) }
    default:
      throw unprocessable(`Unexpected kind: ${String(entry.op)}`)
  }
}

const refused = new Set(['__proto__', 'constructor', 'prototype'])

/** A pointer below the root: kube-apiserver has no use for an object that is replaced whole. */
function readPath(path: unknown): string {
  if (typeof path !== 'string') throw unprocessable('a patch operation lacks a path')
  if (!path.startsWith('/')) throw unprocessable(`a path starts with a slash: ${path}`)
  const bad = path.split('/').find((step) => refused.has(step))
  if (bad !== undefined) throw unprocessable(`a path may not contain ${bad}`)
  return path
}

function refusal({ op, path }: Operation, error: Error): Error {
  if (error.name === 'TestError') return unprocessable(`testing value ${path} failed: test failed`)
  return unprocessable(`${op} operation does not apply: doc is missing path: "${path}": missing value`)
}
