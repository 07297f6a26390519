import { HttpClient } from '../../../src/kube/http-client.ts'
import type { RequestHandler } from '../../../src/kube/in-process-transport.ts'
import { InProcessTransport } from '../../../src/kube/in-process-transport.ts'
import type { Kind, KubeObject } from '../../../src/kube/object.ts'
import type { VirtualClock } from '../../support/virtual-clock.ts'

export const configMaps: Kind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }

type Answer = Awaited<ReturnType<RequestHandler>>
type Request = Parameters<RequestHandler>[0]

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly at: number
}

/** A server that answers as a test says, on virtual time; it keeps what it was asked. */
export function scriptedServer(clock: VirtualClock, answer: (request: SeenRequest, signal?: AbortSignal) => Answer) {
  const requests: SeenRequest[] = []
  const handle = async ({ method, path, body, signal }: Request): Promise<Answer> => {
    const url = new URL(path, 'http://server')
    const seen = {
      method,
      path: url.pathname,
      query: url.searchParams,
      body: body === undefined ? undefined : JSON.parse(body),
      at: clock.now(),
    }
    requests.push(seen)
    return answer(seen, signal)
  }
  const client = new HttpClient(new InProcessTransport(handle, { clock }), { clock, random: () => 0 })
  return { client, requests }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: JSON.stringify(body) }
}

export function failure(code: number, reason: string, headers: Record<string, string> = {}): Answer {
  return json(
    code,
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `it is ${reason}` },
    headers,
  )
}

export function configMap(name: string, resourceVersion: number, data: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: String(resourceVersion) },
    data,
  }
}

/** What comes in a list of a built-in kind: entries without apiVersion and kind. */
export function list(resourceVersion: number, items: readonly KubeObject[], token?: string): Answer {
  const entries = items.map(({ apiVersion: _, kind: __, ...rest }) => rest)
  const metadata = { resourceVersion: String(resourceVersion), ...(token && { continue: token }) }
  return json(200, { kind: 'ConfigMapList', apiVersion: 'v1', metadata, items: entries })
}

/** The body of a watch that a test feeds by hand. */
export class WatchStream {
  readonly #pending: (string | Error)[] = []
  #wake: () => void = () => {}
  #ended = false
  open = true

  send(type: string, object: unknown): void {
    this.sendRaw(`${JSON.stringify({ type, object })}\n`)
  }

  sendRaw(text: string): void {
    this.#pending.push(text)
    this.#wake()
  }

  break(error: Error): void {
    this.#pending.push(error)
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  answer(signal?: AbortSignal): Answer {
    signal?.addEventListener('abort', () => this.end())
    return { status: 200, headers: {}, body: this.#bytes() }
  }

  async *#bytes(): AsyncIterable<Uint8Array> {
    try {
      for (;;) {
        const next = this.#pending.shift()
        if (next instanceof Error) throw next
        if (next !== undefined) yield Buffer.from(next)
        else if (this.#ended) return
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } finally {
      this.open = false
    }
  }
}
