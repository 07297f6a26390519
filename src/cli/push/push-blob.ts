import type { Blob } from '../build/descriptor.ts'
import { notTaken } from './problems.ts'
import type { RegistryAnswer, RegistryClient, RegistryRequest } from './registry-client.ts'

/** Of a chunk, for a registry behind a proxy that takes no larger bodies; bytes. */
const chunkSize = 5_000_000
const binary = { 'content-type': 'application/octet-stream' }

/**
 * Sends content unless the registry has it already, in which case the result is false. What was cut off is begun anew.
 *
 * @throws DiagnosticError when the registry does not take it, or has something else under that name
 */
export async function pushBlob(client: RegistryClient, what: string, blob: Blob): Promise<boolean> {
  const there = await client.ask({ method: 'HEAD', at: `blobs/${blob.digest}` })
  if (there.status === 200) {
    const size = there.header('content-length')
    if (size === undefined || Number(size) === blob.size) return false
    throw notTaken(client.host.name, what, `it has ${size} bytes under ${blob.digest}, which names ${blob.size}`)
  }
  if (there.status !== 404) throw await client.unexpected(what, there)
  await client.persistently(async () => {
    const whole = await sendWhole(client, what, blob)
    const last = whole.status === 413 ? await sendChunks(client, what, blob) : whole
    if (last.status !== 201) throw await client.unexpected(what, last)
    checkDigest(client, what, blob, last)
  })
  return true
}

/** A registry that says what it stored must say the same as we do. */
export function checkDigest(client: RegistryClient, what: string, { digest }: Blob, answer: RegistryAnswer): void {
  const stored = answer.header('docker-content-digest')
  if (stored === undefined || stored === digest) return
  throw notTaken(client.host.name, what, `it stored ${digest} as ${stored}: something on the way changes content`)
}

/** "POST then PUT". */
async function sendWhole(client: RegistryClient, what: string, blob: Blob): Promise<RegistryAnswer> {
  const begun = await begin(client, what)
  return client.askOnce({
    method: 'PUT',
    at: withDigest(next(client, what, begun), blob),
    headers: { ...binary, 'content-length': String(blob.size) },
    body: blob.content,
  })
}

/** "Pushing a blob in chunks", as large as the registry wants them at least. */
async function sendChunks(client: RegistryClient, what: string, blob: Blob): Promise<RegistryAnswer> {
  let answer = await begin(client, what)
  const size = Math.max(chunkSize, Number(answer.header('oci-chunk-min-length')) || 0)
  for (let start = 0; start < blob.size; start += size) {
    const body = blob.content.subarray(start, start + size)
    const range = `${start}-${start + body.length - 1}`
    const headers = { ...binary, 'content-length': String(body.length), 'content-range': range }
    answer = await accepted(client, what, { method: 'PATCH', at: next(client, what, answer), headers, body })
  }
  return client.askOnce({
    method: 'PUT',
    at: withDigest(next(client, what, answer), blob),
    headers: { 'content-length': '0' },
  })
}

function begin(client: RegistryClient, what: string): Promise<RegistryAnswer> {
  return accepted(client, what, { method: 'POST', at: 'blobs/uploads/', headers: { 'content-length': '0' } })
}

async function accepted(client: RegistryClient, what: string, request: RegistryRequest): Promise<RegistryAnswer> {
  const answer = await client.askOnce(request)
  if (answer.status !== 202) throw await client.unexpected(what, answer)
  return answer
}

/** Where the upload goes on. */
function next(client: RegistryClient, what: string, answer: RegistryAnswer): URL {
  const location = answer.header('location')
  const url = location === undefined ? undefined : client.resolve(location, answer.url)
  if (url === undefined) throw notTaken(client.host.name, what, 'it does not say where to send it')
  return url
}

function withDigest(url: URL, { digest }: Blob): URL {
  const full = new URL(url)
  full.searchParams.set('digest', digest)
  return full
}
