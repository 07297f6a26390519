import { exitCode } from '../io.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap version`: what this program is and what it runs on. */
export const versionCommand: CommandDefinition = {
  examples: [
    ['ap version', 'one line for people'],
    ['ap version -o json', 'for programs'],
  ],
  define(command) {
    command.option('-o, --output <format>', 'text or json', 'text')
  },
  async run(_args, { output }, io) {
    const { requireOutputFormat } = await import('../output-format.ts')
    const format = requireOutputFormat(output, ['text', 'json'])
    const { packageVersion } = await import('../package.ts')
    const facts = { ap: packageVersion(), node: process.versions.node }
    io.stdout.write(format === 'json' ? `${JSON.stringify(facts)}\n` : `ap ${facts.ap} (Node ${facts.node})\n`)
    return exitCode.ok
  },
}
