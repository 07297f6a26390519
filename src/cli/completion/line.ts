import type { Argument, Command, Option } from 'commander'

/** What the last word of an unfinished line stands for. `typed` is what there is of it, without `--option=`. */
export type Wanted =
  | { readonly what: 'command' }
  | { readonly what: 'option'; readonly command: Command }
  | { readonly what: 'value'; readonly option: Option; readonly typed: string }
  | {
      readonly what: 'argument'
      readonly command: Command
      readonly argument: Argument
      readonly before: readonly string[]
    }
  | { readonly what: 'nothing' }

/** A line of `ap` up to the cursor, as far as it can be told what its words are. */
export interface Line {
  readonly command: Command | undefined
  /** Values of options that stand before the last word, by their long names. */
  readonly options: ReadonlyMap<string, string>
  readonly wanted: Wanted
}

/** Reads the words after `ap`; the last of them is the one to complete, and may be empty. */
export function readLine(ap: Command, words: readonly string[]): Line {
  const options = new Map<string, string>()
  const [name = '', ...rest] = words
  if (words.length < 2) {
    return {
      command: undefined,
      options,
      wanted: name.startsWith('-') ? { what: 'option', command: ap } : { what: 'command' },
    }
  }
  if (name === 'help') {
    return { command: undefined, options, wanted: rest.length === 1 ? { what: 'command' } : { what: 'nothing' } }
  }
  const command = ap.commands.find((one) => one.name() === name)
  if (command === undefined) return { command, options, wanted: { what: 'nothing' } }

  const last = rest.at(-1) ?? ''
  const before: string[] = []
  let awaits: Option | undefined
  let optionsOver = false
  for (const word of rest.slice(0, -1)) {
    if (awaits !== undefined) {
      options.set(awaits.long ?? '', word)
      awaits = undefined
    } else if (optionsOver || !word.startsWith('-') || word === '-') before.push(word)
    else if (word === '--') optionsOver = true
    else {
      const { option, value } = optionIn(command, word)
      if (value !== undefined) options.set(option?.long ?? '', value)
      else if (takesValue(option)) awaits = option
    }
  }
  return { command, options, wanted: lastOf(command, last, awaits, optionsOver, before) }
}

function lastOf(
  command: Command,
  last: string,
  awaits: Option | undefined,
  optionsOver: boolean,
  before: readonly string[],
): Wanted {
  if (awaits !== undefined) return { what: 'value', option: awaits, typed: last }
  if (!optionsOver && last.startsWith('-')) {
    const { option, value } = optionIn(command, last)
    if (value === undefined) return { what: 'option', command }
    return takesValue(option) ? { what: 'value', option, typed: value } : { what: 'nothing' }
  }
  const { registeredArguments } = command
  const argument = registeredArguments[before.length] ?? registeredArguments.findLast(({ variadic }) => variadic)
  return argument === undefined ? { what: 'nothing' } : { what: 'argument', command, argument, before }
}

/** The option of a word, and the value that stands in the same word: `--mesh=istio`; of short ones in a row, the last. */
function optionIn(command: Command, word: string): { option: Option | undefined; value?: string } {
  const end = word.indexOf('=')
  const flag = end < 0 ? word : word.slice(0, end)
  const wanted = flag.startsWith('--') ? flag : `-${flag.at(-1)}`
  const option = command.options.find(({ long, short }) => long === wanted || short === wanted)
  return end < 0 ? { option } : { option, value: word.slice(end + 1) }
}

function takesValue(option: Option | undefined): option is Option {
  return option !== undefined && (option.required || option.optional)
}
