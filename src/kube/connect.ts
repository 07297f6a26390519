import { readFileSync } from 'node:fs'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Random } from './back-off.ts'
import type { KubeClient } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import { isForbidden } from './errors.ts'
import { explain } from './explain.ts'
import { unreadable } from './fresh-file.ts'
import { HttpClient, type HttpClientOptions } from './http-client.ts'
import { type ConfigSource, findCluster } from './kubeconfig.ts'
import { PoolTransport } from './pool-transport.ts'
import type { Transport, TransportHooks } from './transport.ts'
import { UserCredentials } from './user-credentials.ts'
import { isRecord } from './wire.ts'

export interface ConnectOptions
  extends ConfigSource,
    TransportHooks,
    Pick<HttpClientOptions, 'userAgent' | 'onWarning'> {
  readonly clock?: Clock
  readonly random?: Random
}

export interface Connection {
  readonly client: KubeClient
  readonly transport: Transport
  /** Name of the user, for messages. */
  readonly user: string
  readonly context: string
  /** Namespace of the context or of the pod; absent when neither names one. */
  readonly namespace: string | undefined
  /** Version of the server, such as `v1.34.1`. */
  readonly serverVersion: string
}

/**
 * A client for the cluster that the surroundings name, tried once.
 *
 * @throws DiagnosticError: no such file, not a kubeconfig, unknown context, server out of reach, not trusted or of another
 * kind, credentials not obtained or not accepted.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const { clock = systemClock, random = Math.random, ...hooks } = options
  const { cluster, user, context, namespace } = findCluster(options)
  const { server, tlsServerName, skipTLSVerify, proxyUrl } = cluster
  const ca = readAuthority(cluster)
  const credentials = new UserCredentials(user, { server, ca }, clock)
  const transport = new PoolTransport({
    ...hooks,
    server,
    proxyUrl,
    clock,
    credentials,
    trust: {
      ...(ca !== undefined && { ca }),
      ...(skipTLSVerify && { insecure: true }),
      ...(tlsServerName !== undefined && { serverName: tlsServerName }),
    },
  })
  const client = new HttpClient(transport, { ...hooks, clock, random })
  try {
    const serverVersion = await versionOf(client)
    return { client, transport, user: user.name, context, namespace, serverVersion }
  } catch (error) {
    await transport.close()
    const found = explain(error, { server, user: user.name })
    throw found === undefined || error instanceof DiagnosticError
      ? error
      : new DiagnosticError([found], { cause: error })
  }
}

/** Some clusters keep the version to themselves; whoever is told so is known and has reached an API server. */
async function versionOf(client: KubeClient): Promise<string> {
  try {
    const answer = await client.raw('GET', '/version')
    const version = isRecord(answer) ? answer['gitVersion'] : undefined
    return typeof version === 'string' ? version : 'unknown'
  } catch (error) {
    if (isForbidden(error)) return 'unknown'
    throw error
  }
}

/** Data wins over a file, as with kubectl. */
function readAuthority({
  name,
  caFile,
  caData,
}: {
  name: string
  caFile?: string
  caData?: string
}): string | undefined {
  if (caData) return pem(name, caData)
  if (!caFile) return undefined
  try {
    return readFileSync(caFile, 'utf8')
  } catch (cause) {
    throw unreadable('certificate authority', caFile, cause)
  }
}

function pem(cluster: string, data: string): string {
  const text = Buffer.from(data, 'base64').toString('utf8')
  if (text.includes('-----BEGIN')) return text
  const problem = `the certificate-authority-data of the cluster ${cluster} is no base64 of a PEM certificate`
  throw new DiagnosticError([diagnostic('AP3006', { file: 'the kubeconfig', problem })])
}
