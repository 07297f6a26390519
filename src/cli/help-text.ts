import { widthOf, wrap } from './columns.ts'
import type { CommandEntry } from './command-list.ts'

/** Below this an explanation beside its term is a column of single words. */
const narrowest = 24

/** Ways to call a command as a user would type them, each with what it does. */
export type Examples = readonly (readonly [call: string, effect: string])[]

/** What `ap --help` prints: the commands by group. No line is longer than `width`. */
export function overview(commands: readonly CommandEntry[], width: number): string {
  const groups = Map.groupBy(commands, ({ group }) => group)
  const longest = Math.max(...commands.map(({ name }) => name.length), '-V, --version'.length)
  const rows = (items: readonly (readonly [string, string])[]) =>
    items.map(([term, text]) => helpItem(term, longest, text, width))
  const sections: [title: string, lines: string[]][] = [
    ...[...groups].map(([group, entries]): [string, string[]] => [
      group,
      rows(entries.map(({ name, summary }) => [name, summary])),
    ]),
    [
      'Options',
      rows([
        ['-h, --help', 'print this, or with a command what it does, its options and examples'],
        ['-V, --version', 'print the version'],
      ]),
    ],
  ]
  return [
    'Usage: ap <command> [options]',
    '',
    ...wrap('Autopilot: write a workflow once, run it on any service mesh', width),
    ...sections.flatMap(([title, lines]) => ['', `${title}:`, ...lines]),
    '',
  ].join('\n')
}

/** A term and what it means: side by side, or below each other where `width` leaves no room for that. */
export function helpItem(term: string, termWidth: number, text: string, width: number): string {
  const room = width - termWidth - 4
  if (room < narrowest) return [`  ${term}`, ...indented(text, 6, width)].join('\n')
  const [first, ...rest] = wrap(text, room)
  return [`  ${term.padEnd(termWidth)}  ${first}`, ...rest.map((line) => `${' '.repeat(termWidth + 4)}${line}`)].join(
    '\n',
  )
}

/** Calls side by side with what they do, or where one does not fit, each above it. A shell takes the lines of a call as they stand. */
export function exampleLines(examples: Examples, width: number): string[] {
  const longest = Math.max(...examples.map(([call]) => widthOf(call)))
  if (examples.every(([, effect]) => longest + 5 + widthOf(effect) <= width))
    return examples.map(([call, effect]) => `  ${call.padEnd(longest)}   ${effect}`)
  return examples.flatMap(([call, effect]) => [...callLines(call, width), ...indented(effect, 6, width)])
}

/** A call over as many lines as it needs, divided between words, which quotes keep together. */
function callLines(call: string, width: number): string[] {
  const lines: string[] = []
  let line = ' '
  for (const word of call.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []) {
    if (line.trim() !== '' && widthOf(`${line} ${word} \\`) > width) {
      lines.push(`${line} \\`)
      line = '   '
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

function indented(text: string, by: number, width: number): string[] {
  return wrap(text, width - by).map((line) => `${' '.repeat(by)}${line}`)
}
