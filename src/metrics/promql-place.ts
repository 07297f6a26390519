/** Follows a PromQL text and knows whether the next character stands in a string literal, and of which kind. */
export class PromqlPlace {
  /** The delimiter of the literal around this place; undefined outside of literals. */
  quote: '"' | "'" | '`' | undefined
  /** Whether that literal is the pattern of a `=~` or `!~` matcher. */
  isPattern = false
  /** Whether a backslash waits for the next character: what is put here would lose its own first escape. */
  afterBackslash = false
  #before = ''
  #inComment = false

  advance(text: string): void {
    for (const character of text) this.#step(character)
  }

  #step(character: string): void {
    if (this.#inComment) {
      this.#inComment = character !== '\n'
      return
    }
    if (this.quote !== undefined) {
      this.#stepInside(character)
      return
    }
    if (character === '"' || character === "'" || character === '`') {
      this.quote = character
      this.isPattern = this.#before === '=~' || this.#before === '!~'
      return
    }
    this.#inComment = character === '#'
    if (/\S/.test(character)) this.#before = (this.#before + character).slice(-2)
  }

  #stepInside(character: string): void {
    if (this.afterBackslash) {
      this.afterBackslash = false
    } else if (character === '\\' && this.quote !== '`') {
      this.afterBackslash = true
    } else if (character === this.quote) {
      this.quote = undefined
      this.isPattern = false
      this.#before = ''
    }
  }
}
