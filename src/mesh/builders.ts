import { type Diagnostic, DiagnosticError } from '../diagnostics/diagnostic.ts'
import { readOutputs } from './output-reading.ts'
import { type NeutralOutputs, outputKinds } from './outputs.ts'

type Output<Name extends keyof NeutralOutputs> = NonNullable<NeutralOutputs[Name]>[number]

/**
 * One function per output: each answers its argument unchanged, once it has been checked as an operator would check it.
 *
 * Guarantees: what passes is taken by the operator as far as its own fields go; whether the Services it names exist, and whether the mesh
 * can carry it, is known only there. Throws a DiagnosticError with everything that is wrong, where the value is written and not
 * when it is applied.
 */
export const trafficSplit = builder('trafficsplits')
export const httpRouteGroup = builder('httproutegroups')
export const retryPolicy = builder('retrypolicies')
export const faultInjection = builder('faultinjections')
export const trafficMirror = builder('trafficmirrors')
export const headerPolicy = builder('headerpolicies')
export const sessionAffinity = builder('sessionaffinities')
export const circuitBreaker = builder('circuitbreakers')
export const rateLimit = builder('ratelimits')

function builder<Name extends keyof NeutralOutputs>(name: Name): (output: Output<Name>) => Output<Name> {
  return (output) => {
    const problems = problemsOf({ [name]: [output] }, outputKinds[name])
    if (problems.length > 0) throw new DiagnosticError(problems)
    return output
  }
}

function problemsOf(outputs: NeutralOutputs, source: string): Diagnostic[] {
  const read = readOutputs({ source, namespace: 'default', outputs })
  const all = [...read.splits, ...read.groups, ...read.policies, ...read.servicePolicies]
  return [...read.problems, ...all.flatMap(({ problems }) => problems)]
}
