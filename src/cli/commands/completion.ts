import { Argument } from 'commander'
import { exitCode } from '../io.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap completion`: the script by which a shell completes `ap`. What it offers comes from the hidden `ap complete`. */
export const completionCommand: CommandDefinition = {
  examples: [
    ['source <(ap completion bash)', 'for this shell; put it into ~/.bashrc for all'],
    ['source <(ap completion zsh)', 'likewise, after compinit; in ~/.zshrc'],
    ['ap completion fish > ~/.config/fish/completions/ap.fish', 'for fish'],
  ],
  define(command) {
    const shells = ['bash', 'zsh', 'fish', 'powershell']
    command.addArgument(new Argument('<shell>', 'bash, zsh, fish or powershell').choices(shells))
  },
  async run([shell = ''], _options, io) {
    if (shell === 'powershell') {
      const { script } = await import('@bomb.sh/tab')
      // It prints by itself.
      script(shell, 'ap', 'ap')
    } else io.stdout.write(await scriptFor(shell))
    return exitCode.ok
  },
}

async function scriptFor(shell: string): Promise<string> {
  if (shell === 'zsh') return (await import('../completion/zsh.ts')).zshCompletion
  if (shell === 'fish') return (await import('../completion/fish.ts')).fishCompletion
  return (await import('../completion/bash.ts')).bashCompletion
}
