import { existsSync } from 'node:fs'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { makeFolder } from '../make-folder.ts'
import { descriptorOf } from './descriptor.ts'
import { blobsOf, type PlatformImage, topOf } from './image.ts'
import type { ImageName } from './image-name.ts'
import { type Entry, tarOf } from './tar.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Writes an image as an OCI layout (OCI image specification 1.1, "Image Layout"): a folder, or an archive when the path ends in `.tar`.
 * A layout that is there is replaced as a whole.
 *
 * @throws DiagnosticError when something else is there
 */
export async function writeLayout(path: string, name: ImageName, images: readonly PlatformImage[]): Promise<void> {
  await checkPlace(path)
  const files = layoutFiles(name, images)
  await makeFolder(dirname(path))
  if (path.endsWith('.tar')) {
    const archive = await tarOf(files)
    return writeWhole(path, (temporary) => writeFile(temporary, archive))
  }
  await writeWhole(path, async (temporary) => {
    for (const file of files) {
      if ('folder' in file) continue
      await makeFolder(dirname(join(temporary, file.path)))
      await writeFile(join(temporary, file.path), file.content)
    }
  })
}

/** @throws DiagnosticError when something is there that is no layout */
export async function checkPlace(path: string): Promise<void> {
  if (path.endsWith('.tar') || !existsSync(path) || existsSync(join(path, 'oci-layout'))) return
  if (!(await stat(path)).isDirectory() || (await readdir(path)).length > 0) {
    throw new DiagnosticError([diagnostic('AP6023', { path })])
  }
}

/** The files of a layout. Its index names the image by the tag and in full, since tools differ in what they look for. */
export function layoutFiles(name: ImageName, images: readonly PlatformImage[]): Entry[] {
  const image = {
    ...descriptorOf(topOf(images)),
    annotations: { 'org.opencontainers.image.ref.name': name.tag, 'io.containerd.image.name': name.text },
  }
  const bills = images.map(({ bill: { manifest } }) => ({
    ...descriptorOf(manifest),
    artifactType: manifest.artifactType,
  }))
  return [
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    json('index.json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [image, ...bills],
    }),
    ...blobsOf(images).map(({ digest, content }) => ({ path: blobPath(digest), content, mode: 0o644 })),
  ]
}

export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

export function json(path: string, content: object): Entry {
  return { path, content: Buffer.from(JSON.stringify(content)), mode: 0o644 }
}
