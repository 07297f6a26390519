import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Clock } from '../kube/clock.ts'
import { loadOperatorConfig } from './load.ts'
import type { ConfigSurroundings } from './parse-operator-config.ts'
import type { OperatorConfig } from './project.ts'

export interface WatchOptions extends ConfigSurroundings {
  readonly clock: Clock
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** The file says something else than before. */
  onChange(config: OperatorConfig): void
  /** The file is wrong or gone: what was valid last stays in force. Called once for each different trouble. */
  onInvalid(diagnostics: readonly Diagnostic[]): void
}

/** Milliseconds from the first sign of a change to reading: editors and the kubelet need several steps for one change. */
const settleTime = 200
/** Milliseconds between looks at a file whose folder tells nothing, as on network file systems. */
const fallbackInterval = 60_000

/**
 * Follows an autopilot-operator.yaml until the signal aborts; the returned promise resolves when everything is closed.
 *
 * Guarantees: changes by plain writes, by replacing the file, and by the kubelet's swap of `..data` in a mounted ConfigMap
 * are seen at once where the file system tells, else within a minute; a change between loading `current` and the call is
 * not missed; edits that mean the same are not reported.
 */
export async function watchOperatorConfig(file: string, current: OperatorConfig, options: WatchOptions): Promise<void> {
  const { clock, signal } = options
  const folder = new FolderSigns(file)
  let known = JSON.stringify(current)
  let trouble = ''
  while (!signal.aborted) {
    folder.open()
    let config = await read(file, options)
    if (config instanceof DiagnosticError && config.message !== trouble) {
      // A file that is being written is empty for a moment: only trouble that lasts is told.
      await clock.sleep(settleTime, signal)
      config = await read(file, options)
    }
    if (signal.aborted) break
    if (config instanceof DiagnosticError) {
      if (config.message !== trouble) options.onInvalid(config.diagnostics)
      trouble = config.message
    } else {
      trouble = ''
      const found = JSON.stringify(config)
      if (found !== known) options.onChange(config)
      known = found
    }
    if (await folder.changed(clock, signal)) await clock.sleep(settleTime, signal)
    // A watch of a folder that was replaced tells nothing any more: a new one costs little.
    else folder.close()
    folder.forget()
  }
  folder.close()
}

/** The configuration, or what is wrong with it. */
async function read(file: string, surroundings: ConfigSurroundings): Promise<OperatorConfig | DiagnosticError> {
  try {
    return await loadOperatorConfig(file, surroundings)
  } catch (error) {
    if (error instanceof DiagnosticError) return error
    throw error
  }
}

/** What the file system says about the folder of one file. */
class FolderSigns {
  readonly #folder: string
  readonly #names: readonly string[]
  #watcher: FSWatcher | undefined
  #seen = false
  #wake: () => void = () => {}

  constructor(file: string) {
    this.#folder = dirname(file)
    this.#names = [basename(file), '..data']
  }

  open(): void {
    if (this.#watcher !== undefined) return
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name !== null && !this.#names.includes(name)) return
        this.#seen = true
        this.#wake()
      })
      this.#watcher.on('error', () => this.close())
    } catch {
      // No folder, or no watches left (inotify limits): looking at the file now and then has to do.
      this.#watcher = undefined
    }
  }

  /** Resolves with true as soon as there is a sign that `forget` has not dropped, else with false after the fallback interval. */
  async changed(clock: Clock, signal: AbortSignal): Promise<boolean> {
    if (this.#seen || signal.aborted) return this.#seen
    await new Promise<void>((resolve) => {
      const finish = () => {
        cancel()
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const cancel = clock.after(fallbackInterval, finish)
      signal.addEventListener('abort', finish, { once: true })
      this.#wake = finish
    })
    return this.#seen
  }

  forget(): void {
    this.#seen = false
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
