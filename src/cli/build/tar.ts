import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** A file or folder of an image. Paths are relative to its root. */
export type Entry =
  | { readonly path: string; readonly content: Buffer; readonly mode: number }
  | { readonly path: string; readonly folder: true; readonly mode: number }

/**
 * A tar archive in which nothing depends on when, where or by whom it was written: sorted, all folders named, owned by root, without
 * times.
 */
export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  const collected = buffer(archive)
  const common = { uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) }
  for (const entry of sorted(entries)) {
    if ('folder' in entry) archive.entry({ ...common, name: `${entry.path}/`, type: 'directory', mode: entry.mode })
    else archive.entry({ ...common, name: entry.path, mode: entry.mode }, entry.content)
  }
  archive.finalize()
  return collected
}

/** With the folders above each entry, which come before it. */
function sorted(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>()
  for (const { path } of entries) {
    const parts = path.split('/').slice(0, -1)
    parts.forEach((_, index) => {
      const above = parts.slice(0, index + 1).join('/')
      byPath.set(above, { path: above, folder: true, mode: 0o755 })
    })
  }
  for (const entry of entries) byPath.set(entry.path, entry)
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}
