import { type Diagnostic, DiagnosticError } from '../diagnostics/diagnostic.ts'
import { readMtls, readTarget } from './access-reading.ts'
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
export const tcpRoute = builder('tcproutes')
export const retryPolicy = builder('retrypolicies')
export const faultInjection = builder('faultinjections')
export const trafficMirror = builder('trafficmirrors')
export const headerPolicy = builder('headerpolicies')
export const sessionAffinity = builder('sessionaffinities')
export const circuitBreaker = builder('circuitbreakers')
export const rateLimit = builder('ratelimits')
export const trafficTarget = builder('traffictargets')
export const mtlsPolicy = builder('mtlspolicies')

function builder<Name extends keyof NeutralOutputs>(name: Name): (output: Output<Name>) => Output<Name> {
  return (output) => {
    const problems = problemsOf({ [name]: [output] }, outputKinds[name])
    if (problems.length > 0) throw new DiagnosticError(problems)
    return output
  }
}

function problemsOf(outputs: NeutralOutputs, source: string): Diagnostic[] {
  const read = readOutputs({ source, namespace: 'default', outputs })
  const lost: Diagnostic[] = []
  const place = (index: number) => ({ index, source, namespace: 'default' })
  const targets = (outputs.traffictargets ?? []).flatMap((value, index) => readTarget(value, place(index), lost))
  const mtls = (outputs.mtlspolicies ?? []).flatMap((value, index) => readMtls(value, place(index)))
  const all = [
    ...read.splits,
    ...read.groups,
    ...read.tcpRoutes,
    ...read.policies,
    ...read.servicePolicies,
    ...targets,
    ...mtls,
  ]
  return [...read.problems, ...lost, ...all.flatMap(({ problems }) => problems)]
}
