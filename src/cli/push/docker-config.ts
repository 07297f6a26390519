import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fieldsOf, isFields, textOf } from '../../mesh/fields.ts'
import type { CommandIo } from '../io.ts'
import type { RegistryHost } from './registry-host.ts'

/** What to show to a registry; `source` says where it is from, for messages. */
export type RegistryCredentials = { readonly source: string } & (
  | { readonly user: string; readonly password: string }
  /** Exchanged for tokens at the registry's token service. */
  | { readonly identityToken: string }
  /** Shown as it is. */
  | { readonly registryToken: string }
)

/** Why there are no credentials where some are configured, as the end of a sentence. */
export class CredentialsUnreadable extends Error {
  override readonly name = 'CredentialsUnreadable'
}

/** The configuration that `docker login` writes: in `$DOCKER_CONFIG`, else in `~/.docker`. */
export function dockerConfigFile({ env }: Pick<CommandIo, 'env'>): string {
  return join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json')
}

/**
 * Looks up credentials as Docker does (docs.docker.com/reference/cli/docker/login, "Credential stores"): the helper of the registry, else the
 * store of all, else the file itself. Undefined when there are none.
 *
 * @throws CredentialsUnreadable when the file is no such configuration, or the helper that it names fails
 */
export async function findCredentials(
  host: RegistryHost,
  io: Pick<CommandIo, 'env' | 'signal'>,
): Promise<RegistryCredentials | undefined> {
  const file = dockerConfigFile(io)
  const config = await readConfig(file)
  if (config === undefined) return undefined
  const helper = textOf(entryFor(config['credHelpers'], host)) ?? textOf(config['credsStore'])
  const stored = helper ? await fromHelper(helper, host, file, io) : undefined
  return stored ?? fromEntry(entryFor(config['auths'], host), file)
}

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new CredentialsUnreadable(`${file} cannot be read`, { cause })
  }
  try {
    const config: unknown = JSON.parse(text)
    if (isFields(config)) return config
  } catch {
    // The parser's message quotes the text, which has secrets.
  }
  throw new CredentialsUnreadable(`${file} is no JSON object`)
}

/** Older versions wrote addresses for names, such as `https://ghcr.io/v1/`. */
function entryFor(entries: unknown, { credentialsKey }: RegistryHost): unknown {
  const known = fieldsOf(entries)
  const plain = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return known[credentialsKey] ?? Object.entries(known).find(([key]) => plain(key) === plain(credentialsKey))?.[1]
}

function fromEntry(entry: unknown, source: string): RegistryCredentials | undefined {
  const { auth, username, password, identitytoken, registrytoken } = fieldsOf(entry)
  if (textOf(registrytoken)) return { source, registryToken: String(registrytoken) }
  if (textOf(identitytoken)) return { source, identityToken: String(identitytoken) }
  const decoded = Buffer.from(textOf(auth) ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  // Some versions padded the password with zero bytes.
  if (colon > 0)
    return { source, user: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') }
  if (textOf(username) && textOf(password)) return { source, user: String(username), password: String(password) }
  return undefined
}

/** What a helper answers for a registry that it does not know (github.com/docker/docker-credential-helpers, `credentials/error.go`). */
const unknownToHelper = 'credentials not found in native keychain'

async function fromHelper(
  name: string,
  { credentialsKey }: RegistryHost,
  file: string,
  io: Pick<CommandIo, 'env' | 'signal'>,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${name}`
  const named = `${program}, which ${file} names,`
  if (!/^[\w.-]+$/.test(name)) throw new CredentialsUnreadable(`${named} is no name of a program`)
  const { error, stdout, stderr } = await ask(program, credentialsKey, io)
  io.signal.throwIfAborted()
  if (error !== undefined) {
    if (error.code === 'ENOENT') throw new CredentialsUnreadable(`${named} is not on the PATH`, { cause: error })
    if (stdout.includes(unknownToHelper)) return undefined
    const said = `${stdout}\n${stderr}`.trim().split('\n')[0] || `status ${error.code}`
    throw new CredentialsUnreadable(`${named} fails: ${said}`, { cause: error })
  }
  let answer: unknown
  try {
    answer = JSON.parse(stdout)
  } catch {
    throw new CredentialsUnreadable(`${named} answers something that is no JSON`)
  }
  const { Username: user, Secret: password } = fieldsOf(answer)
  if (!textOf(user) || !textOf(password)) return undefined
  // The word that stands for a user where the secret is an identity token.
  if (user === '<token>') return { source: program, identityToken: String(password) }
  return { source: program, user: String(user), password: String(password) }
}

interface HelperAnswer {
  readonly error: (Error & { readonly code?: unknown }) | undefined
  readonly stdout: string
  readonly stderr: string
}

function ask(program: string, key: string, { env, signal }: Pick<CommandIo, 'env' | 'signal'>): Promise<HelperAnswer> {
  return new Promise((resolve) => {
    const child = execFile(program, ['get'], { env: { ...env }, signal }, (error, stdout, stderr) =>
      resolve({ error: error ?? undefined, stdout, stderr }),
    )
    // A program that ends without reading its input closes the pipe under us; its exit status tells the story.
    child.stdin?.on('error', () => {})
    child.stdin?.end(key)
  })
}
