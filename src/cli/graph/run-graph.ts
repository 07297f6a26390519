import { mermaid } from '../../../generators/project/workflow-diagram.ts'
import { dot } from '../../../generators/project/workflow-dot.ts'
import { svg } from '../../../generators/project/workflow-svg.ts'
import { loadProject } from '../../project/load.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'

const draw = { mermaid, dot, svg } as const

/** `ap graph`: throws a DiagnosticError for a project that cannot be read. */
export async function runGraph(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['mermaid', 'svg', 'dot'])
  const { project } = await loadProject(folder, io.cwd)
  io.stdout.write(draw[format](project))
  return exitCode.ok
}
