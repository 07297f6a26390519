import { readFile } from 'node:fs/promises'
import { Pool } from 'undici'
import type { Clock } from '../kube/clock.ts'
import { formatDuration } from '../project/duration.ts'
import type { PrometheusConfig } from '../project/project.ts'
import { type Answer, type NoAnswer, readAnswer } from './prometheus-answer.ts'
import { describeFailure, describeStatus, isTlsFailure, isUnreachable } from './prometheus-trouble.ts'

/** Answers are one sample; what is longer is not Prometheus. */
const longestAnswer = 1024 * 1024
const attempts = 3
const firstPause = 250
/** Statuses of a server, or of a proxy before it, that is busy or starting. */
const passing = [429, 502, 503, 504]

/** What one attempt came to; `retry` says that another one may fare better, after `pause` milliseconds if the server said so. */
type Attempt = Answer | (NoAnswer & { readonly retry: true; readonly pause?: number })

/**
 * Asks one Prometheus for single values, by its HTTP API.
 *
 * Guarantees: an answer or the reason why there is none, never an exception; no longer than `config.timeout`, attempts and the
 * pauses between them together; token and CA files are read anew, so that rotated ones count; redirects are not followed, as
 * the token belongs to one server; credentials appear in no text.
 */
export class PrometheusClient {
  readonly #config: PrometheusConfig
  readonly #clock: Clock
  readonly #url: URL
  /** The address without credentials. */
  readonly #name: string
  #pool: Pool | undefined
  #method: 'POST' | 'GET' = 'POST'
  readonly #closed = new AbortController()

  constructor(config: PrometheusConfig, clock: Clock) {
    this.#config = config
    this.#clock = clock
    this.#url = new URL(`${config.url.replace(/\/+$/, '')}/api/v1/query`)
    this.#name = `Prometheus at ${this.#url.origin}${this.#url.pathname.replace('/api/v1/query', '')}`
  }

  async query(promql: string, signal?: AbortSignal): Promise<Answer> {
    const deadline = new AbortController()
    const cancel = this.#clock.after(this.#config.timeout, () => deadline.abort())
    const stop = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal])
    const either = AbortSignal.any([stop, deadline.signal])
    try {
      let last: NoAnswer | undefined
      for (let attempt = 0; attempt < attempts && !either.aborted; attempt++) {
        const outcome = await this.#attempt(promql, either)
        if (!('retry' in outcome)) return outcome
        if (either.aborted) break
        last = { error: outcome.error, ...(outcome.reached === false && { reached: false }) }
        if (attempt + 1 < attempts) await this.#clock.sleep(outcome.pause ?? firstPause * 2 ** attempt, either)
      }
      if (stop.aborted) return { error: 'the measurement was stopped' }
      if (!deadline.signal.aborted && last !== undefined) return last
      const late = `${this.#name} gave no answer within ${formatDuration(this.#config.timeout)}`
      if (last === undefined) return { error: late, reached: false }
      return { ...last, error: `${late}; ${last.error}` }
    } finally {
      cancel()
    }
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#drop()
  }

  async #attempt(promql: string, signal: AbortSignal): Promise<Attempt> {
    try {
      return await this.#ask(promql, signal)
    } catch (cause) {
      // A connection is set up with the CA file of its time: the next attempt reads it anew.
      if (isTlsFailure(cause)) await this.#drop()
      const error = `${this.#name} ${describeFailure(cause)}`
      return { error, retry: true, ...(isUnreachable(cause) && { reached: false }) }
    }
  }

  async #ask(promql: string, signal: AbortSignal): Promise<Attempt> {
    const headers: Record<string, string> = { accept: 'application/json' }
    const authorization = await this.#authorization()
    if (authorization !== undefined && 'error' in authorization) return authorization
    if (authorization !== undefined) headers['authorization'] = authorization.header
    const pool = await this.#connect()
    if ('error' in pool) return pool
    const parameters = new URLSearchParams({
      query: promql,
      timeout: `${Math.ceil(this.#config.timeout)}ms`,
    }).toString()
    const { pathname } = this.#url
    const {
      statusCode,
      headers: answered,
      body,
    } = await pool.request(
      this.#method === 'POST'
        ? {
            method: 'POST',
            path: pathname,
            headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
            body: parameters,
            signal,
          }
        : { method: 'GET', path: `${pathname}?${parameters}`, headers, signal },
    )
    const text = await body.text()
    if (statusCode === 405 && this.#method === 'POST') {
      // Proxies that grant reading only let GET pass.
      this.#method = 'GET'
      return { error: `${this.#name} does not take POST`, retry: true, pause: 0 }
    }
    if (statusCode === 200) {
      const answer = readAnswer(text)
      return 'error' in answer ? { error: `${this.#name} cannot say: ${answer.error}` } : answer
    }
    const error = `${this.#name} ${describeStatus(statusCode, text, answered['location'], promql)}`
    if (!passing.includes(statusCode)) return { error }
    const pause = Number(answered['retry-after'] ?? Number.NaN) * 1_000
    return { error, retry: true, ...(pause >= 0 && { pause }) }
  }

  async #authorization(): Promise<{ header: string } | { error: string; reached: false } | undefined> {
    const { bearerTokenFile } = this.#config
    if (bearerTokenFile !== undefined) {
      const token = await readSecret(bearerTokenFile)
      return token === undefined
        ? { error: `the token file ${bearerTokenFile} cannot be read`, reached: false }
        : { header: `Bearer ${token}` }
    }
    const { username, password } = this.#url
    if (username === '' && password === '') return undefined
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return { header: `Basic ${Buffer.from(credentials).toString('base64')}` }
  }

  async #connect(): Promise<Pool | { error: string; reached: false }> {
    if (this.#pool !== undefined) return this.#pool
    const { caFile, insecureSkipVerify } = this.#config
    const ca = caFile === undefined ? undefined : await readSecret(caFile)
    if (caFile !== undefined && ca === undefined)
      return { error: `the CA file ${caFile} cannot be read`, reached: false }
    this.#pool ??= new Pool(this.#url.origin, {
      connections: 4,
      maxResponseSize: longestAnswer,
      // The deadline of the query bounds everything; these would run on the machine's own time.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { rejectUnauthorized: !insecureSkipVerify, ...(ca !== undefined && { ca }) },
    })
    return this.#pool
  }

  async #drop(): Promise<void> {
    const pool = this.#pool
    this.#pool = undefined
    await pool?.destroy()
  }
}

async function readSecret(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
}
