import { callOf } from '../../src/project/check-verbs.ts'
import type { Phase, Project, Verb } from '../../src/project/project.ts'
import { generated, type ProjectFile } from './project-file.ts'
import { mermaid } from './workflow-diagram.ts'

/** `docs/workflow.md`: the phases, what each reads and emits, and the ways between them. */
export function workflowDoc(project: Project): ProjectFile {
  const { kind, group, version, phases, queries } = project
  const head = ['phase', 'what happens', 'reads', 'emits']
  const rows = phases.map((phase) => [title(phase), phase.description, names(phase.inputs), names(phase.outputs)])
  const sections = [
    `# ${kind}`,
    `The workflow of \`${kind}\` in \`${group}/${version}\`.`,
    `\`\`\`mermaid\n${mermaid(project)}\`\`\``,
    table(head, rows),
    ...(project.verbs.length === 0 ? [] : ['## What people can tell it', verbTable(project)]),
    ...(queries.length === 0 ? [] : ['## Queries', queries.map(describeQuery).join('\n')]),
  ]
  return generated('docs/workflow.md', `${sections.join('\n\n')}\n`)
}

function verbTable({ verbs, phases }: Project): string {
  const rows = verbs.map(({ name, description, phases: allowed, next }: Verb) => {
    const leaves = phases.filter((phase) => phase.final && allowed.includes(phase.name)).map((phase) => phase.name)
    const where = next === undefined ? '' : `; from ${names(leaves)} to \`${next}\``
    return [`\`${callOf(name)}\``, description, `${names(allowed)}${where}`]
  })
  const always = [
    ['`ap pause NAME`', 'It is held in its phase, with its traffic as it is', 'every phase that is not final'],
    ['`ap resume NAME`', 'It goes on', 'likewise'],
  ]
  return table(['by', 'what happens', 'in'], [...rows, ...always])
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n')
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
