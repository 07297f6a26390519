import type { MeshAdapter } from '../src/mesh/adapter.ts'
import { capabilityMarkdown } from '../src/mesh/capability-table.ts'

/** docs/reference/capabilities.md: the tables that check traffic before it is translated. */
export function capabilityReference(adapters: readonly MeshAdapter[]): string {
  return `# What each mesh can do

Traffic that a mesh cannot carry is refused before anything is written, by these tables. \`ap capabilities\` prints them too.

*native*: the mesh has it, with the neutral meaning. *emulated*: something else stands in for it. *no*: it is refused.

${capabilityMarkdown(adapters)}
`
}
