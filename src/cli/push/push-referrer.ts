import { fieldsOf, listOf } from '../../mesh/fields.ts'
import { type Blob, type Digest, descriptorOf, jsonBlob, mediaTypes } from '../build/descriptor.ts'
import { notTaken } from './problems.ts'
import { pushManifest } from './push-manifest.ts'
import type { RegistryClient } from './registry-client.ts'

/**
 * Stores a manifest about another one, so that it is found by that: in registries without the API for it, in an index under a tag made of
 * the digest (OCI distribution specification 1.1, "Unavailable Referrers API"). False when all of it is there already.
 *
 * @throws DiagnosticError when the registry does not take it
 */
export async function pushReferrer(
  client: RegistryClient,
  what: string,
  manifest: Blob,
  subject: Digest,
): Promise<boolean> {
  const isNew = await pushManifest(client, what, manifest)
  const api = await client.ask({ method: 'GET', at: `referrers/${subject}` })
  if (api.status === 200) return isNew
  if (api.status !== 404) throw await client.unexpected(what, api)
  const tag = subject.replace(':', '-')
  const found = await client.ask({ method: 'GET', at: `manifests/${tag}`, headers: { accept: mediaTypes.index } })
  if (found.status !== 200 && found.status !== 404) throw await client.unexpected(what, found)
  const others = found.status === 200 ? readManifests(client, what, tag, found.text) : []
  if (others.some((one) => fieldsOf(one)['digest'] === manifest.digest)) return isNew
  const own = { ...descriptorOf(manifest), ...(manifest.artifactType && { artifactType: manifest.artifactType }) }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...others, own] }
  return pushManifest(client, what, jsonBlob(mediaTypes.index, index), tag)
}

function readManifests(client: RegistryClient, what: string, tag: string, text: string): readonly unknown[] {
  try {
    const { manifests } = fieldsOf(JSON.parse(text))
    if (Array.isArray(manifests)) return listOf(manifests)
  } catch {
    // Said below.
  }
  throw notTaken(client.host.name, what, `its tag ${tag} should name an index and names something else`)
}
