import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Clock } from './clock.ts'
import type { ClientCertificate, Credentials, Presentation } from './credentials.ts'
import { ExecPlugin } from './exec-plugin.ts'
import { FreshFile } from './fresh-file.ts'
import type { KubeUser } from './kubeconfig.ts'

type Headers = Readonly<Record<string, string | string[]>>

/** Content that stands in a kubeconfig or in a file that it names. */
interface Part {
  read(): Promise<string>
  expire?(): void
}

/**
 * The credentials of a kubeconfig's user: client certificate, token, token file, exec plugin, basic, and the providers that
 * only client-node knows (OIDC, GCP, Azure). A token file wins over a token, as in client-go.
 */
export class UserCredentials implements Credentials {
  readonly user: string
  readonly #user: KubeUser
  readonly #certificate: { readonly cert: Part; readonly key: Part } | undefined
  readonly #tokenFile: FreshFile | undefined
  readonly #plugin: { present(): Promise<Presentation>; expire(): void } | undefined

  constructor(user: KubeUser, server: { readonly server: string; readonly ca: string | undefined }, clock: Clock) {
    this.user = user.name
    this.#user = user
    this.#tokenFile = user.tokenFile === undefined ? undefined : new FreshFile('token file', user.tokenFile, clock)
    const cert = part('client certificate', user.certFile, user.certData, clock)
    const key = part('client key', user.keyFile, user.keyData, clock)
    this.#certificate = cert === undefined || key === undefined ? undefined : { cert, key }
    if (user.exec) this.#plugin = new ExecPlugin(user, server, clock)
    else if (user.authProvider) this.#plugin = new ProviderOfClientNode(user)
  }

  async present(): Promise<Presentation> {
    const plugin = await this.#obtain()
    const certificate = (await this.#ownCertificate()) ?? plugin?.certificate
    return {
      headers: { ...plugin?.headers, ...(await this.#ownHeaders()), ...impersonation(this.#user) },
      ...(certificate !== undefined && { certificate }),
    }
  }

  renew(): boolean {
    this.#tokenFile?.expire()
    this.#certificate?.cert.expire?.()
    this.#certificate?.key.expire?.()
    this.#plugin?.expire()
    return this.#tokenFile !== undefined || this.#plugin !== undefined || this.#user.certFile !== undefined
  }

  async #obtain(): Promise<Presentation | undefined> {
    try {
      return await this.#plugin?.present()
    } catch (cause) {
      const problem = (cause instanceof Error ? cause.message : String(cause)).trim().replaceAll(/\s*\n\s*/g, '; ')
      const hint = this.#user.exec?.installHint
      const full = typeof hint === 'string' ? `${problem} (${hint.trim().replaceAll(/\s+/g, ' ')})` : problem
      throw new DiagnosticError([diagnostic('AP3013', { user: this.user, problem: full })], { cause })
    }
  }

  async #ownHeaders(): Promise<Headers> {
    const { token, username, password } = this.#user
    if (this.#tokenFile !== undefined) return { authorization: `Bearer ${await this.#tokenFile.read()}` }
    if (token) return { authorization: `Bearer ${token.trim()}` }
    if (!username) return {}
    return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
  }

  async #ownCertificate(): Promise<ClientCertificate | undefined> {
    if (this.#certificate === undefined) return undefined
    return { cert: await this.#certificate.cert.read(), key: await this.#certificate.key.read() }
  }
}

/** The rarer providers: loading client-node for them costs half a second and some 70 MB, so only they pay it. */
class ProviderOfClientNode {
  readonly #user: KubeUser
  #config: Promise<{ applyToHTTPSOptions(options: object): Promise<void> }> | undefined

  constructor(user: KubeUser) {
    this.#user = user
  }

  async present(): Promise<Presentation> {
    this.#config ??= import('@kubernetes/client-node/dist/config.js').then(({ KubeConfig }) => {
      const config = new KubeConfig()
      config.loadFromClusterAndUser({ name: 'cluster', server: 'https://unused', skipTLSVerify: true }, this.#user)
      return config
    })
    const options: { headers: Record<string, string> } = { headers: {} }
    await (await this.#config).applyToHTTPSOptions(options)
    const authorization = options.headers['Authorization']
    return { headers: authorization === undefined ? {} : { authorization } }
  }

  expire(): void {
    this.#config = undefined
  }
}

/** Data wins over a file, as with kubectl. */
function part(what: string, file: string | undefined, data: string | undefined, clock: Clock): Part | undefined {
  if (!data) return file ? new FreshFile(what, file, clock) : undefined
  const text = Buffer.from(data, 'base64').toString('utf8')
  return { read: async () => text }
}

function impersonation({ impersonateUser, impersonateGroups }: KubeUser): Headers {
  return {
    ...(impersonateUser && { 'impersonate-user': impersonateUser }),
    ...(impersonateGroups && impersonateGroups.length > 0 && { 'impersonate-group': [...impersonateGroups] }),
  }
}
