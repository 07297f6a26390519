import type { ApiResponse } from '../../src/apiserver/api.ts'
import type { ControlPlane } from '../../src/apiserver/control-plane.ts'
import { isJson, type Json } from '../support/api-suite/client.ts'

const text = new TextDecoder()

/** Calls a control plane without sockets. */
export class InProcess {
  readonly #plane: ControlPlane
  readonly #agent: string

  constructor(plane: ControlPlane, agent = 'test/1.0') {
    this.#plane = plane
    this.#agent = agent
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<{ status: number; body: Json }> {
    const answer = await this.raw(method, path, body === undefined ? undefined : JSON.stringify(body), type)
    const value: unknown = typeof answer.body === 'string' ? JSON.parse(answer.body) : {}
    return { status: answer.status, body: isJson(value) ? value : {} }
  }

  raw(method: string, path: string, body?: string | Uint8Array, type = 'application/json'): Promise<ApiResponse> {
    const headers = { 'user-agent': this.#agent, 'content-type': type }
    return this.#plane.handle({ method, path, headers, ...(body === undefined ? {} : { body }) })
  }

  async get(path: string): Promise<Json> {
    return (await this.send('GET', path)).body
  }

  /** Opens a watch; `events` grows as it is read. */
  async watch(path: string, signal?: AbortSignal): Promise<{ events: Json[]; ended: Promise<void> }> {
    const answer = await this.#plane.handle({ method: 'GET', path, ...(signal === undefined ? {} : { signal }) })
    if (typeof answer.body === 'string' || answer.body instanceof Uint8Array)
      throw new Error(`no watch: ${String(answer.body)}`)
    const events: Json[] = []
    return { events, ended: collect(answer.body, events) }
  }
}

async function collect(body: AsyncIterable<Uint8Array>, events: Json[]): Promise<void> {
  for await (const chunk of body) {
    for (const line of text.decode(chunk).trim().split('\n')) {
      const event: unknown = JSON.parse(line)
      if (isJson(event)) events.push(event)
    }
  }
}
