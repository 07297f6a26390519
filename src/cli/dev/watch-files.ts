import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Editors write a file in several steps; milliseconds of silence after which a change is over. */
const silence = 150

/** Calls with what changed of a project: its sources, its examples, its YAML files. Resolves nothing; the returned function ends it. */
export function watchProject(folder: string, onChange: (files: readonly string[]) => void): () => void {
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const note = (file: string) => {
    changed.add(file)
    clearTimeout(timer)
    timer = setTimeout(() => {
      const files = [...changed].sort()
      changed.clear()
      onChange(files)
    }, silence)
  }
  const trees = new Map(['src', 'examples'].map((name) => [name, new WatchedTree(folder, name, note)]))
  const root = watch(folder, (_event, name) => {
    if (name === null) return
    trees.get(name)?.look()
    if (/^autopilot.*\.ya?ml$/.test(name)) note(name)
  })
  return () => {
    clearTimeout(timer)
    root.close()
    for (const tree of trees.values()) tree.close()
  }
}

/**
 * A folder of the project with all folders in it, each watched for itself: Node's own recursive watch on Linux follows files, and loses one
 * that an editor replaces when it saves. It may come later, and go.
 */
class WatchedTree {
  readonly #folder: string
  readonly #name: string
  readonly #note: (file: string) => void
  readonly #watchers = new Map<string, FSWatcher>()

  constructor(folder: string, name: string, note: (file: string) => void) {
    this.#folder = folder
    this.#name = name
    this.#note = note
    this.look()
  }

  /** Finds the folders that there are now. */
  look(): void {
    const found = new Set(foldersFrom(this.#folder, this.#name))
    for (const path of found) {
      if (this.#watchers.has(path)) continue
      const watcher = watch(join(this.#folder, path), (event, name) => {
        if (event === 'rename') this.look()
        // Of a folder in it, its own watcher tells what changed.
        if (name !== null && !this.#watchers.has(`${path}/${name}`)) this.#note(`${path}/${name}`)
      })
      // A folder that goes is found out by the one that it was in.
      this.#watchers.set(
        path,
        watcher.on('error', () => watcher.close()),
      )
    }
    for (const [path, watcher] of this.#watchers) {
      if (found.has(path)) continue
      watcher.close()
      this.#watchers.delete(path)
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
  }
}

/** This folder of the project and all in it; none where it is not there. */
function foldersFrom(folder: string, path: string): string[] {
  try {
    const entries = readdirSync(join(folder, path), { withFileTypes: true })
    const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${path}/${name}`)
    return [path, ...inner.flatMap((one) => foldersFrom(folder, one))]
  } catch {
    // Not there, or gone meanwhile.
    return []
  }
}
