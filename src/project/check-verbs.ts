import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from './nearest.ts'
import type { Project, Verb } from './project.ts'
import type { YamlSource } from './yaml-source.ts'

/** Verbs that every workflow has, since the runtime carries them out itself. */
export const runtimeVerbs: readonly string[] = ['pause', 'resume']

/** Verbs that are commands of `ap` themselves. */
const ownCommands: readonly string[] = ['promote', 'abort', 'retry']

/** How a verb is said: `ap promote NAME`. */
export function callOf(verb: string): string {
  return ownCommands.includes(verb) ? `ap ${verb} NAME` : `ap command ${verb} NAME`
}

/** Whether the verbs of a project fit its phases. Empty names are what the shape check has told already. */
export function checkVerbs(project: Project, source: YamlSource): Diagnostic[] {
  return [
    ...checkNames(project.verbs, source),
    ...project.verbs.flatMap((verb, index) => [
      ...checkPhases(verb, `/verbs/${index}`, project, source),
      ...checkNext(verb, `/verbs/${index}`, project, source),
    ]),
  ]
}

function checkNames(verbs: readonly Verb[], source: YamlSource): Diagnostic[] {
  const seen = new Map<string, number>()
  return verbs.flatMap(({ name: verb }, index) => {
    if (verb === '') return []
    const position = source.at(`/verbs/${index}/name`)
    if (runtimeVerbs.includes(verb))
      return [diagnostic('AP1219', { verb, owner: 'one that every workflow has' }, position)]
    const first = seen.get(verb)
    if (first !== undefined) return [diagnostic('AP1219', { verb, owner: `verbs[${first}] already` }, position)]
    seen.set(verb, index)
    return []
  })
}

function checkPhases({ name: verb, phases }: Verb, pointer: string, project: Project, source: YamlSource) {
  return phases.flatMap((phase, index) => unknownPhase(verb, phase, `${pointer}/phases/${index}`, project, source))
}

function checkNext(verb: Verb, pointer: string, project: Project, source: YamlSource): Diagnostic[] {
  const { name, next, phases } = verb
  const final = project.phases.filter((phase) => phase.final && phases.includes(phase.name))
  if (next === undefined) {
    if (final.length === 0) return []
    const names = final.map((phase) => phase.name).join(', ')
    const problem = `may be said in ${names}, which is final: no worker is there to go on`
    const instead = `Say with \`next:\` which phase ${name} leads to, or leave the final phase out.`
    return [diagnostic('AP1218', { verb: name, problem, instead }, source.atKey(`${pointer}/phases`))]
  }
  if (final.length === 0 && phases.every((phase) => project.phases.some((known) => known.name === phase))) {
    const problem = `has \`next\`, and none of its phases is final: their workers decide where to go`
    const instead = 'Remove `next`.'
    return [diagnostic('AP1218', { verb: name, problem, instead }, source.atKey(`${pointer}/next`))]
  }
  return unknownPhase(name, next, `${pointer}/next`, project, source)
}

function unknownPhase(verb: string, phase: string, pointer: string, { phases }: Project, source: YamlSource) {
  const known = phases.map(({ name }) => name).filter((name) => name !== '')
  if (phase === '' || known.includes(phase)) return []
  const facts = { verb, phase, hint: didYouMean(phase, known), known: known.join(', ') }
  return [diagnostic('AP1217', facts, source.at(pointer))]
}
