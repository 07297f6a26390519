import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { checkNames } from './check-names.ts'
import { checkQueries } from './check-queries.ts'
import { checkVerbs } from './check-verbs.ts'
import { isNeutral, metricsInput, parameterNames } from './native-kinds.ts'
import { didYouMean } from './nearest.ts'
import { child } from './pointer.ts'
import type { Phase, Project } from './project.ts'
import type { YamlSource } from './yaml-source.ts'

/**
 * What a schema cannot say of a project: whether its names fit together. `problems` make it unusable, `notes` do not.
 * The project may come from a document of the wrong shape; empty names are then what the shape check has told already.
 */
export function checkWorkflow(project: Project, source: YamlSource): { problems: Diagnostic[]; notes: Diagnostic[] } {
  const problems = [
    ...checkInitial(project, source),
    ...checkNames(project, source),
    ...project.phases.flatMap((phase, index) => checkPhase(phase, `/phases/${index}`, project, source)),
    ...checkCustomParameters(project, source),
    ...checkQueries(project.queries, source),
    ...checkVerbs(project, source),
  ]
  return { problems, notes: problems.length > 0 ? [] : findUnreachable(project, source) }
}

function checkInitial({ phases }: Project, source: YamlSource): Diagnostic[] {
  const initial = phases.flatMap((phase, index) => (phase.initial ? [{ phase, index }] : []))
  const [first, ...others] = initial
  if (first === undefined) {
    // `initial: "true"` has its own diagnostic, and a file without phases too.
    const names = phases.map(({ name }) => name).filter((name) => name !== '')
    if (names.length === 0) return []
    return [diagnostic('AP1201', { phases: names.join(', ') }, source.atKey('/phases'))]
  }
  const { line, column } = source.atKey(`/phases/${first.index}/initial`)
  return others.map(({ phase, index }) =>
    diagnostic(
      'AP1202',
      { phase: phase.name, first: first.phase.name, place: `${line}:${column}` },
      source.atKey(`/phases/${index}/initial`),
    ),
  )
}

function checkPhase(phase: Phase, pointer: string, project: Project, source: YamlSource): Diagnostic[] {
  const problems: Diagnostic[] = []
  if (phase.initial && phase.final) {
    problems.push(diagnostic('AP1206', { phase: phase.name }, source.atKey(child(pointer, 'final'))))
  }
  if (phase.final) {
    for (const field of ['inputs', 'outputs', 'next'] as const) {
      if ((phase[field] ?? []).length === 0) continue
      problems.push(diagnostic('AP1205', { phase: phase.name, field }, source.atKey(child(pointer, field))))
    }
  }
  return [
    ...problems,
    ...checkParameters(phase, 'inputs', pointer, project, source),
    ...checkParameters(phase, 'outputs', pointer, project, source),
    ...checkNext(phase, pointer, project, source),
  ]
}

function checkParameters(
  phase: Phase,
  side: 'inputs' | 'outputs',
  pointer: string,
  { customParameters }: Project,
  source: YamlSource,
): Diagnostic[] {
  const known = parameterNames(
    side,
    customParameters.map(({ lowerName }) => lowerName).filter((name) => name !== ''),
  )
  return phase[side].flatMap((name, index) => {
    if (name === '' || known.includes(name)) return []
    const position = source.at(`${pointer}/${side}/${index}`)
    if (name === metricsInput) return [diagnostic('AP1209', { phase: phase.name }, position)]
    const facts = { phase: phase.name, name, hint: didYouMean(name, known), known: known.join(', ') }
    return [diagnostic(side === 'inputs' ? 'AP1207' : 'AP1208', facts, position)]
  })
}

function checkNext({ name, next = [] }: Phase, pointer: string, { phases }: Project, source: YamlSource): Diagnostic[] {
  const known = phases.map((phase) => phase.name).filter((phase) => phase !== '')
  return next.flatMap((target, index) => {
    if (target === '' || known.includes(target)) return []
    const facts = { phase: name, next: target, hint: didYouMean(target, known), known: known.join(', ') }
    return [diagnostic('AP1204', facts, source.at(`${pointer}/next/${index}`))]
  })
}

function checkCustomParameters({ customParameters }: Project, source: YamlSource): Diagnostic[] {
  const seen = new Map<string, number>()
  return customParameters.flatMap(({ lowerName: name }, index) => {
    if (name === '') return []
    const position = source.at(`/customParameters/${index}/lowerName`)
    if (isNeutral(name) || name === metricsInput) {
      return [diagnostic('AP1215', { name, owner: 'a built-in input that works on every mesh' }, position)]
    }
    const first = seen.get(name)
    if (first !== undefined) {
      return [diagnostic('AP1215', { name, owner: `customParameters[${first}]` }, position)]
    }
    seen.set(name, index)
    return []
  })
}

/**
 * Phases that no chain of `next` leads to. A phase without `next` may go anywhere, so all is reached from there; a final one is left by
 * the verbs that say where to.
 */
function findUnreachable({ phases, verbs }: Project, source: YamlSource): Diagnostic[] {
  const byName = new Map(phases.map((phase) => [phase.name, phase]))
  const reached = new Set<string>()
  const open = phases.filter(({ initial }) => initial).map(({ name }) => name)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    const phase = byName.get(name)
    if (phase === undefined) continue
    if (phase.final) open.push(...verbs.flatMap((verb) => (verb.phases.includes(name) ? (verb.next ?? []) : [])))
    else open.push(...(phase.next ?? byName.keys()))
  }
  return phases.flatMap(({ name }, index) =>
    reached.has(name) ? [] : [diagnostic('AP1210', { phase: name }, source.at(`/phases/${index}/name`))],
  )
}
