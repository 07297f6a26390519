import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { makeFolder } from '../make-folder.ts'
import { type Blob, blobOf, type Digest, digestOf, mediaTypes } from './descriptor.ts'
import { type Entry, tarOf } from './tar.ts'
import { writeWhole } from './write-whole.ts'

/** A part of a file system. */
export interface Layer {
  /** What is in it, for people. */
  readonly name: string
  readonly blob: Blob
  /** Of the archive before compression, as configurations name layers. */
  readonly diffId: Digest
}

export interface Compression {
  /** Of gzip: 1 to 9. */
  readonly level: number
  /** Where compressed layers are kept: compressing Node is nearly all of the time of a build. */
  readonly cache: string
}

/** Makes a layer; the same entries and level give the same bytes, whether they were kept or not. */
export async function layerOf(name: string, entries: readonly Entry[], compression: Compression): Promise<Layer> {
  const archive = await tarOf(entries)
  const diffId = digestOf(archive)
  const kept = await findKept(diffId, compression)
  const content = kept ?? (await compress(archive, compression.level))
  const blob = blobOf(mediaTypes.layer, content)
  if (kept === undefined) await keep(diffId, blob, compression)
  return { name, blob, diffId }
}

/** Node writes no time and no name into the header; what is left is the operating system, which is set to "unknown" (RFC 1952). */
async function compress(archive: Buffer, level: number): Promise<Buffer> {
  const content = await promisify(gzip)(archive, { level })
  content[9] = 255
  return content
}

/** Files are named by what they are made from and by what they are, so that a damaged one is not taken. */
async function findKept(diffId: Digest, { cache, level }: Compression): Promise<Buffer | undefined> {
  const prefix = keptPrefix(diffId, level)
  const name = (await readdir(cache).catch(() => [])).find((one) => one.startsWith(prefix))
  if (name === undefined) return undefined
  const content = await readFile(join(cache, name))
  return name === `${prefix}${hex(digestOf(content))}.tar.gz` ? content : undefined
}

async function keep(diffId: Digest, { content, digest }: Blob, { cache, level }: Compression): Promise<void> {
  await makeFolder(cache)
  await writeWhole(join(cache, `${keptPrefix(diffId, level)}${hex(digest)}.tar.gz`), (path) => writeFile(path, content))
}

/** Another version of zlib may compress otherwise; its layers are others. */
function keptPrefix(diffId: Digest, level: number): string {
  return `${hex(diffId).slice(0, 32)}-zlib-${process.versions['zlib']}-${level}-`
}

function hex(digest: Digest): string {
  return digest.slice('sha256:'.length)
}
