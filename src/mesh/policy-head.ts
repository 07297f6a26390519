import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Fields, isFields, otherFields } from './fields.ts'
import { dnsLabel, readName, readNamespace } from './output-fields.ts'
import { outputKinds } from './outputs.ts'
import { type PolicyFields, policyFields } from './policy-fields.ts'
import type { ServiceRef } from './traffic.ts'

/** Where a worker's output stands, and the namespace of the resource it works on. */
export interface Place {
  readonly index: number
  readonly source: string
  readonly namespace: string
}

/** What every policy says of itself. */
export interface PolicyHead {
  readonly value: Fields
  readonly read: PolicyFields
  readonly head: {
    /** How messages call it: `ChaosExperiment shop/web: FaultInjection web`. */
    readonly output: string
    readonly source: string
    readonly name: string
    readonly apex: ServiceRef
    /** Takes what else is wrong as it is read. */
    readonly problems: Diagnostic[]
  }
}

/**
 * Reads what every policy has, and that it has no fields but `own` besides. Undefined for a value that names no apex, whose problem
 * goes to `lost`.
 */
export function readPolicyHead(
  kind: keyof typeof outputKinds,
  value: unknown,
  own: readonly string[],
  { index, source, namespace }: Place,
  lost: Diagnostic[],
): PolicyHead | undefined {
  const place = `${source}: ${kind}[${index}]`
  const service = isFields(value) ? value['service'] : undefined
  if (!isFields(value) || typeof service !== 'string' || !dnsLabel.test(service)) {
    lost.push(diagnostic('AP2104', { output: place, problem: '`service` is not the name of a Service' }))
    return undefined
  }
  const problems: Diagnostic[] = []
  const name = readName(value['name'], place, problems)
  const output = name === '' ? place : `${source}: ${outputKinds[kind]} ${name}`
  const read = policyFields(output, problems)
  const unknown = otherFields(value, ['name', 'namespace', 'service', ...own])[0]
  if (unknown !== undefined) read.malformed(`it has the unknown field ${unknown}`)
  const apex = { namespace: readNamespace(value['namespace'], namespace, output, problems), name: service }
  return { value, read, head: { output, source, name, apex, problems } }
}
