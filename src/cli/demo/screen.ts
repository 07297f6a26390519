import { columnsOf } from '../columns.ts'
import type { CommandIo } from '../io.ts'
import { type Colors, colorsFor } from './paint.ts'

/** What a pipe is taken to be wide; a terminal tells by itself. */
const pipeWidth = 100
const redrawEvery = 50

/** Lines for people: those that stand, and on a terminal one at the bottom that is drawn anew in its place. */
export class Screen {
  readonly colors: Colors
  readonly width: number
  readonly #out: CommandIo['stdout']
  readonly #terminal: boolean
  #live = false
  #drawn = 0

  constructor({ stdout, env }: Pick<CommandIo, 'stdout' | 'env'>) {
    this.#out = stdout
    this.#terminal = stdout.isTTY === true && env['TERM'] !== 'dumb'
    this.colors = colorsFor(this.#terminal, env)
    this.width = Math.max(40, columnsOf({ stdout, env }, pipeWidth))
  }

  line(text = ''): void {
    this.#out.write(`${this.#erase()}${text}\n`)
  }

  /** Shows what is going on right now. In a pipe nobody is looking, and so many times a second nobody can. */
  live(text: () => string): void {
    const now = performance.now()
    if (!this.#terminal || now - this.#drawn < redrawEvery) return
    this.#drawn = now
    this.#out.write(`${this.#erase()}${text()}`)
    this.#live = true
  }

  /** Takes the live line away. */
  settle(): void {
    const erase = this.#erase()
    if (erase !== '') this.#out.write(erase)
  }

  #erase(): string {
    if (!this.#live) return ''
    this.#live = false
    return '\r\u001b[2K'
  }
}
