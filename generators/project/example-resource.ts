import { stringify } from 'yaml'
import type { OperatorDefinition } from '../../src/operator/definition.ts'
import type { Project } from '../../src/project/project.ts'
import { type StructuralSchema, toStructural } from '../structural.ts'
import { type ProjectFile, starter } from './project-file.ts'
import { resourceSchemaPath } from './resource-schema.ts'

/** Where the example resource is. */
export function exampleResourcePath({ kind }: Pick<Project, 'kind'>): string {
  return `examples/${kind.toLowerCase()}.yaml`
}

/** A resource to begin with: every field that has to be given, with a value that the schema allows as far as one can be guessed. */
export function exampleResource(project: Project, { spec }: Pick<OperatorDefinition, 'spec'>): ProjectFile {
  const { kind, group, version } = project
  const object = {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name: kind.toLowerCase() },
    spec: sample(toStructural(spec, 'spec')) ?? {},
  }
  const schema = `# yaml-language-server: $schema=../${resourceSchemaPath(project)}\n`
  return starter(exampleResourcePath(project), schema + stringify(object, { compat: 'yaml-1.1', lineWidth: 0 }))
}

function sample(schema: StructuralSchema): unknown {
  if (schema['default'] !== undefined) return schema['default']
  const allowed = schema['enum']
  if (Array.isArray(allowed)) return allowed[0]
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => isRequired(name, schema))
          .map(([name, field]) => [name, sample(field)]),
      )
    case 'array':
      return Number(schema['minItems'] ?? 0) > 0 && schema.items ? [sample(schema.items)] : []
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1
    case 'boolean':
      return false
    default:
      return 'example'
  }
}

function isRequired(name: string, schema: StructuralSchema): boolean {
  const required = schema['required']
  return Array.isArray(required) && required.includes(name)
}
