import { buildCommand } from './commands/build.ts'
import { capabilitiesCommand } from './commands/capabilities.ts'
import { completionCommand } from './commands/completion.ts'
import { demoCommand } from './commands/demo.ts'
import { deployCommand } from './commands/deploy.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { generateCommand } from './commands/generate.ts'
import { getCommand } from './commands/get.ts'
import { graphCommand } from './commands/graph.ts'
import { initCommand } from './commands/init.ts'
import { lintCommand } from './commands/lint.ts'
import { logsCommand } from './commands/logs.ts'
import { pauseCommand } from './commands/pause.ts'
import { resumeCommand } from './commands/resume.ts'
import { routeCommand } from './commands/route.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'
import { switchCommand } from './commands/switch.ts'
import { testCommand } from './commands/test.ts'
import { translateCommand } from './commands/translate.ts'
import { undeployCommand } from './commands/undeploy.ts'
import { versionCommand } from './commands/version.ts'
import { type CommandIo, exitCode } from './io.ts'
import { processIo } from './process-io.ts'
import { type CommandDefinition, type Outcome, program } from './program.ts'
import { reported } from './reported.ts'

const commands: readonly CommandDefinition[] = [
  demoCommand,
  initCommand,
  generateCommand,
  lintCommand,
  graphCommand,
  testCommand,
  devCommand,
  switchCommand,
  buildCommand,
  runCommand,
  deployCommand,
  statusCommand,
  getCommand,
  pauseCommand,
  resumeCommand,
  logsCommand,
  doctorCommand,
  undeployCommand,
  translateCommand,
  routeCommand,
  capabilitiesCommand,
  explainCommand,
]

/**
 * Runs `ap` with these arguments and resolves with its exit code: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
 * Commands load their work when they are called, so that `--help` stays quick.
 */
export async function main(args: readonly string[], io: CommandIo = processIo()): Promise<number> {
  const outcome: Outcome = { code: exitCode.ok }
  const completes = args[0] === 'completion' || args[0] === 'complete'
  const explained = ['--help', '-h'].includes(args[1] ?? '')
  const ap = program(io, outcome, completes && !explained ? commands : [...commands, completionCommand, versionCommand])
  return reported(io, async () => {
    if (completes && !explained) {
      const { addCompletion } = await import('./completion.ts')
      await addCompletion(ap, args.slice(args.indexOf('--') + 1), io)
    }
    await ap.parseAsync(args, { from: 'user' })
    return outcome.code
  })
}
