import type { KubeObject } from '../../kube/object.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../mesh/fields.ts'

/** A resource in one line: its phase, the weights it asks for, and what its conditions say. */
export function resourceLine({ metadata, status }: KubeObject): string {
  const { phase, conditions, outputs } = fieldsOf(status)
  const weights = listOf(fieldsOf(outputs)['trafficsplits']).map(splitText)
  const said = listOf(conditions).map(fieldsOf).map(conditionText)
  return [metadata.name, textOf(phase) ?? '(new)', ...weights, ...said].filter((part) => part !== '').join('  ')
}

function splitText(value: unknown): string {
  const backends = listOf(fieldsOf(value)['backends']).map(fieldsOf)
  return backends.map(({ service, weight }) => `${textOf(service) ?? '?'} ${numberOf(weight) ?? 0}`).join(' : ')
}

/** `Ready: success rate 99.8 %`; what is not so is said. */
function conditionText({ type, status, reason, message }: Readonly<Record<string, unknown>>): string {
  const name = textOf(type) ?? ''
  return `${status === 'True' ? name : `not ${name}`}: ${textOf(message) || textOf(reason) || ''}`
}
