import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { escapeLiteral, literalPattern } from '../mesh/promql.ts'
import { parseDuration } from '../project/duration.ts'
import { didYouMean } from '../project/nearest.ts'
import type { QueryTemplate } from '../project/project.ts'
import { parseTemplate } from '../project/query-template.ts'
import type { MetricQuery } from './metrics.ts'
import { PromqlPlace } from './promql-place.ts'
import { prometheusDuration } from './window.ts'

/**
 * Fills the holes of a query of autopilot.yaml.
 *
 * Guarantees: a value means itself and nothing more. Inside quotes it is escaped, for `=~` matchers as a pattern that matches
 * the value alone; outside of them only a duration, a number or a name passes. Durations may be Go's (`1.5s`): they are written
 * as PromQL takes them. Throws a DiagnosticError for unknown queries and parameters, missing ones, and values that could break out.
 */
export function customQuery(
  queries: readonly QueryTemplate[],
  name: string,
  values: Readonly<Record<string, string>>,
): MetricQuery {
  const query = queries.find((candidate) => candidate.name === name)
  if (query === undefined) {
    const names = queries.map((candidate) => candidate.name)
    const facts = { query: name, hint: didYouMean(name, names), known: names.join(', ') || 'none' }
    throw new DiagnosticError([diagnostic('AP5005', facts)])
  }
  checkParameters(query, values)
  const place = new PromqlPlace()
  let promql = ''
  for (const part of parseTemplate(query.queryTemplate).parts) {
    const text = 'text' in part ? part.text : fill(query.name, part.hole, values[part.hole] ?? '', place)
    promql += text
    // What was filled in stays inside its literal or is one token: it does not move the place.
    if ('text' in part) place.advance(text)
  }
  return { metric: 'custom', name, promql }
}

function checkParameters({ name, parameters }: QueryTemplate, values: Readonly<Record<string, string>>): void {
  const all = parameters.join(', ') || 'none'
  const missing = parameters
    .filter((parameter) => !Object.hasOwn(values, parameter))
    .map((parameter) => diagnostic('AP5002', { query: name, parameter, parameters: all }))
  const unknown = Object.keys(values)
    .filter((parameter) => !parameters.includes(parameter))
    .map((parameter) => {
      const facts = { query: name, parameter, hint: didYouMean(parameter, parameters), parameters: all }
      return diagnostic('AP5003', facts)
    })
  const problems = [...missing, ...unknown]
  if (problems.length > 0) throw new DiagnosticError(problems)
}

function fill(query: string, parameter: string, value: string, place: PromqlPlace): string {
  const filled = place.afterBackslash ? undefined : written(value, place)
  if (filled !== undefined) return filled
  throw new DiagnosticError([diagnostic('AP5004', { query, parameter, value: JSON.stringify(value) })])
}

function written(value: string, { quote, isPattern }: PromqlPlace): string | undefined {
  if (quote === undefined) return bareToken(value)
  const meant = isPattern ? literalPattern(value) : value
  if (quote !== '`') return escapeLiteral(meant, quote)
  // Raw literals have no escapes at all.
  return meant.includes('`') ? undefined : meant
}

/** A value that is one token of PromQL wherever it stands. */
function bareToken(value: string): string | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return value
  const duration = parseDuration(value)
  if (duration !== undefined) return duration > 0 ? prometheusDuration(duration) : undefined
  if (/^(\d+(ms|s|m|h|d|w|y))+$/.test(value)) return value
  return /^[A-Za-z_:][A-Za-z0-9_:]*$/.test(value) ? value : undefined
}
