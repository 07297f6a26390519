import type { Phase, Project } from '../../src/project/project.ts'
import { generated, type ProjectFile } from './project-file.ts'
import { mermaid } from './workflow-diagram.ts'

/** `docs/workflow.md`: the phases, what each reads and emits, and the ways between them. */
export function workflowDoc(project: Project): ProjectFile {
  const { kind, group, version, phases, queries } = project
  const head = ['phase', 'what happens', 'reads', 'emits']
  const rows = phases.map((phase) => [title(phase), phase.description, names(phase.inputs), names(phase.outputs)])
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`)
  const sections = [
    `# ${kind}`,
    `The workflow of \`${kind}\` in \`${group}/${version}\`.`,
    `\`\`\`mermaid\n${mermaid(project)}\`\`\``,
    table.join('\n'),
    ...(queries.length === 0 ? [] : ['## Queries', queries.map(describeQuery).join('\n')]),
  ]
  return generated('docs/workflow.md', `${sections.join('\n\n')}\n`)
}

function title({ name, initial, final }: Phase): string {
  return `**${name}**${initial ? ' (initial)' : ''}${final ? ' (final)' : ''}`
}

function names(list: readonly string[]): string {
  return list.map((name) => `\`${name}\``).join(', ')
}

function describeQuery({ name, parameters, queryTemplate }: Project['queries'][number]): string {
  return `- \`${name}\` (${parameters.join(', ') || 'no parameters'}): \`${queryTemplate.replace(/\s+/g, ' ').trim()}\``
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()
}
