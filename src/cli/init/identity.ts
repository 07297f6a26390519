import type { ProjectIdentity, ProjectTemplate } from '../../../generators/templates/template.ts'
import { templates } from '../../../generators/templates/templates.ts'
import projectSchema from '../../../schemas/autopilot.schema.json' with { type: 'json' }
import { didYouMean } from '../../project/nearest.ts'
import { UsageError } from '../io.ts'

/** What a new project can be told, as far as it is known. */
export interface Answers {
  readonly kind?: string
  readonly group?: string
  readonly version?: string
  readonly mesh?: string
  readonly template?: string
}

/** What a new project is, and what it begins with. */
export interface Identity extends ProjectIdentity {
  readonly template: ProjectTemplate
}

/** What is taken for what nobody has said: the original's words. */
export const defaults = { group: 'examples.io', version: 'v1', mesh: 'istio', template: 'blank' } as const

const kindPattern = new RegExp(projectSchema.properties.kind.pattern)
const apiVersionPattern = new RegExp(projectSchema.properties.apiVersion.pattern)

/** Of a name of 63 letters, `<kind>-operator` leaves as many. */
const longestKind = 54

/** What is wrong with a kind; undefined when it can be one. */
export function kindProblem(kind: string): string | undefined {
  if (kind.length > longestKind)
    return `${JSON.stringify(kind)} is too long for a kind: it has at most ${longestKind} letters`
  if (kindPattern.test(kind)) return undefined
  return `${JSON.stringify(kind)} is no kind: it begins with a capital letter and has letters and digits only`
}

/** What is wrong with a group; undefined when it can be one. */
export function groupProblem(group: string): string | undefined {
  if (apiVersionPattern.test(`${group}/v1`)) return undefined
  return `${JSON.stringify(group)} is no API group: a domain name such as examples.io`
}

/** What is wrong with a version; undefined when it can be one. */
export function versionProblem(version: string): string | undefined {
  if (apiVersionPattern.test(`examples.io/${version}`)) return undefined
  return `${JSON.stringify(version)} is no API version: such as v1, v1beta1 or v2alpha1`
}

/** The template of that name; throws a UsageError that lists those there are. */
export function requireTemplate(name: string): ProjectTemplate {
  const template = templates.find((one) => one.name === name)
  if (template !== undefined) return template
  const known = templates.map((one) => one.name)
  throw new UsageError(`--template ${name} is not there${didYouMean(name, known)}; there are ${known.join(', ')}`)
}

/** The identity that answers come to, with defaults for the rest; throws a UsageError for what cannot be. */
export function identityOf(answers: Answers, knownMeshes: readonly string[]): Identity {
  const template = requireTemplate(answers.template ?? defaults.template)
  const {
    kind = template.defaultKind,
    group = defaults.group,
    version = defaults.version,
    mesh = defaults.mesh,
  } = answers
  for (const problem of [kindProblem(kind), groupProblem(group), versionProblem(version)])
    if (problem !== undefined) throw new UsageError(problem)
  if (!knownMeshes.includes(mesh))
    throw new UsageError(
      `--mesh ${mesh} is not a mesh${didYouMean(mesh, knownMeshes)}; there are ${knownMeshes.join(', ')}`,
    )
  return { kind, group, version, mesh, operatorName: `${kind.toLowerCase()}-operator`, template }
}
