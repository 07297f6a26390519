import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../diagnostics/diagnostic.ts'
import { isNeutral, kindsOf, metricsInput } from '../project/native-kinds.ts'
import type { Project } from '../project/project.ts'
import type { OperatorDefinition } from './definition.ts'

interface Declared {
  readonly definition: OperatorDefinition
  readonly project: Project
}

/** Holds what a project declares against what its code defines. @throws DiagnosticError with everything that is missing */
export function checkDefinition({ definition, project }: Declared): void {
  const kinds = kindsOf(project)
  const problems: Diagnostic[] = []
  for (const { name, final, inputs, outputs } of project.phases) {
    if (!final && definition.workers[name] === undefined) problems.push(diagnostic('AP4012', { phase: name }))
    for (const parameter of [...inputs, ...outputs]) {
      if (kinds.has(parameter) || isNeutral(parameter) || parameter === metricsInput) continue
      problems.push(diagnostic('AP4015', { phase: name, name: parameter }))
    }
  }
  if (project.enableFinalizer && definition.finalizer === undefined) {
    problems.push(diagnostic('AP4013', { kind: project.kind }))
  }
  if (problems.length > 0) throw new DiagnosticError(problems)
}
