import { type Blob, digestOf } from '../build/descriptor.ts'
import { notTaken } from './problems.ts'
import { checkDigest } from './push-blob.ts'
import type { RegistryClient } from './registry-client.ts'

/**
 * Stores a manifest or an index under its digest, or under a tag, unless it is there already, in which case the result is false.
 *
 * @throws DiagnosticError when the registry does not take it
 */
export async function pushManifest(
  client: RegistryClient,
  what: string,
  manifest: Blob,
  reference: string = manifest.digest,
): Promise<boolean> {
  const { mediaType, digest, content } = manifest
  const there = await client.ask({ method: 'HEAD', at: `manifests/${reference}`, headers: { accept: mediaType } })
  if (there.status === 200 && (there.header('docker-content-digest') ?? reference) === digest) return false
  if (there.status !== 200 && there.status !== 404) throw await client.unexpected(what, there)
  const headers = { 'content-type': mediaType, 'content-length': String(content.length) }
  const answer = await client.ask({ method: 'PUT', at: `manifests/${reference}`, headers, body: content })
  if (answer.status !== 201) throw await client.unexpected(what, answer)
  checkDigest(client, what, manifest, answer)
  return true
}

/** Reads what a tag names back. @throws DiagnosticError unless it is this manifest, byte for byte */
export async function checkTag(client: RegistryClient, what: string, manifest: Blob, tag: string): Promise<void> {
  const answer = await client.ask({ method: 'GET', at: `manifests/${tag}`, headers: { accept: manifest.mediaType } })
  if (answer.status !== 200) throw await client.unexpected(what, answer)
  const found = digestOf(Buffer.from(answer.text))
  if (found !== manifest.digest) {
    throw notTaken(
      client.host.name,
      what,
      `the tag ${tag} names ${found} and not ${manifest.digest}; somebody else may have set it`,
    )
  }
}
