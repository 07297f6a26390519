import type { Command } from 'commander'

/** The options of every command that talks to a cluster. */
export function addClusterOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig (default: as kubectl, then the pod it runs in)')
    .option('--context <name>', 'context of the kubeconfig')
}
