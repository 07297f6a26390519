import type { RoutingDecision } from '../../mesh/routing.ts'
import { colorsFor } from '../demo/paint.ts'
import type { CommandIo } from '../io.ts'
import type { DecisionJson, OutcomeJson } from './decision-json.ts'

/** A decision for people: the request, the rule that takes it, each way with its share and why. */
export function decisionText(title: string, decision: RoutingDecision, json: DecisionJson, io: CommandIo): string {
  const paint = colorsFor(io.stdout.isTTY === true, io.env)
  const rule = json.rule === null ? 'no rule; the Service itself, or nothing, answers' : `rule ${paint.bold(json.rule)}`
  const places = json.outcomes.map(place)
  const width = Math.max(...places.map((text) => text.length))
  const ways = json.outcomes.map((outcome, index) => {
    const text = (places[index] ?? '').padEnd(width)
    const shown = 'status' in outcome ? paint.red(text) : paint.green(text)
    const why = 'status' in outcome ? reasons(decision) : ''
    const note = why === '' ? changes(outcome) : why
    return `  ${percent(outcome.share).padStart(7)}  ${shown}${note === '' ? '' : `  ${paint.dim(note)}`}`.trimEnd()
  })
  const { outcomes, rule: _rule, ...treatment } = json
  const rest = Object.entries(treatment).map(
    ([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${[title, rule, ...ways, ...rest].join('\n')}\n`
}

function place(outcome: OutcomeJson): string {
  if ('status' in outcome) return `status ${outcome.status}`
  return `${outcome.backend}:${outcome.port}${outcome.subset === null ? '' : ` subset ${outcome.subset}`}`
}

/** The changes of headers that only this way has. */
function changes(outcome: OutcomeJson): string {
  if ('status' in outcome) return ''
  const { requestHeaders, responseHeaders } = outcome
  return Object.entries({ requestHeaders, responseHeaders })
    .flatMap(([name, own]) => (own === undefined ? [] : [`${name}: ${JSON.stringify(own)}`]))
    .join(' ')
}

function reasons({ outcomes }: RoutingDecision): string {
  return [...new Set(outcomes.flatMap((outcome) => ('reason' in outcome ? [outcome.reason] : [])))].join('; ')
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`
}
