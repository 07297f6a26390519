import { readFile } from 'node:fs/promises'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Clock } from './clock.ts'

/** Kubelets and clients replace tokens and certificates well before they expire; client-go reads them once a minute too. */
const maxAgeMs = 60_000

/** A file that others replace now and then. */
export class FreshFile {
  readonly #what: string
  readonly #path: string
  readonly #clock: Clock
  #content: string | undefined
  #readAt = 0

  /** `what` the file is, for messages. */
  constructor(what: string, path: string, clock: Clock) {
    this.#what = what
    this.#path = path
    this.#clock = clock
  }

  /**
   * The content without white space around it, at most a minute old. While the file is being replaced, the last content goes on.
   *
   * @throws DiagnosticError when it was never readable.
   */
  async read(): Promise<string> {
    if (this.#content !== undefined && this.#clock.elapsed() - this.#readAt < maxAgeMs) return this.#content
    try {
      const content = (await readFile(this.#path, 'utf8')).trim()
      if (content !== '' || this.#content === undefined) this.#content = content
    } catch (cause) {
      if (this.#content === undefined) throw unreadable(this.#what, this.#path, cause)
    }
    this.#readAt = this.#clock.elapsed()
    return this.#content ?? ''
  }

  /** Makes the next `read` look at the file. */
  expire(): void {
    this.#readAt = Number.NEGATIVE_INFINITY
  }
}

export function unreadable(what: string, file: string, cause: unknown): DiagnosticError {
  const problem = cause instanceof Error ? cause.message.replace(/, open '.*'$/, '') : String(cause)
  return new DiagnosticError([diagnostic('AP3014', { what, file, problem })], { cause })
}
