import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { freePort } from '../cluster/ports.ts'
import { type Running, start, waitFor } from '../cluster/processes.ts'

/** A registry in a process of its own: that of the CNCF project Distribution. */
export interface RealRegistry {
  /** `127.0.0.1` and the port. */
  readonly address: string
  /** The requests so far, as `PUT /v2/…`. */
  requests(): Promise<string[]>
  /** What it answers to a request with this header, asked by nothing of ours. */
  get(
    path: string,
    authorization?: string,
    accept?: string,
  ): Promise<{ readonly status: number; readonly body: Buffer }>
  stop(): Promise<void>
}

export interface RegistryOptions {
  /** As its configuration has it under `auth`. */
  readonly auth?: object
  readonly tls?: { readonly certificate: string; readonly key: string }
}

/** Starts it with its files in `folder`. */
export async function startRealRegistry(
  program: string,
  folder: string,
  { auth, tls }: RegistryOptions = {},
): Promise<RealRegistry> {
  await mkdir(folder, { recursive: true })
  const address = `127.0.0.1:${await freePort()}`
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: false } },
    storage: { inmemory: {} },
    http: { addr: address, ...(tls && { tls }) },
    ...(auth && { auth }),
  }
  const file = join(folder, 'registry.json')
  await writeFile(file, JSON.stringify(config))
  const running: Running = await start('registry', program, ['serve', file], folder)
  const get: RealRegistry['get'] = (path, authorization, accept = '*/*') =>
    plainGet(`${tls ? 'https' : 'http'}://${address}${path}`, { accept, ...(authorization && { authorization }) })
  const answers = () =>
    get('/v2/').then(
      ({ status }) => status < 500,
      () => false,
    )
  await waitFor('the registry answers', answers, { processes: [running] })
  return {
    address,
    get,
    requests: async () => {
      const log = await readFile(running.log, 'utf8')
      return [...log.matchAll(/^127\.0\.0\.1 .*?"([A-Z]+ \S+) HTTP/gm)].map(([, line = '']) => line)
    },
    stop: () => running.stop(),
  }
}

function plainGet(url: string, headers: Record<string, string>): ReturnType<RealRegistry['get']> {
  return new Promise((resolve, reject) => {
    const options = { headers, agent: false, rejectUnauthorized: false }
    const ask = url.startsWith('https') ? httpsRequest : httpRequest
    const call = ask(url, options, (response) => {
      buffer(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
    call.on('error', reject).end()
  })
}

interface Descriptor {
  readonly digest: string
}

/** Fetches what a tag names and everything that it names in turn; each is checked to be what its digest says. */
export async function pull(
  registry: RealRegistry,
  repository: string,
  reference: string,
  authorization?: string,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  const fetchOne = async (path: string): Promise<Buffer> => {
    const types = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'
    const { status, body } = await registry.get(
      `/v2/${repository}/${path}`,
      authorization,
      path.startsWith('manifests') ? types : undefined,
    )
    if (status !== 200) throw new Error(`${path} gives ${status}: ${body}`)
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
    if (path.includes('sha256:') && !path.endsWith(digest)) throw new Error(`${path} is ${digest}`)
    found.set(digest, body)
    return body
  }
  const manifest = async (name: string): Promise<void> => {
    const content: { config?: Descriptor; layers?: Descriptor[]; manifests?: Descriptor[] } = JSON.parse(
      String(await fetchOne(`manifests/${name}`)),
    )
    for (const { digest } of content.manifests ?? []) await manifest(digest)
    for (const { digest } of [content.config ?? [], content.layers ?? []].flat()) await fetchOne(`blobs/${digest}`)
  }
  await manifest(reference)
  return found
}

/** Writes what a tag or digest names as an OCI layout with one image, as `skopeo copy` does. */
export async function pullLayout(
  registry: RealRegistry,
  repository: string,
  digest: string,
  layout: string,
): Promise<void> {
  const content = await pull(registry, repository, digest)
  const folder = join(layout, 'blobs', 'sha256')
  await mkdir(folder, { recursive: true })
  for (const [name, body] of content) await writeFile(join(folder, name.replace('sha256:', '')), body)
  const manifests = [{ digest, size: content.get(digest)?.length }]
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
}
