import type { CommandDefinition } from '../program.ts'

/** `ap graph`: the phases of a project and the ways between them. */
export const graphCommand: CommandDefinition = {
  examples: [
    ['ap graph', 'as a state diagram of Mermaid, which code hosts show'],
    ['ap graph -o svg > workflow.svg', 'as a picture'],
    ['ap graph -o dot | dot -Tpng > workflow.png', 'with Graphviz'],
  ],
  define(command) {
    command
      .argument('[folder]', 'the project; this folder unless given')
      .option('-o, --output <format>', 'mermaid, svg or dot', 'mermaid')
  },
  async run(args, options, io) {
    const { runGraph } = await import('../graph/run-graph.ts')
    return runGraph(args, options, io)
  },
}
