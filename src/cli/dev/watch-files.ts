import { existsSync, type FSWatcher, watch } from 'node:fs'
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
  const watchers: FSWatcher[] = [
    watch(folder, (_event, name) => {
      if (name !== null && /^autopilot.*\.ya?ml$/.test(name)) note(name)
    }),
    ...['src', 'examples']
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => watch(join(folder, name), { recursive: true }, (_event, file) => note(`${name}/${file ?? ''}`))),
  ]
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
