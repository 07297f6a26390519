import type { CommandName } from './command-list.ts'
import type { CommandDefinition } from './program.ts'

const loaders: Readonly<Record<CommandName, () => Promise<CommandDefinition>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  generate: async () => (await import('./commands/generate.ts')).generateCommand,
  lint: async () => (await import('./commands/lint.ts')).lintCommand,
  graph: async () => (await import('./commands/graph.ts')).graphCommand,
  test: async () => (await import('./commands/test.ts')).testCommand,
  dev: async () => (await import('./commands/dev.ts')).devCommand,
  switch: async () => (await import('./commands/switch.ts')).switchCommand,
  build: async () => (await import('./commands/build.ts')).buildCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  get: async () => (await import('./commands/get.ts')).getCommand,
  pause: async () => (await import('./commands/pause.ts')).pauseCommand,
  resume: async () => (await import('./commands/resume.ts')).resumeCommand,
  promote: async () => (await import('./commands/promote.ts')).promoteCommand,
  abort: async () => (await import('./commands/abort.ts')).abortCommand,
  retry: async () => (await import('./commands/retry.ts')).retryCommand,
  command: async () => (await import('./commands/command.ts')).commandCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  undeploy: async () => (await import('./commands/undeploy.ts')).undeployCommand,
  translate: async () => (await import('./commands/translate.ts')).translateCommand,
  route: async () => (await import('./commands/route.ts')).routeCommand,
  capabilities: async () => (await import('./commands/capabilities.ts')).capabilitiesCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand,
  version: async () => (await import('./commands/version.ts')).versionCommand,
}

/** The options and the work of one command, which nobody has loaded before. */
export function loadCommand(name: CommandName): Promise<CommandDefinition> {
  return loaders[name]()
}
