import { Pool } from 'undici'

/** Where an API server is and how to get in. */
export interface ApiAccess {
  readonly url: string
  readonly token: string
  /** PEM of the authority of the server's certificate, for https. */
  readonly ca?: string
  /** Called once after all tests. */
  readonly close?: () => Promise<void>
}

/** Anything JSON; the tests look into it by path. */
export type Json = Record<string, unknown>

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
  readonly text: string
}

export interface RequestOptions {
  readonly body?: unknown
  readonly type?: string
  readonly accept?: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  readonly agent?: string
  /** Sent instead of the right one; empty for none. */
  readonly token?: string
}

export interface WatchEvent {
  readonly type: string
  readonly object: Json
}

/** Plain HTTP to an API server: nothing between a test and the wire. */
export class ApiClient {
  readonly #pool: Pool
  readonly #access: ApiAccess

  constructor(access: ApiAccess) {
    this.#access = access
    this.#pool = new Pool(access.url, {
      connections: 64,
      ...(access.ca === undefined ? {} : { connect: { ca: access.ca } }),
    })
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { statusCode, headers, body } = await this.#pool.request({
      method: asMethod(method),
      path: withQuery(path, options.query),
      headers: this.#headers(options),
      ...(options.body === undefined
        ? {}
        : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
    })
    const text = await body.text()
    const flat: Record<string, string> = {}
    for (const [name, value] of Object.entries(headers)) flat[name] = String(value)
    return { status: statusCode, headers: flat, body: parse(text), text }
  }

  get(path: string, query?: RequestOptions['query']): Promise<Answer> {
    return this.request('GET', path, query === undefined ? {} : { query })
  }

  post(path: string, body: unknown, query?: RequestOptions['query']): Promise<Answer> {
    return this.request('POST', path, { body, ...(query === undefined ? {} : { query }) })
  }

  put(path: string, body: unknown, query?: RequestOptions['query']): Promise<Answer> {
    return this.request('PUT', path, { body, ...(query === undefined ? {} : { query }) })
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.request('DELETE', path, body === undefined ? {} : { body })
  }

  merge(path: string, body: unknown, query?: RequestOptions['query']): Promise<Answer> {
    return this.#patch(path, body, 'application/merge-patch+json', query)
  }

  jsonPatch(path: string, body: unknown): Promise<Answer> {
    return this.#patch(path, body, 'application/json-patch+json')
  }

  strategic(path: string, body: unknown): Promise<Answer> {
    return this.#patch(path, body, 'application/strategic-merge-patch+json')
  }

  /** Server-side apply as a manager. */
  apply(path: string, fieldManager: string, body: unknown, force = false): Promise<Answer> {
    return this.#patch(path, body, 'application/apply-patch+yaml', { fieldManager, ...(force ? { force } : {}) })
  }

  #patch(path: string, body: unknown, type: string, query?: RequestOptions['query']): Promise<Answer> {
    return this.request('PATCH', path, { body, type, ...(query === undefined ? {} : { query }) })
  }

  /** Reads a watch until `enough` says so or the server ends it. */
  async watch(
    path: string,
    query: RequestOptions['query'],
    enough: (events: readonly WatchEvent[]) => boolean,
    started: () => void | Promise<void> = () => {},
  ): Promise<WatchEvent[]> {
    const { body, statusCode } = await this.#pool.request({
      method: 'GET',
      path: withQuery(path, { watch: 'true', timeoutSeconds: 20, ...query }),
      headers: this.#headers({}),
    })
    if (statusCode !== 200) throw new Error(`the watch was refused: ${statusCode} ${await body.text()}`)
    const events: WatchEvent[] = []
    const running = Promise.resolve(started())
    let rest = ''
    for await (const chunk of body) {
      rest += String(chunk)
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) events.push(asEvent(line))
      if (enough(events)) break
    }
    await running
    return events
  }

  #headers({ token, accept, type, agent, body }: RequestOptions): Record<string, string> {
    const bearer = token ?? this.#access.token
    return {
      accept: accept ?? 'application/json',
      'user-agent': agent ?? 'api-suite/1.0',
      ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
    await this.#access.close?.()
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function asMethod(method: string): (typeof methods)[number] {
  const found = methods.find((one) => one === method)
  if (found === undefined) throw new Error(`not a method of this client: ${method}`)
  return found
}

function withQuery(path: string, query: RequestOptions['query']): string {
  const entries = Object.entries(query ?? {}).map(([name, value]): [string, string] => [name, String(value)])
  if (entries.length === 0) return path
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(entries)}`
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return isJson(value) ? value : {}
  } catch {
    return {}
  }
}

function asEvent(line: string): WatchEvent {
  const { type, object } = parse(line)
  return { type: String(type), object: isJson(object) ? object : {} }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads through objects and lists: `at(pod, 'spec', 'containers', 0, 'image')`. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value
  for (const step of path) {
    if (Array.isArray(current) && typeof step === 'number') current = current[step]
    else if (isJson(current)) current = current[step]
    else return undefined
  }
  return current
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
