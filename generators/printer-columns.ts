import { z } from 'zod'
import { diagnostic } from '../src/diagnostics/catalogue.ts'
import { DiagnosticError } from '../src/diagnostics/diagnostic.ts'

/** A column of `kubectl get` (additionalPrinterColumns of apiextensions.k8s.io/v1). */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly description?: string
}

/**
 * The columns that a project asks for with `.meta({ printerColumn: 'Weight' })` at fields of its spec or status, in their order.
 * Throws a DiagnosticError with every field that no column can show (AP1401); `root` is `spec` or `status`.
 */
export function printerColumns(definition: z.ZodType, root: string): PrinterColumn[] {
  const schema = z.toJSONSchema(definition, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
  })
  const { columns, problems } = columnsIn(schema, root)
  if (problems.length > 0)
    throw new DiagnosticError(problems.map((field) => diagnostic('AP1401', { field, ...unshown })))
  return columns
}

const unshown = {
  problem: 'a column shows one string, number or boolean, in objects of plain names',
  instead: 'Take printerColumn away from it, or put it at a field below.',
}

function columnsIn(schema: unknown, field: string): { columns: PrinterColumn[]; problems: string[] } {
  if (!isRecord(schema)) return { columns: [], problems: [] }
  const name = schema['printerColumn']
  const type = schema['format'] === 'date-time' ? 'date' : schema['type']
  const isShown = ['string', 'integer', 'number', 'boolean', 'date'].some((known) => known === type)
  const isPlain = field.split('.').every((part) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(part))
  const own: PrinterColumn[] =
    typeof name === 'string' && isShown && isPlain
      ? [
          {
            name,
            type: String(type),
            jsonPath: `.${field}`,
            ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
          },
        ]
      : []
  const below = [
    ...Object.entries(isRecord(schema['properties']) ? schema['properties'] : {}).map(([key, value]) =>
      columnsIn(value, `${field}.${key}`),
    ),
    // Below these there is no one value: a name that is not plain refuses what is asked for there.
    columnsIn(schema['items'], `${field}[]`),
    columnsIn(schema['additionalProperties'], `${field}.*`),
  ]
  return {
    columns: [...own, ...below.flatMap(({ columns }) => columns)],
    problems: [
      ...(name !== undefined && own.length === 0 ? [field] : []),
      ...below.flatMap(({ problems }) => problems),
    ],
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
