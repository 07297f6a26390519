import { verbsOf } from '../../src/operator/orders.ts'
import type { Phase, Project } from '../../src/project/project.ts'

/** A way from one phase to another. */
interface Way {
  readonly from: string
  readonly to: string
  /** What somebody has to say for it, out of a final phase. */
  readonly verb?: string
}

/** What is drawn of a project. */
export type Workflow = Pick<Project, 'phases' | 'verbs'>

/**
 * The ways between phases. A phase without `next` may go to every other one, which is the original's meaning; final ones are left by verbs
 * alone.
 */
export function waysOf({ phases, verbs }: Workflow): Way[] {
  const all = phases.map(({ name }) => name)
  return phases.flatMap((phase) =>
    phase.final
      ? verbsOf({ verbs }, phase.name).map(
          ({ name, next = phase.name }): Way => ({ from: phase.name, to: next, verb: name }),
        )
      : targets(phase, all).map((to): Way => ({ from: phase.name, to })),
  )
}

/** The phases as a state diagram of Mermaid (https://mermaid.js.org/syntax/stateDiagram.html). */
export function mermaid(project: Workflow): string {
  const initial = project.phases.filter((phase) => phase.initial).map(({ name }) => `  [*] --> ${name}`)
  const ways = waysOf(project).map(
    ({ from, to, verb }) => `  ${from} --> ${to}${verb === undefined ? '' : ` : ${verb}`}`,
  )
  const final = project.phases.filter((phase) => phase.final).map(({ name }) => `  ${name} --> [*]`)
  const notes = project.phases.flatMap((phase) => {
    const words = phase.final ? '' : saidIn(project, phase)
    return words === '' ? [] : [`  note right of ${phase.name} : ${words}`]
  })
  return `${['stateDiagram-v2', ...initial, ...ways, ...final, ...notes].join('\n')}\n`
}

/** The verbs that may be said in a phase, `promote, abort`. */
export function saidIn({ verbs }: Pick<Workflow, 'verbs'>, { name }: Pick<Phase, 'name'>): string {
  return verbsOf({ verbs }, name)
    .map((verb) => verb.name)
    .join(', ')
}

function targets({ name, next }: Phase, all: readonly string[]): readonly string[] {
  return (next ?? all).filter((target) => target !== name)
}
