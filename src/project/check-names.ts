import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic, SourcePosition } from '../diagnostics/diagnostic.ts'
import { typeName, valueName } from './code-names.ts'
import type { Phase, Project } from './project.ts'
import type { YamlSource } from './yaml-source.ts'

/** Words that cannot name a constant (ECMA-262 ReservedWord, those of strict mode, and what TypeScript lets nobody declare). */
const reservedWords = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function globalThis if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
)

/** What generated files import, and what the resource's own types are called. */
const imported = ['PhaseWorker', 'FinalizerWorker', 'ResourceOf', 'ResultOf']

/**
 * Whether the names of a project can be names in its code: phases become files, constants and types. Empty names are what the shape
 * check has told already.
 */
export function checkNames(project: Project, source: YamlSource): Diagnostic[] {
  return [
    ...checkTypes(
      ['', 'Spec', 'Status'].map((end) => project.kind + end),
      imported,
      { place: 'kind', name: project.kind },
      source.at('/kind'),
    ),
    ...checkDistinct(project, source),
    ...project.phases.flatMap((phase, index) => checkPhaseName(phase, index, project, source)),
  ]
}

function checkDistinct({ phases }: Project, source: YamlSource): Diagnostic[] {
  const seen = new Map<string, { name: string; pointer: string }>()
  return phases.flatMap(({ name }, index) => {
    if (name === '') return []
    const pointer = `/phases/${index}/name`
    // `roll_back` and `RollBack` are one file, one constant and one type.
    const key = name.toLowerCase().replaceAll('_', '')
    const first = seen.get(key)
    if (first === undefined) {
      seen.set(key, { name, pointer })
      return []
    }
    const { line, column } = source.at(first.pointer)
    return [diagnostic('AP1203', { phase: name, first: first.name, place: `${line}:${column}` }, source.at(pointer))]
  })
}

/** A final phase has no worker, and so no code of its own. */
function checkPhaseName({ name, final }: Phase, index: number, project: Project, source: YamlSource): Diagnostic[] {
  if (name === '' || final) return []
  const place = `phases[${index}].name`
  const position = source.at(`/phases/${index}/name`)
  const value = valueName(name)
  if (reservedWords.has(value)) return [diagnostic('AP1214', { place, name, value }, position)]
  const { kind, enableFinalizer } = project
  const values = ['spec', 'status', 'defineOperator', ...(enableFinalizer ? ['finalizer'] : [])]
  if (values.includes(value)) return [diagnostic('AP1226', { place, name, taken: value }, position)]
  const ends = ['', 'Spec', 'Status', ...(enableFinalizer ? ['Finalization', 'Finalizer'] : [])]
  const types = [...imported, ...ends.map((end) => kind + end)]
  const own = ['Phase', 'Result', 'Worker'].map((end) => typeName(name) + end)
  return checkTypes(own, types, { place, name }, position)
}

/** `own`: types that are made of a name. */
function checkTypes(
  own: readonly string[],
  types: readonly string[],
  named: { readonly place: string; readonly name: string },
  position: SourcePosition,
): Diagnostic[] {
  const taken = own.find((type) => types.includes(type))
  return taken === undefined ? [] : [diagnostic('AP1226', { ...named, taken }, position)]
}
