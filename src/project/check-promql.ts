import { parser } from '@prometheus-io/lezer-promql'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Project } from './project.ts'
import { parseTemplate } from './query-template.ts'
import type { YamlSource } from './yaml-source.ts'

/** Stands for a parameter: a name, and as the bound of a range a duration. */
const anyName = 'x'
const anyDuration = '1m'

/**
 * What Prometheus would not parse of a project's queries, at most one problem for each. Apart from the other checks of a
 * project, since an operator that runs has no use for a parser of PromQL.
 */
export function checkPromql({ queries }: Project, source: YamlSource): Diagnostic[] {
  return queries.flatMap(({ name: query, queryTemplate }, index) => {
    if (parseTemplate(queryTemplate).problems.length > 0) return []
    const offset = firstError(filled(queryTemplate))
    if (offset === undefined) return []
    const near = queryTemplate.slice(offset, offset + 20).trim()
    const facts = { query, offset, near: near === '' ? 'its end' : JSON.stringify(near) }
    return [diagnostic('AP1216', facts, source.at(`/queries/${index}/queryTemplate`))]
  })
}

/** The template with something for each hole, of the hole's own length, so that offsets stay what they are. */
function filled(template: string): string {
  return template.replace(/\{\{.*?\}\}/gs, (hole, offset: number) => {
    return standIn(template.slice(0, offset)).padEnd(hole.length)
  })
}

function standIn(before: string): string {
  return /[[:]\s*$|\boffset\s+-?$/.test(before) ? anyDuration : anyName
}

/** The offset of the first character that does not fit; undefined when all do. */
function firstError(promql: string): number | undefined {
  if (promql.trim() === '') return 0
  let first: number | undefined
  parser.parse(promql).iterate({
    enter({ type, from }) {
      if (type.isError) first ??= from
    },
  })
  return first
}
