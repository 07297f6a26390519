import { createColors } from 'picocolors'

export type Colors = ReturnType<typeof createColors>

/** Colours on a terminal only, and not against the user's wish (https://no-color.org). */
export function colorsFor(terminal: boolean, env: Readonly<Record<string, string | undefined>>): Colors {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return createColors(terminal && !refused)
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
