import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from './nearest.ts'
import type { QueryTemplate } from './project.ts'
import { methodName, parseTemplate } from './query-template.ts'
import type { YamlSource } from './yaml-source.ts'

/** The methods that every metrics input has. */
const builtInMethods: readonly string[] = ['successRate', 'requestRate', 'latency']

/** Checks the names of custom queries against each other and their holes against their parameters. */
export function checkQueries(queries: readonly QueryTemplate[], source: YamlSource): Diagnostic[] {
  return [...checkMethods(queries, source), ...queries.flatMap((query, index) => checkHoles(query, index, source))]
}

function checkMethods(queries: readonly QueryTemplate[], source: YamlSource): Diagnostic[] {
  const seen = new Map(builtInMethods.map((method) => [method, { first: 'a built-in query', place: 'always there' }]))
  return queries.flatMap(({ name: query }, index) => {
    if (query === '') return []
    const method = methodName(query)
    const position = source.at(`/queries/${index}/name`)
    const taken = seen.get(method)
    if (taken !== undefined) return [diagnostic('AP1211', { query, method, ...taken }, position)]
    seen.set(method, { first: query, place: `${position.line}:${position.column}` })
    return []
  })
}

function checkHoles({ name: query, queryTemplate, parameters }: QueryTemplate, index: number, source: YamlSource) {
  const { parts, problems } = parseTemplate(queryTemplate)
  const position = source.at(`/queries/${index}/queryTemplate`)
  const holes = new Set(parts.flatMap((part) => ('hole' in part ? [part.hole] : [])))
  const unknown = [...holes].filter((hole) => !parameters.includes(hole))
  return [
    ...problems.map((problem) => diagnostic('AP1213', { query, ...problem }, position)),
    ...unknown.map((hole) => diagnostic('AP1212', { query, hole, hint: didYouMean(hole, parameters) }, position)),
  ]
}
