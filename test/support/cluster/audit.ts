import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { PlainClient } from './client.ts'

/** One request that the API server answered. */
export interface AuditCall {
  readonly user: string
  readonly userAgent: string
  readonly verb: string
  /** `<resource>.<group>` and `/<subresource>`, as kubectl would name it; the path for requests that are not about resources. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly status: number
}

/** A moment in the log. */
export interface AuditMark {
  readonly offset: number
}

interface AuditEvent {
  readonly stage: string
  readonly requestURI: string
  readonly verb: string
  readonly userAgent?: string
  readonly user: { readonly username?: string }
  readonly objectRef?: {
    readonly resource?: string
    readonly subresource?: string
    readonly apiGroup?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus?: { readonly code?: number }
}

function isAuditEvent(value: unknown): value is AuditEvent {
  return typeof value === 'object' && value !== null && 'stage' in value && 'requestURI' in value && 'verb' in value
}

/** Reads what the API server wrote down of every request. */
export class AuditLog {
  readonly #file: string
  readonly #admin: PlainClient
  /** Everything before it was there at the last mark and holds no later one. */
  #known = 0

  constructor(file: string, admin: PlainClient) {
    this.#file = file
    this.#admin = admin
  }

  /**
   * A point between requests: what was answered before this call is before it, what is sent after it resolved is after it. It makes
   * one request of its own, to `/version`, that no count contains.
   */
  async mark(): Promise<AuditMark> {
    const path = `${markPath}${randomUUID()}`
    // Not looked at again later: another mark may be made meanwhile.
    const from = this.#known
    await this.#admin.ask('GET', path)
    const wanted = Buffer.from(`"requestURI":${JSON.stringify(path)}`)
    const deadline = performance.now() + 10_000
    // The server answers first and writes a moment later.
    while (performance.now() < deadline) {
      const bytes = await this.#read(from)
      const at = bytes.indexOf(wanted)
      const end = bytes.indexOf('\n', Math.max(0, at))
      if (at >= 0 && end >= 0) {
        const offset = from + end + 1
        this.#known = Math.max(this.#known, offset)
        return { offset }
      }
      await delay(5)
    }
    throw new Error('the audit log does not tell of a request that was answered')
  }

  /** The requests answered between two marks, in the order of the log. A watch counts when it starts. */
  async calls(from: AuditMark, to: AuditMark): Promise<AuditCall[]> {
    const text = (await this.#read(from.offset, to.offset)).toString('utf8')
    return text.split('\n').flatMap((line) => {
      if (line === '') return []
      const event: unknown = JSON.parse(line)
      if (!isAuditEvent(event)) throw new Error(`not an audit event: ${line}`)
      return isCounted(event) ? [toCall(event)] : []
    })
  }

  async #read(from: number, to?: number): Promise<Buffer> {
    const handle = await open(this.#file, 'r')
    try {
      const end = to ?? (await handle.stat()).size
      const buffer = Buffer.alloc(Math.max(0, end - from))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, from)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  }
}

const markPath = '/version?audit-mark='

/** A watch is told twice, when it starts and when it ends; its end may be long after the work that is counted. */
function isCounted(event: AuditEvent): boolean {
  if (event.requestURI.startsWith(markPath)) return false
  return event.verb === 'watch' ? event.stage === 'ResponseStarted' : event.stage !== 'ResponseStarted'
}

function toCall(event: AuditEvent): AuditCall {
  const { resource, subresource, apiGroup, namespace, name } = event.objectRef ?? {}
  const full = [resource, apiGroup].filter((part) => part !== undefined && part !== '').join('.')
  return {
    user: event.user.username ?? '',
    userAgent: event.userAgent ?? '',
    verb: event.verb,
    resource: resource === undefined ? event.requestURI : [full, subresource].filter(Boolean).join('/'),
    namespace: namespace ?? '',
    name: name ?? '',
    status: event.responseStatus?.code ?? 0,
  }
}

/** How many calls there are of each `key`, for example `(call) => call.verb`. */
export function countCalls(calls: readonly AuditCall[], key: (call: AuditCall) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const call of calls) counts[key(call)] = (counts[key(call)] ?? 0) + 1
  return counts
}
