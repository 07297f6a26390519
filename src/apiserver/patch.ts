import { cloneJson, equalJson, isJsonObject, type JsonObject } from './json.ts'
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
  let document = cloneJson(target)
  for (const operation of patch) {
    if (!isJsonObject(operation)) throw badRequest('error decoding patch: an operation is an object')
    document = applyOperation(document, operation)
  }
  return document
}

function applyOperation(document: unknown, operation: JsonObject): unknown {
  const { op, value } = operation
  const path = pointer(operation.path)
  switch (op) {
    case 'add':
      return write(document, path, cloneJson(value), 'add')
    case 'replace':
      return write(document, path, cloneJson(value), 'replace')
    case 'remove':
      return remove(document, path)
    case 'test':
      if (!equalJson(present(document, path), value ?? null)) {
        throw unprocessable(`testing value ${String(operation.path)} failed: test failed`)
      }
      return document
    case 'copy':
      return write(document, path, cloneJson(read(document, pointer(operation.from), 'copy')), 'add')
    case 'move': {
      const from = pointer(operation.from)
      const moved = read(document, from, 'move')
      return write(remove(document, from), path, moved, 'add')
    }
    default:
      throw unprocessable(`Unexpected kind: ${String(op)}`)
  }
}

const refused = new Set(['__proto__', 'constructor', 'prototype'])

function pointer(text: unknown): string[] {
  if (typeof text !== 'string') throw unprocessable('a patch operation lacks a path')
  if (text === '') return []
  if (!text.startsWith('/')) throw unprocessable(`a path starts with a slash: ${text}`)
  const steps = text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const bad = steps.find((step) => refused.has(step))
  if (bad !== undefined) throw unprocessable(`a path may not contain ${bad}`)
  return steps
}

function missing(verb: string, path: readonly string[]): Error {
  return unprocessable(`${verb} operation does not apply: doc is missing path: "/${path.join('/')}": missing value`)
}

function indexOf(list: readonly unknown[], step: string): number | undefined {
  if (!/^(?:0|[1-9]\d*)$/.test(step)) return undefined
  const index = Number(step)
  return index < list.length ? index : undefined
}

function childOf(parent: unknown, step: string): unknown {
  if (Array.isArray(parent)) {
    const index = indexOf(parent, step)
    return index === undefined ? undefined : parent[index]
  }
  return isJsonObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined
}

/** The value at a path, null when there is none: what `test` compares. */
function present(document: unknown, path: readonly string[]): unknown {
  let current = document
  for (const step of path) current = childOf(current, step)
  return current ?? null
}

function read(document: unknown, path: readonly string[], verb: string): unknown {
  let current = document
  for (const step of path) {
    current = childOf(current, step)
    if (current === undefined) throw missing(verb, path)
  }
  return current
}

function write(document: unknown, path: readonly string[], value: unknown, verb: 'add' | 'replace'): unknown {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = read(document, path.slice(0, -1), verb)
  if (isJsonObject(parent)) parent[last] = value
  else if (Array.isArray(parent)) {
    const index = indexOf(parent, last)
    if (verb === 'replace') {
      if (index === undefined) throw missing(verb, path)
      parent[index] = value
    } else if (last === '-' || last === String(parent.length)) parent.push(value)
    else if (index === undefined) throw missing(verb, path)
    else parent.splice(index, 0, value)
  } else throw missing(verb, path)
  return document
}

function remove(document: unknown, path: readonly string[]): unknown {
  const last = path.at(-1)
  if (last === undefined) return null
  const parent = read(document, path.slice(0, -1), 'remove')
  if (childOf(parent, last) === undefined) throw missing('remove', path)
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else if (isJsonObject(parent)) delete parent[last]
  return document
}
