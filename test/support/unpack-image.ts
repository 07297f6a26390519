import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { type Digest, digestOf } from '../../src/cli/build/descriptor.ts'

interface Descriptor {
  readonly digest: Digest
  readonly size: number
}

/** Reads one piece of content of an OCI layout, having checked that it is what its name says. */
export async function readBlob(layout: string, { digest, size }: Descriptor): Promise<Buffer> {
  const content = await readFile(join(layout, 'blobs', digest.replace(':', '/')))
  if (digestOf(content) !== digest || content.length !== size) throw new Error(`${digest} is something else`)
  return content
}

/** Lays the layers of an image on each other in a folder, and resolves with the paths that are in them. */
export async function unpackLayers(layout: string, layers: readonly Descriptor[], root: string): Promise<string[]> {
  const paths: string[] = []
  for (const layer of layers) {
    const archive = extract()
    archive.end(gunzipSync(await readBlob(layout, layer)))
    for await (const entry of archive) {
      const { name, type, mode = 0o644 } = entry.header
      const path = join(root, name)
      paths.push(name)
      if (type === 'directory') await mkdir(path, { recursive: true })
      else {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, await buffer(entry))
        await chmod(path, mode)
      }
      entry.resume()
    }
  }
  return paths
}

/** What a container runtime needs to know of an image (OCI image specification 1.1, "Image Configuration"). */
export interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly WorkingDir: string
}

/** Lays the image that a layout names first into a folder, as a container runtime does, and resolves with its configuration. */
export async function unpackImage(layout: string, root: string): Promise<ImageConfig> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  const manifest = JSON.parse((await readBlob(layout, index.manifests[0])).toString())
  await unpackLayers(layout, manifest.layers, root)
  return JSON.parse((await readBlob(layout, manifest.config)).toString()).config
}
