import type { CommandDefinition } from '../program.ts'

/** `ap completion`: its work is done by `addCompletion`, which makes the real command; this one explains it. */
export const completionCommand: CommandDefinition = {
  examples: [
    ['source <(ap completion bash)', 'for this shell; put it into ~/.bashrc for all'],
    ['ap completion zsh > ~/.zfunc/_ap', 'for zsh'],
    ['ap completion fish > ~/.config/fish/completions/ap.fish', 'for fish'],
  ],
  define(command) {
    command.argument('<shell>', 'bash, zsh, fish or powershell')
  },
  run() {
    throw new Error('completion is added to the program when it is called')
  },
}
