import type { OperatorDefinition } from '../../src/operator/definition.ts'
import type { Project } from '../../src/project/project.ts'
import { type StructuralSchema, toStructural } from '../structural.ts'
import { generated, type ProjectFile } from './project-file.ts'

/** Where the JSON Schema of a project's resource is. */
export function resourceSchemaPath({ kind }: Pick<Project, 'kind'>): string {
  return `schemas/${kind.toLowerCase()}.schema.json`
}

/** The JSON Schema (draft-07) of the resource, with which editors complete and check it while it is written. */
export function resourceSchema(project: Project, { spec }: Pick<OperatorDefinition, 'spec'>): ProjectFile {
  const { kind, group, version } = project
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: kind,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: `${group}/${version}` },
      kind: { const: kind },
      metadata: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      spec: draft07(toStructural(spec, 'spec')),
    },
  }
  return generated(resourceSchemaPath(project), `${JSON.stringify(schema, null, 2)}\n`)
}

/** A structural schema in the words of JSON Schema: `nullable`, exclusive bounds and free fields are said differently there. */
function draft07(schema: StructuralSchema): Record<string, unknown> {
  const { nullable, exclusiveMinimum, exclusiveMaximum, minimum, maximum, items, properties, type, ...rest } = schema
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined
  const own = Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-') && key !== 'additionalProperties')
  const values = schema['additionalProperties']
  return {
    ...Object.fromEntries(own),
    ...(type !== undefined && { type: nullable === true ? [type, 'null'] : type }),
    ...(minimum !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
    ...(items && { items: draft07(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, draft07(field)])),
    }),
    ...(isSchema(values) && { additionalProperties: draft07(values) }),
    ...(type === 'object' && !open && { additionalProperties: false }),
  }
}

function isSchema(value: unknown): value is StructuralSchema {
  return typeof value === 'object' && value !== null
}
