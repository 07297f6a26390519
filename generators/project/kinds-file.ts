import { apiVersionOf, type Kind } from '../../src/kube/object.ts'
import { typeName } from '../../src/project/code-names.ts'
import type { Project } from '../../src/project/project.ts'
import { formatTypeScript } from './format.ts'
import { generated, type ProjectFile } from './project-file.ts'
import { comment, fieldType } from './schema-type.ts'

/** A kind that phases name, with the schema in its CRD. */
export interface KindSchema {
  /** What autopilot.yaml calls it, such as `widgets`. */
  readonly name: string
  readonly kind: Kind
  /** `openAPIV3Schema` of its version. */
  readonly schema: unknown
}

/** `src/generated/kinds.ts`: the kinds that come from CRDs, as types. */
export async function kindsFile(project: Project, kinds: readonly KindSchema[], library: string): Promise<ProjectFile> {
  const text = `
    import type { KubeObject } from '${library}'

    ${kinds.map(({ name, kind, schema }) => kindType(typeNameOf(project, kinds, name), kind, schema)).join('\n\n')}`
  return generated('src/generated/kinds.ts', await formatTypeScript(text))
}

/**
 * The type of a kind by the name that phases use: its kind, or, where a type of the project or of another group has that name, the
 * kind after the first word of its group.
 */
export function typeNameOf({ kind: own, phases }: Project, kinds: readonly KindSchema[], name: string): string {
  const wanted = kinds.find((one) => one.name === name)?.kind
  if (wanted === undefined) throw new Error(`there is no schema for ${name}`)
  const taken = new Set([
    ...['KubeObject', 'PhaseWorker', 'FinalizerWorker', 'ResourceOf', 'ResultOf', 'Record'],
    ...['', 'Spec', 'Status', 'Finalization', 'Finalizer'].map((end) => own + end),
    ...phases.flatMap((phase) => [...['Phase', 'Result', 'Worker'].map((end) => typeName(phase.name) + end)]),
    ...kinds.filter((one) => one.name !== name).map(({ kind }) => kind.kind),
  ])
  const others = new Set(kinds.filter((one) => one.name !== name).flatMap(({ kind }) => longNames(kind)))
  const long = longNames(wanted).filter((one) => /^[A-Z]/.test(one) && !others.has(one))
  return [wanted.kind, ...long].find((candidate) => !taken.has(candidate)) ?? `${typeName(name)}Object`
}

/** A kind after the first word of its group, and after all of it. */
function longNames({ group, kind }: Kind): string[] {
  return [group.split('.')[0] ?? '', group].map((words) => typeName(words) + kind)
}

function kindType(name: string, kind: Kind, schema: unknown): string {
  const fields = propertiesOf(schema)
  const own = Object.entries(fields).filter(([field]) => !['apiVersion', 'kind', 'metadata'].includes(field))
  const required = new Set(requiredOf(schema))
  return `
    ${comment(schema)}export interface ${name} extends KubeObject {
      apiVersion: '${apiVersionOf(kind)}'
      kind: '${kind.kind}'
      ${own
        // The status is the controller's: who writes an object leaves it out.
        .map(([field, type]) => fieldType(field, type, required.has(field) && field !== 'status'))
        .join('\n')}
    }`
}

function propertiesOf(schema: unknown): object {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return {}
  const { properties } = schema
  return typeof properties === 'object' && properties !== null ? properties : {}
}

function requiredOf(schema: unknown): readonly unknown[] {
  if (typeof schema !== 'object' || schema === null || !('required' in schema)) return []
  return Array.isArray(schema.required) ? schema.required : []
}
