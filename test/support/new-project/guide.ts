/** One thing that a guide has its reader do. */
export type GuideStep =
  /** Write a file of the project: ```` ```ts src/spec.ts ````. */
  | { readonly file: string; readonly text: string }
  /** Type a command into a terminal: a line `$ …` of ```` ```console ````, and what it prints. */
  | { readonly command: string; readonly printed: string; readonly mode: GuideMode }

/**
 * The word after `console`: none, `fails` (the command ends with another status than 0), `cluster` (it is about the current cluster), or
 * `background` (it goes on while the reader does).
 */
export type GuideMode = 'here' | 'fails' | 'cluster' | 'background'

const modes: readonly string[] = ['fails', 'cluster', 'background'] satisfies GuideMode[]

/** What a page has its reader do, in order. Blocks that name neither a file nor the console are to be read only. */
export function guideSteps(markdown: string): GuideStep[] {
  const blocks = markdown.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)
  return [...blocks].flatMap(([, language = '', word, text = '']): GuideStep[] => {
    if (language !== 'console') return word === undefined ? [] : [{ file: word, text }]
    const mode = modeOf(word)
    return text
      .split(/^\$ /m)
      .slice(1)
      .map((call) => {
        const end = call.search(/(?<!\\)\n/)
        return { command: call.slice(0, end), printed: call.slice(end + 1), mode }
      })
  })
}

function modeOf(word: string | undefined): GuideMode {
  if (word === undefined) return 'here'
  if (!isMode(word)) throw new Error(`a console block cannot be ${word}; it can be ${modes.join(', ')}`)
  return word
}

function isMode(word: string): word is GuideMode {
  return modes.includes(word)
}

/** Whether a command printed what a guide says: `…` in a line stands for any part of it, a line of `…` alone for any lines. */
export function isAsPrinted(said: string, printed: string): boolean {
  const lines = said.trimEnd().split('\n')
  const pattern = lines.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escaped).join('.*')}\\n`))
  return new RegExp(`^${pattern.join('')}$`).test(`${printed.trimEnd()}\n`)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
