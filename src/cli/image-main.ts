import { asCall } from './as-call.ts'
import { commandList } from './command-list.ts'
import { runCommand } from './commands/run.ts'
import { versionCommand } from './commands/version.ts'
import { exitCode } from './io.ts'
import { processIo } from './process-io.ts'
import { type Outcome, program } from './program.ts'
import { reported } from './reported.ts'

/** `ap` as it is in an image: it runs the operator that is there, and does nothing else. */
const io = processIo()
const outcome: Outcome = { code: exitCode.ok }
const here = { run: runCommand, version: versionCommand }
const ap = program(
  io,
  outcome,
  commandList.flatMap((entry) =>
    entry.name === 'run' || entry.name === 'version' ? [{ ...entry, definition: here[entry.name] }] : [],
  ),
)
process.exitCode = await reported(io, async () => {
  await ap.parseAsync(asCall(process.argv.slice(2)), { from: 'user' })
  return outcome.code
})
