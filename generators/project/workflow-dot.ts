import type { Project } from '../../src/project/project.ts'
import { waysOf } from './workflow-diagram.ts'

/** The phases as a graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html). */
export function dot(project: Pick<Project, 'kind' | 'phases'>): string {
  const nodes = project.phases.map(({ name, initial, final }) => {
    const style = [...(initial ? ['bold'] : []), 'rounded'].join(',')
    return `  "${name}" [style="${style}"${final ? ', peripheries=2' : ''}]`
  })
  const ways = waysOf(project).map(({ from, to }) => `  "${from}" -> "${to}"`)
  return `${[`digraph "${project.kind}" {`, '  node [shape=box]', ...nodes, ...ways, '}'].join('\n')}\n`
}
