import { fieldsOf, textOf } from '../../mesh/fields.ts'
import type { Challenge } from './challenge.ts'
import type { RegistryCredentials } from './docker-config.ts'
import { describeAnswer, notAllowed, notTaken } from './problems.ts'
import type { RegistryHost } from './registry-host.ts'

/** A request to the token service of a registry, which is elsewhere. */
export type AskTokenService = (
  url: URL,
  options: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  },
) => Promise<{ readonly status: number; readonly text: string }>

interface Login {
  readonly host: RegistryHost
  readonly repository: string
  /** Where credentials would be, for messages. */
  readonly configFile: string
  readonly credentials: () => Promise<RegistryCredentials | undefined>
  readonly ask: AskTokenService
}

/** How one push shows who it is: as the registry's challenges ask for it, with the credentials that there are. */
export class RegistryAuth {
  readonly #login: Login
  #credentials: Promise<RegistryCredentials | undefined> | undefined
  #header: string | undefined

  constructor(login: Login) {
    this.#login = login
  }

  /** For requests to the registry itself; undefined as long as it has not asked. */
  get header(): string | undefined {
    return this.#header
  }

  /**
   * Obtains what the registry asks for.
   *
   * @throws DiagnosticError when there is nothing to obtain it with, or the token service refuses it
   */
  async answer(challenges: readonly Challenge[]): Promise<void> {
    this.#credentials ??= this.#login.credentials()
    const credentials = await this.#credentials
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (credentials !== undefined && 'registryToken' in credentials) {
      this.#header = `Bearer ${credentials.registryToken}`
    } else if (bearer !== undefined) {
      this.#header = `Bearer ${await this.#token(bearer, credentials)}`
    } else if (challenges.some(({ scheme }) => scheme === 'basic')) {
      if (credentials === undefined || !('password' in credentials)) throw this.#without()
      this.#header = basic(credentials)
    } else {
      throw notAllowed(this.#login.host.name, 'it refuses this push and does not say how to log in')
    }
  }

  /** What to say of an answer that the registry gives in spite of everything that was shown. */
  async refused(answer: { readonly status: number; readonly text: string }): Promise<Error> {
    const { host, repository } = this.#login
    const credentials = await this.#credentials
    if (credentials === undefined) return this.#without()
    const who =
      'user' in credentials ? `${credentials.user} of ${credentials.source}` : `the token of ${credentials.source}`
    return notAllowed(host.name, `${who} may not push to ${repository}: ${describeAnswer(answer)}`)
  }

  #without(): Error {
    const { host, configFile } = this.#login
    return notAllowed(host.name, `it wants credentials, and ${configFile} has none for it`)
  }

  /** distribution.github.io/distribution/spec/auth/token and …/oauth; anonymous where there are no credentials. */
  async #token({ parameters }: Challenge, credentials: RegistryCredentials | undefined): Promise<string> {
    const { host, ask } = this.#login
    const realm = URL.parse(parameters['realm'] ?? '')
    const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && host.isInsecure)
    if (realm === null || !isSafe) {
      throw notAllowed(
        host.name,
        `its token service is at ${realm?.origin ?? 'no address'}, where everybody could read along`,
      )
    }
    const fields = { ...(parameters['service'] && { service: parameters['service'] }), scope: this.#scope() }
    const answer =
      credentials !== undefined && 'identityToken' in credentials
        ? await ask(realm, exchange(credentials.identityToken, fields))
        : await ask(withQuery(realm, fields), {
            method: 'GET',
            headers: credentials !== undefined && 'user' in credentials ? { authorization: basic(credentials) } : {},
          })
    if (answer.status === 401 || answer.status === 403) throw await this.refused(answer)
    const token = answer.status === 200 ? tokenIn(answer.text) : undefined
    if (token === undefined)
      throw notTaken(host.name, 'login', `its token service gives no token, ${describeAnswer(answer)}`)
    return token
  }

  #scope(): string {
    return `repository:${this.#login.repository}:pull,push`
  }
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function exchange(refreshToken: string, fields: Readonly<Record<string, string>>) {
  const form = { ...fields, grant_type: 'refresh_token', client_id: 'mesh-autopilot', refresh_token: refreshToken }
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  } as const
}

function withQuery(url: URL, fields: Readonly<Record<string, string>>): URL {
  const full = new URL(url)
  for (const [name, value] of Object.entries(fields)) full.searchParams.set(name, value)
  return full
}

function tokenIn(text: string): string | undefined {
  try {
    const { token, access_token: accessToken } = fieldsOf(JSON.parse(text))
    return textOf(token) || textOf(accessToken)
  } catch {
    return undefined
  }
}
