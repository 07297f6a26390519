import type { CommandIo } from './io.ts'

/** Nothing can be said in less. */
const narrowest = 20

/** How wide a line may be: what `COLUMNS` says, else the terminal, else `pipe`. A terminal without a size says 0. */
export function columnsOf({ stdout, env }: Pick<CommandIo, 'stdout' | 'env'>, pipe = 80): number {
  const asked = Number(env['COLUMNS'])
  const columns = Number.isInteger(asked) && asked > 0 ? asked : stdout.columns || pipe
  return Math.max(narrowest, columns)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
const escapes = /\u001b\[[0-9;]*m/g

/** Columns a text takes on a terminal. */
export function widthOf(text: string): number {
  return [...text.replace(escapes, '')].length
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}

/** Breaks a text at spaces into lines of at most `width` columns; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((long) => cut(long, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width) {
      line = longer
      continue
    }
    lines.push(line)
    line = word
  }
  return [...lines, line]
}

function cut(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word]
  const letters = [...word]
  const parts: string[] = []
  for (let start = 0; start < letters.length; start += width) parts.push(letters.slice(start, start + width).join(''))
  return parts
}
