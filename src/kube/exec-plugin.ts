import { join } from 'node:path'
import type { Clock } from './clock.ts'
import type { Presentation } from './credentials.ts'
import type { KubeUser } from './kubeconfig.ts'
import { isRecord } from './wire.ts'

const longestRunMs = 60_000

/**
 * Credentials from the command of a kubeconfig (client.authentication.k8s.io), run by client-node, which keeps them until
 * their expiry. However many requests wait, the command runs once.
 */
export class ExecPlugin {
  readonly #user: KubeUser
  readonly #server: { readonly server: string; readonly ca: string | undefined }
  readonly #clock: Clock
  #authenticator: Promise<{ applyAuthentication(user: KubeUser, options: object): Promise<void> }> | undefined
  #running: Promise<Presentation> | undefined

  constructor(user: KubeUser, server: { readonly server: string; readonly ca: string | undefined }, clock: Clock) {
    this.#user = user
    this.#server = server
    this.#clock = clock
  }

  present(): Promise<Presentation> {
    this.#running ??= this.#obtain().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Forgets what the command gave. */
  expire(): void {
    this.#authenticator = undefined
  }

  async #obtain(): Promise<Presentation> {
    this.#authenticator ??= import('@kubernetes/client-node/dist/exec_auth.js').then(({ ExecAuth }) => new ExecAuth())
    const authenticator = await this.#authenticator
    const options: { headers: Record<string, string>; cert?: string; key?: string } = { headers: {} }
    const given = new AbortController()
    const late = this.#clock.sleep(longestRunMs, given.signal).then(() => {
      if (!given.signal.aborted) throw new Error(`the command gave nothing within ${longestRunMs / 1000} s`)
    })
    try {
      await Promise.race([authenticator.applyAuthentication(this.#command(), options), late])
    } finally {
      given.abort()
    }
    const authorization = options.headers['Authorization']
    return {
      headers: authorization === undefined ? {} : { authorization },
      ...(options.cert !== undefined &&
        options.key !== undefined && { certificate: { cert: options.cert, key: options.key } }),
    }
  }

  /** The user with what plugins expect to find in their environment, and with a command that can be started from here. */
  #command(): KubeUser {
    const exec: Record<string, unknown> = isRecord(this.#user.exec) ? this.#user.exec : {}
    const command = String(exec['command'] ?? '')
    const info = {
      apiVersion: exec['apiVersion'] ?? 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        ...(exec['provideClusterInfo'] === true && {
          cluster: {
            server: this.#server.server,
            ...(this.#server.ca !== undefined && {
              'certificate-authority-data': Buffer.from(this.#server.ca).toString('base64'),
            }),
          },
        }),
      },
    }
    const env = Array.isArray(exec['env']) ? exec['env'] : []
    return {
      ...this.#user,
      exec: {
        ...exec,
        // A path counts from the kubeconfig, a plain name is looked up in PATH.
        command: command.includes('/')
          ? join(command.startsWith('/') ? '' : (this.#user.folder ?? ''), command)
          : command,
        args: exec['args'] ?? [],
        env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
      },
    }
  }
}
