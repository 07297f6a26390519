import type { Project } from '../../src/project/project.ts'
import { saidIn, type Workflow, waysOf } from './workflow-diagram.ts'

/** The phases as a graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html). */
export function dot(project: Pick<Project, 'kind'> & Workflow): string {
  const nodes = project.phases.map(({ name, initial, final }) => {
    const style = [...(initial ? ['bold'] : []), 'rounded'].join(',')
    const words = final ? '' : saidIn(project, { name })
    const label = words === '' ? '' : `, label="${name}\\n(${words})"`
    return `  "${name}" [style="${style}"${final ? ', peripheries=2' : ''}${label}]`
  })
  const ways = waysOf(project).map(({ from, to, verb }) => {
    return `  "${from}" -> "${to}"${verb === undefined ? '' : ` [label="${verb}"]`}`
  })
  return `${[`digraph "${project.kind}" {`, '  node [shape=box]', ...nodes, ...ways, '}'].join('\n')}\n`
}
