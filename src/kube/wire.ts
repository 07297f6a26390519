import type { ObjectList, WatchEvent } from './client.ts'
import type { ApiStatus, StatusDetails } from './errors.ts'
import { MalformedAnswerError } from './errors.ts'
import { apiVersionOf, type Kind, type KubeObject } from './object.ts'

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value has what every object of the API has. */
export function isKubeObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value['kind'] === 'string' && isRecord(value['metadata'])
}

/** @throws MalformedAnswerError */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MalformedAnswerError(`not JSON: ${excerpt(text)}`, { cause })
  }
}

/** @throws MalformedAnswerError */
export function readObject(value: unknown): KubeObject {
  if (isKubeObject(value)) return value
  throw new MalformedAnswerError(`not an object of the Kubernetes API: ${excerpt(JSON.stringify(value))}`)
}

/**
 * Objects in lists of built-in kinds come without apiVersion and kind: they get those of the kind.
 *
 * @throws MalformedAnswerError
 */
export function readList(kind: Kind, value: unknown): ObjectList {
  const items = isRecord(value) ? (value['items'] ?? []) : undefined
  const metadata = isRecord(value) ? value['metadata'] : undefined
  if (!Array.isArray(items) || !isRecord(metadata)) {
    throw new MalformedAnswerError(`not a list of the Kubernetes API: ${excerpt(JSON.stringify(value))}`)
  }
  const { resourceVersion, continue: token } = metadata
  return {
    items: items.map((item: unknown) => readItem(kind, item)),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    ...(typeof token === 'string' && token !== '' && { continue: token }),
  }
}

function readItem(kind: Kind, item: unknown): KubeObject {
  if (!isRecord(item))
    throw new MalformedAnswerError(`not an object of the Kubernetes API: ${excerpt(JSON.stringify(item))}`)
  item['apiVersion'] ??= apiVersionOf(kind)
  item['kind'] ??= kind.kind
  return readObject(item)
}

/** @throws MalformedAnswerError */
export function readWatchEvent(line: string): WatchEvent {
  const event = parseJson(line)
  if (isRecord(event)) {
    const { type, object } = event
    if (type === 'ERROR') return { type, object }
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') {
      return { type, object: readObject(object) }
    }
  }
  throw new MalformedAnswerError(`not a watch event: ${excerpt(line)}`)
}

/** The Status of an error; a body that is none (a proxy's page, plain text) becomes its message. */
export function readStatus(text: string): ApiStatus {
  try {
    return statusOf(JSON.parse(text)) ?? { message: excerpt(text) }
  } catch {
    return { message: excerpt(text) }
  }
}

export function statusOf(value: unknown): (ApiStatus & { readonly code?: number }) | undefined {
  if (!isRecord(value) || value['kind'] !== 'Status') return undefined
  const { message, reason, details, code } = value
  return {
    message: typeof message === 'string' ? message : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    details: isRecord(details) ? (details satisfies StatusDetails) : undefined,
    ...(typeof code === 'number' && { code }),
  }
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
