import { createHash } from 'node:crypto'

/** `sha256:` and the hash in hexadecimal, as OCI names content. */
export type Digest = `sha256:${string}`

/** How one piece of content names another (OCI image specification 1.1, "OCI Content Descriptors"). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly artifactType?: string
  readonly platform?: { readonly os: string; readonly architecture: string }
  readonly annotations?: Readonly<Record<string, string>>
}

/** Content, and its name. */
export interface Blob extends Descriptor {
  readonly content: Buffer
}

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  cycloneDx: 'application/vnd.cyclonedx+json',
} as const

export function digestOf(content: Buffer): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

export function blobOf(mediaType: string, content: Buffer): Blob {
  return { mediaType, digest: digestOf(content), size: content.length, content }
}

/** The same object gives the same bytes: keys keep their order. */
export function jsonBlob(mediaType: string, content: object): Blob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(content)))
}

/** What others write of a blob to name it. */
export function descriptorOf({ mediaType, digest, size }: Blob): Descriptor {
  return { mediaType, digest, size }
}
