import { type Blob, type Descriptor, descriptorOf, jsonBlob, mediaTypes } from './descriptor.ts'
import type { Layer } from './layer.ts'
import type { Platform } from './platform.ts'
import { nodePath, userId } from './root-files.ts'

/** Everything that an image is made of, for one platform. */
export interface PlatformImage {
  readonly platform: Platform
  readonly layers: readonly Layer[]
  readonly config: Blob
  readonly manifest: Blob
  /** What is in it: a manifest that refers to the image's, and what that is made of. */
  readonly bill: { readonly manifest: Blob; readonly blobs: readonly Blob[] }
}

export interface ImageFacts {
  /** `org.opencontainers.image.…`, without that prefix. */
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since 1970. */
  readonly created: number
  readonly command: readonly string[]
  readonly workingDir: string
  readonly entry: string
}

/** The configuration and manifest of an image for one platform (OCI image specification 1.1), and its bill of materials. */
export function platformImage(
  platform: Platform,
  layers: readonly Layer[],
  facts: ImageFacts,
  bill: object,
): PlatformImage {
  const config = jsonBlob(mediaTypes.config, configOf(platform, layers, facts))
  const manifest = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(config),
    layers: layers.map(({ blob }) => descriptorOf(blob)),
    annotations: labelsOf(facts),
  })
  return { platform, layers, config, manifest, bill: referrer(manifest, bill) }
}

function configOf({ architecture }: Platform, layers: readonly Layer[], facts: ImageFacts): object {
  const created = new Date(facts.created * 1000).toISOString().replace('.000Z', 'Z')
  return {
    created,
    architecture,
    os: 'linux',
    config: {
      User: `${userId}:${userId}`,
      Env: ['PATH=/usr/local/bin', 'NODE_ENV=production', 'HOME=/tmp'],
      Entrypoint: [`/${nodePath}`, facts.entry],
      Cmd: facts.command,
      WorkingDir: facts.workingDir,
      Labels: labelsOf(facts),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created, created_by: `ap build: ${name}` })),
  }
}

function labelsOf({ labels }: ImageFacts): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [`org.opencontainers.image.${name}`, value]))
}

/** An artifact about an image, as registries list them under "referrers". */
function referrer(subject: Blob, content: object): PlatformImage['bill'] {
  const bill = jsonBlob(mediaTypes.cycloneDx, content)
  const empty = jsonBlob(mediaTypes.empty, {})
  const manifest = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.cycloneDx,
    config: descriptorOf(empty),
    layers: [descriptorOf(bill)],
    subject: descriptorOf(subject),
  })
  return { manifest: { ...manifest, artifactType: mediaTypes.cycloneDx }, blobs: [empty, bill] }
}

/** What a tag names: the manifest of the only platform, or an index of several. */
export function topOf(images: readonly PlatformImage[]): Blob {
  const [first, ...others] = images
  if (first === undefined) throw new Error('an image is for one platform at least')
  if (others.length === 0) return first.manifest
  const manifests: Descriptor[] = images.map(({ manifest, platform }) => ({
    ...descriptorOf(manifest),
    platform: { os: 'linux', architecture: platform.architecture },
  }))
  return jsonBlob(mediaTypes.index, { schemaVersion: 2, mediaType: mediaTypes.index, manifests })
}

/** All content of an image, each once, in an order in which nothing names what comes after it. */
export function blobsOf(images: readonly PlatformImage[]): Blob[] {
  const all = [
    ...images.flatMap(({ layers }) => layers.map(({ blob }) => blob)),
    ...images.flatMap(({ config, manifest }) => [config, manifest]),
    topOf(images),
    ...images.flatMap(({ bill }) => [...bill.blobs, bill.manifest]),
  ]
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()]
}
