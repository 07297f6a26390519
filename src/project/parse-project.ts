import projectSchema from '../../schemas/autopilot.schema.json' with { type: 'json' }
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { byPosition } from './by-position.ts'
import { checkWorkflow } from './check-workflow.ts'
import { field, flagField, listField, textField, textsField } from './fields.ts'
import type { CustomParameter, Phase, Project, QueryTemplate, Verb } from './project.ts'
import { shapeCheck } from './schema.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

/** A project and what its author should know about it, though it works. */
export interface LoadedProject {
  readonly project: Project
  readonly diagnostics: readonly Diagnostic[]
  /** Where in the file things stand. */
  readonly source: YamlSource
}

const checkShape = shapeCheck(projectSchema)

/**
 * Reads the text of an autopilot.yaml; `file` is how its diagnostics call it.
 * Throws a DiagnosticError with everything that is wrong, in the order of the file, and never anything else.
 */
export function parseProject(text: string, file: string): LoadedProject {
  const source = readYaml(text, file)
  const project = toProject(source.value)
  const { problems, notes } = checkWorkflow(project, source)
  const errors = [...checkShape(source), ...problems]
  if (errors.length > 0) throw new DiagnosticError(byPosition(errors))
  return { project, diagnostics: byPosition(notes), source }
}

function toProject(value: unknown): Project {
  const kind = textField(value, 'kind')
  const [group = '', version = ''] = textField(value, 'apiVersion').split('/')
  return {
    kind,
    group,
    version,
    plural: textField(value, 'plural') || pluralOf(kind),
    operatorName: textField(value, 'operatorName') || `${kind.toLowerCase()}-operator`,
    phases: listField(value, 'phases').map(toPhase),
    enableFinalizer: flagField(value, 'enableFinalizer'),
    customParameters: listField(value, 'customParameters').map(toCustomParameter),
    queries: listField(value, 'queries').map(toQuery),
    verbs: listField(value, 'verbs').map(toVerb),
  }
}

function toPhase(value: unknown): Phase {
  return {
    name: textField(value, 'name'),
    description: textField(value, 'description'),
    initial: flagField(value, 'initial'),
    final: flagField(value, 'final'),
    inputs: textsField(value, 'inputs'),
    outputs: textsField(value, 'outputs'),
    ...(Array.isArray(field(value, 'next')) && { next: textsField(value, 'next') }),
  }
}

function toCustomParameter(value: unknown): CustomParameter {
  return {
    lowerName: textField(value, 'lowerName'),
    singleName: textField(value, 'singleName'),
    pluralName: textField(value, 'pluralName'),
    apiGroup: textField(value, 'apiGroup'),
    version: textField(value, 'version') || versionOfPackage(textField(value, 'package')) || 'v1',
    namespaced: flagField(value, 'namespaced', true),
  }
}

function toQuery(value: unknown): QueryTemplate {
  return {
    name: textField(value, 'name'),
    queryTemplate: textField(value, 'queryTemplate'),
    parameters: textsField(value, 'parameters'),
  }
}

function toVerb(value: unknown): Verb {
  const next = textField(value, 'next')
  return {
    name: textField(value, 'name'),
    description: textField(value, 'description'),
    phases: textsField(value, 'phases'),
    ...(next !== '' && { next }),
  }
}

/** Go packages of API types end in their version: `k8s.io/api/apps/v1`. */
function versionOfPackage(goPackage: string): string | undefined {
  return /\/(v[1-9]\d*(?:(?:alpha|beta)[1-9]\d*)?)$/.exec(goPackage)?.[1]
}

/** The plural that Kubernetes' own generators make of a kind; `plural` in the file overrides it. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase()
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`
  return `${lower}s`
}
