import type { Phase, Project } from '../../src/project/project.ts'

/** A way from one phase to another. */
interface Way {
  readonly from: string
  readonly to: string
}

/** The ways between phases. A phase without `next` may go to every other one, which is the original's meaning. */
export function waysOf({ phases }: Pick<Project, 'phases'>): Way[] {
  const all = phases.map(({ name }) => name)
  return phases.flatMap((phase) =>
    phase.final ? [] : targets(phase, all).map((to): Way => ({ from: phase.name, to })),
  )
}

/** The phases as a state diagram of Mermaid (https://mermaid.js.org/syntax/stateDiagram.html). */
export function mermaid(project: Pick<Project, 'phases'>): string {
  const initial = project.phases.filter((phase) => phase.initial).map(({ name }) => `  [*] --> ${name}`)
  const ways = waysOf(project).map(({ from, to }) => `  ${from} --> ${to}`)
  const final = project.phases.filter((phase) => phase.final).map(({ name }) => `  ${name} --> [*]`)
  return `${['stateDiagram-v2', ...initial, ...ways, ...final].join('\n')}\n`
}

function targets({ name, next }: Phase, all: readonly string[]): readonly string[] {
  return (next ?? all).filter((target) => target !== name)
}
