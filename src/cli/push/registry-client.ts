import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
import type { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { type Clock, systemClock } from '../../kube/clock.ts'
import { connectionError } from '../../kube/connection-problem.ts'
import { ConnectionError } from '../../kube/errors.ts'
import { formatDuration } from '../../project/duration.ts'
import type { CommandIo } from '../io.ts'
import { type Patience, persistently, retryAfter, Transient } from './attempts.ts'
import { parseChallenges } from './challenge.ts'
import { CredentialsUnreadable, dockerConfigFile, findCredentials } from './docker-config.ts'
import { describeAnswer, notAllowed, notReachable, notTaken } from './problems.ts'
import { type AskTokenService, RegistryAuth } from './registry-auth.ts'
import type { RegistryHost } from './registry-host.ts'

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  /** An address, or a path under `/v2/<repository>/`. */
  readonly at: URL | string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

export interface RegistryAnswer {
  readonly status: number
  readonly text: string
  /** The first value of a header; its name in lower case. */
  header(name: string): string | undefined
  /** Where the request went. */
  readonly url: URL
}

const redirects: readonly number[] = [301, 302, 303, 307, 308]
const farthest = 5

/** One repository of a registry, over HTTP (OCI distribution specification 1.1). Every request is logged in as far as the registry asks for it. */
export class RegistryClient {
  readonly host: RegistryHost
  readonly repository: string
  readonly #io: Pick<CommandIo, 'env' | 'signal' | 'stderr'>
  readonly #clock: Clock
  readonly #auth: RegistryAuth
  readonly #dispatcher: Dispatcher
  #root: URL

  private constructor(host: RegistryHost, repository: string, io: Pick<CommandIo, 'env' | 'signal' | 'stderr'>) {
    this.host = host
    this.repository = repository
    this.#io = io
    this.#clock = systemClock
    this.#dispatcher = dispatcherFor(host, io)
    this.#root = new URL(`https://${host.authority}`)
    this.#auth = new RegistryAuth({
      host,
      repository,
      configFile: dockerConfigFile(io),
      credentials: () => findCredentials(host, io).catch((error: unknown) => this.#unreadable(error)),
      ask: (url, options) => this.#askTokenService(url, options),
    })
  }

  /**
   * Finds out how the registry is spoken to, and logs in.
   *
   * @throws DiagnosticError when there is none, or it lets nobody in
   */
  static async open(
    host: RegistryHost,
    repository: string,
    io: Pick<CommandIo, 'env' | 'signal' | 'stderr'>,
  ): Promise<RegistryClient> {
    const client = new RegistryClient(host, repository, io)
    try {
      await client.#findOut()
      return client
    } catch (error) {
      await client.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }

  /** Does something that needs several requests until it is done, as far as it throws `Transient`. */
  persistently<Result>(action: () => Promise<Result>): Promise<Result> {
    const { signal, stderr } = this.#io
    const waiting: Patience['waiting'] = ({ diagnostics: [problem] }, wait) => {
      if (wait < 1000) return
      stderr.write(
        `${problem?.message ?? 'That failed'}; trying again in ${formatDuration(Math.ceil(wait / 1000) * 1000)} …\n`,
      )
    }
    return persistently({ clock: this.#clock, random: Math.random, signal, waiting }, action)
  }

  /**
   * Asks until there is an answer that another attempt would not change.
   *
   * @throws DiagnosticError when there is none, or the registry does not let this user do that
   */
  ask(request: RegistryRequest): Promise<RegistryAnswer> {
    return this.persistently(() => this.askOnce(request))
  }

  /** Asks once. @throws Transient where another attempt may go better */
  async askOnce(request: RegistryRequest): Promise<RegistryAnswer> {
    const url = request.at instanceof URL ? request.at : new URL(`/v2/${this.repository}/${request.at}`, this.#root)
    const answer = await this.#send(url, request)
    if (answer.status !== 401 || url.origin !== this.#root.origin) return answer
    await this.#auth.answer(parseChallenges(answer.header('www-authenticate')))
    const second = await this.#send(url, request)
    if (second.status === 401) throw await this.#auth.refused(second)
    return second
  }

  /** An address that the registry gives, which may be relative, or forget that a proxy before it speaks TLS. */
  resolve(location: string, from: URL): URL | undefined {
    const url = URL.parse(location, from.href) ?? undefined
    if (url?.protocol === 'http:' && url.hostname === this.#root.hostname && this.#root.protocol === 'https:') {
      return new URL(`${this.#root.origin}${url.pathname}${url.search}`)
    }
    return url
  }

  /** For an answer that nothing can be made of. */
  async unexpected(what: string, answer: RegistryAnswer): Promise<DiagnosticError | Error> {
    if (answer.status === 403) return this.#auth.refused(answer)
    return notTaken(this.host.name, what, describeAnswer(answer))
  }

  async #findOut(): Promise<void> {
    let first: ConnectionError | undefined
    for (const protocol of this.host.isInsecure ? ['https', 'http'] : ['https']) {
      this.#root = new URL(`${protocol}://${this.host.authority}`)
      try {
        const answer = await this.persistently(() =>
          this.#send(new URL('/v2/', this.#root), { method: 'GET', at: '' }, true),
        )
        if (answer.status === 401) {
          const challenges = parseChallenges(answer.header('www-authenticate'))
          return await this.persistently(() => this.#auth.answer(challenges))
        }
        if (answer.status === 200) return
        throw notReachable(this.host.name, `it answers GET /v2/ with status ${answer.status} and so is no registry`)
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        first = first === undefined || first.problem === 'protocol' ? error : first
      }
    }
    throw notReachable(this.host.name, first?.explanation ?? 'there is no answer', first)
  }

  /** With `plain`, a connection that fails is not tried again: another way may be the right one. */
  async #send(url: URL, { method, headers = {}, body }: RegistryRequest, plain = false): Promise<RegistryAnswer> {
    for (let [at, left] = [url, farthest]; ; left -= 1) {
      const authorization = at.origin === this.#root.origin ? this.#auth.header : undefined
      const answer = await this.#exchange(
        at,
        {
          method,
          headers: { ...headers, ...(authorization !== undefined && { authorization }) },
          ...(body !== undefined && { body }),
        },
        plain,
      )
      const target = redirects.includes(answer.status) ? answer.header('location') : undefined
      const next = target === undefined ? undefined : this.resolve(target, at)
      if (next === undefined || left === 0 || !['GET', 'HEAD'].includes(method)) return answer
      at = next
    }
  }

  async #exchange(
    url: URL,
    { method, headers, body }: Required<Pick<RegistryRequest, 'method' | 'headers'>> & Pick<RegistryRequest, 'body'>,
    plain = false,
  ): Promise<RegistryAnswer> {
    const { signal } = this.#io
    let answer: RegistryAnswer
    try {
      const response = await request(url, {
        method,
        dispatcher: this.#dispatcher,
        signal,
        headers: { 'user-agent': 'mesh-autopilot', ...headers },
        headersTimeout: answerTimeout(body),
        ...(body !== undefined && { body }),
      })
      answer = {
        status: response.statusCode,
        text: await response.body.text(),
        header: (name) => [response.headers[name] ?? []].flat()[0],
        url,
      }
    } catch (error) {
      signal.throwIfAborted()
      const problem = connectionError(url.origin, error)
      if (plain) throw problem
      throw new Transient(notReachable(this.host.name, problem.explanation, error))
    }
    if (answer.status !== 429 && (answer.status < 500 || answer.status === 501)) return answer
    const problem = notTaken(this.host.name, `request ${method} ${url.pathname}`, describeAnswer(answer))
    throw new Transient(problem, retryAfter(answer.header('retry-after'), this.#clock.now()))
  }

  async #askTokenService(...[url, options]: Parameters<AskTokenService>): Promise<RegistryAnswer> {
    return this.#exchange(url, options)
  }

  #unreadable(error: unknown): never {
    if (!(error instanceof CredentialsUnreadable)) throw error
    throw notAllowed(this.host.name, error.message, error)
  }
}

/** Five minutes, and what sending the body takes on a slow line; milliseconds. */
function answerTimeout(body: Buffer | string | undefined): number {
  const slowest = 32 // Bytes per millisecond.
  return 300_000 + (body?.length ?? 0) / slowest
}

/** By the proxy that the environment names, but for this machine. */
function dispatcherFor({ isInsecure, isLocal }: RegistryHost, { env }: Pick<CommandIo, 'env'>): Dispatcher {
  const tls = isInsecure ? { rejectUnauthorized: false } : {}
  if (isLocal) return new Agent({ connect: tls })
  const named = (name: string) => env[name.toLowerCase()] ?? env[name] ?? ''
  return new EnvHttpProxyAgent({
    httpProxy: named('HTTP_PROXY'),
    httpsProxy: named('HTTPS_PROXY'),
    noProxy: named('NO_PROXY'),
    connect: tls,
    requestTls: tls,
  })
}
