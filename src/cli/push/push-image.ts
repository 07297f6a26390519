import type { Blob, Digest } from '../build/descriptor.ts'
import { type PlatformImage, topOf } from '../build/image.ts'
import type { ImageName } from '../build/image-name.ts'
import { during } from '../build/progress.ts'
import type { CommandIo } from '../io.ts'
import { pushBlob } from './push-blob.ts'
import { checkTag, pushManifest } from './push-manifest.ts'
import { pushReferrer } from './push-referrer.ts'
import { RegistryClient } from './registry-client.ts'
import { registryHost } from './registry-host.ts'

export interface Pushed {
  /** By digest: `ghcr.io/acme/rollouts@sha256:…`. */
  readonly reference: string
  /** Bytes that the registry did not have. */
  readonly uploaded: number
}

export interface PushOptions {
  /** Whether the registry may have any certificate, or speak plain HTTP. */
  readonly insecure: boolean
}

interface Part {
  readonly what: string
  readonly blob: Blob
  readonly send: (client: RegistryClient, what: string, blob: Blob) => Promise<boolean>
}

/**
 * Brings an image to its registry (OCI distribution specification 1.1): what others name comes before them, and the tag last, so that nobody
 * ever finds a part. What the registry has is not sent again. Then the tag is read back.
 *
 * @throws DiagnosticError when the registry cannot be reached, or does not take it; the tag is as it was then
 */
export async function pushImage(
  name: ImageName,
  images: readonly PlatformImage[],
  { insecure }: PushOptions,
  io: CommandIo,
): Promise<Pushed> {
  const client = await RegistryClient.open(registryHost(name, insecure), name.repository, io)
  try {
    let uploaded = 0
    for (const { what, blob, send } of partsOf(images)) {
      io.signal.throwIfAborted()
      const saying = `Uploading the ${what} (${(blob.size / 1e6).toFixed(1)} MB) to ${name.registry}`
      if (await during(io, saying, send(client, what, blob))) uploaded += blob.size
    }
    const top = topOf(images)
    if (await pushManifest(client, 'tag', top, name.tag)) uploaded += top.size
    await checkTag(client, 'tag', top, name.tag)
    return { reference: `${name.registry}/${name.repository}@${top.digest}`, uploaded }
  } finally {
    await client.close()
  }
}

/** Everything there is to send, each content once. */
function partsOf(images: readonly PlatformImage[]): Part[] {
  const blob = (what: string, content: Blob): Part => ({ what, blob: content, send: pushBlob })
  const manifest = (what: string, content: Blob): Part => ({ what, blob: content, send: pushManifest })
  const referrer = (content: Blob, subject: Digest): Part => ({
    what: 'bill of materials',
    blob: content,
    send: (client, what, one) => pushReferrer(client, what, one, subject),
  })
  const parts = [
    ...images.flatMap(({ platform, layers, config }) => [
      ...layers.map((layer) => blob(`layer ${layer.name} for ${platform.name}`, layer.blob)),
      blob(`configuration for ${platform.name}`, config),
    ]),
    ...images.map((image) => manifest(`manifest for ${image.platform.name}`, image.manifest)),
    ...images.flatMap(({ bill, manifest: subject }) => [
      ...bill.blobs.map((content) => blob('bill of materials', content)),
      referrer(bill.manifest, subject.digest),
    ]),
    ...(images.length > 1 ? [manifest('index', topOf(images))] : []),
  ]
  return [...new Map(parts.map((part) => [part.blob.digest, part])).values()]
}
