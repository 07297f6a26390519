import type { Command } from 'commander'
import type { Line } from './line.ts'
import type { Offer, Values } from './values.ts'

/** What a shell is to offer for the last word of a line. */
export interface Offered {
  readonly offers: readonly Offer[]
  /** Whether any file may stand there: the shell knows best which there are. */
  readonly files: boolean
}

const nothing: Offered = { offers: [], files: false }

/** What may stand at the end of this line, all of which begins with `typed`, what there is of it. */
export async function offersFor(ap: Command, line: Line, last: string, values: Values): Promise<Offered> {
  const { wanted } = line
  switch (wanted.what) {
    case 'nothing':
      return nothing
    case 'command':
      return beginningWith(last, commandsOf(ap))
    case 'option':
      return beginningWith(last, optionsOf(wanted.command, last))
    case 'value': {
      const { option, typed } = wanted
      if (isPath(option.flags)) return { offers: [], files: true }
      const [, before = '', item = ''] = /^(.*,)?(.*)$/s.exec(typed) ?? []
      if (before === '') return beginningWith(typed, await values.ofOption(line, option))
      if (!option.description.includes('comma')) return nothing
      // The next of a list: those before it stay where they are.
      const { offers } = beginningWith(item, await values.ofOption(line, option))
      return { offers: offers.map(({ value, about }) => ({ value: `${before}${value}`, about })), files: false }
    }
    case 'argument': {
      const { argument, before } = wanted
      if (isPath(argument.name())) return { offers: [], files: true }
      const offers = await values.ofArgument(line, argument)
      return beginningWith(
        last,
        offers.filter(({ value }) => !before.includes(value)),
      )
    }
  }
}

function beginningWith(typed: string, offers: readonly Offer[]): Offered {
  return { offers: offers.filter(({ value }) => value.startsWith(typed)), files: false }
}

function commandsOf(ap: Command): Offer[] {
  return ap
    .createHelp()
    .visibleCommands(ap)
    .map((command) => ({ value: command.name(), about: command.description() }))
}

/** The long names, which say what they do, and the short ones where somebody has begun one. */
function optionsOf(command: Command, typed: string): Offer[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, short, description }) => {
      const names = typed.length > 1 && !typed.startsWith('--') ? [short] : [long ?? short]
      return names.flatMap((value) => (value === undefined ? [] : [{ value, about: description }]))
    })
}

function isPath(name: string): boolean {
  return /\b(?:file|folder|path|vitest)\b/.test(name)
}
