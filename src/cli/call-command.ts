import { asCall, helpWords } from './as-call.ts'
import { type CommandName, commandList } from './command-list.ts'
import { type CommandIo, exitCode } from './io.ts'
import { loadCommand } from './load-command.ts'
import { type KnownCommand, type Outcome, program } from './program.ts'
import { reported } from './reported.ts'

/**
 * Runs the command that the arguments name and resolves with the exit code of `ap`. Only that command is loaded, and it loads its work when
 * it is called.
 */
export async function callCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const outcome: Outcome = { code: exitCode.ok }
  return reported(io, async () => {
    const asked = asCall(args)
    const [name, second = ''] = asked
    if (name === 'complete' && !helpWords.includes(second)) await complete(asked, io, outcome)
    else {
      const known = commandList.find((entry) => entry.name === name)
      const ap = program(io, outcome, await withDefinitions(known === undefined ? [] : [known.name]))
      // What follows a word that is no command is about that word: all there is to say is that it is none.
      await ap.parseAsync(known === undefined ? asked.slice(0, 1) : asked, { from: 'user' })
    }
    return outcome.code
  })
}

/** What shells call: `ap complete -- WORDS`, of which the last is the one to complete. */
async function complete(args: readonly string[], io: CommandIo, outcome: Outcome): Promise<void> {
  const commands = await withDefinitions(commandList.map(({ name }) => name))
  const { printOffers } = await import('./completion/print-offers.ts')
  await printOffers(program(io, outcome, commands), args.slice(args[1] === '--' ? 2 : 1), io)
}

/** The list, with the definitions of these commands. */
function withDefinitions(names: readonly CommandName[]): Promise<KnownCommand[]> {
  return Promise.all(
    commandList.map(async (entry) =>
      names.includes(entry.name) ? { ...entry, definition: await loadCommand(entry.name) } : entry,
    ),
  )
}
