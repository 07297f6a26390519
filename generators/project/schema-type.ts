/**
 * The TypeScript type of what a structural schema of a CRD allows (apiextensions.k8s.io/v1), as an expression.
 *
 * Guarantee: every value that the schema allows has the type. What the emitter does not know is `unknown`; rules on values, such as
 * bounds, patterns, CEL and the `oneOf` beside a type, narrow nothing. Fields with a default may be left out, as when they are written.
 */
export function schemaType(schema: unknown): string {
  if (!isRecord(schema)) return 'unknown'
  const type = plainType(schema)
  return schema['nullable'] === true && !/(^unknown|null)$/.test(type) ? `${type} | null` : type
}

function plainType(schema: Readonly<Record<string, unknown>>): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'number | string'
  if (schema['x-kubernetes-embedded-resource'] === true) return 'KubeObject'
  const { type } = schema
  const literals = schema['enum']
  if (Array.isArray(literals)) return [...new Set(literals.map(literal))].join(' | ') || 'unknown'
  switch (type) {
    case 'string':
      // Written by old generators of CRDs for what is an extension now.
      return schema['format'] === 'int-or-string' ? 'number | string' : 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return `(${schemaType(schema['items'])})[]`
    case 'object':
      return objectType(schema)
    default:
      return 'unknown'
  }
}

function objectType(schema: Readonly<Record<string, unknown>>): string {
  const { properties, additionalProperties: rest, required } = schema
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || (rest !== undefined && rest !== false)
  if (!isRecord(properties) || Object.keys(properties).length === 0) {
    return `Record<string, ${isRecord(rest) ? schemaType(rest) : 'unknown'}>`
  }
  const needed = new Set(Array.isArray(required) ? required : [])
  const fields = Object.entries(properties).map(([name, field]) => {
    const isNeeded = needed.has(name) && !(isRecord(field) && field['default'] !== undefined)
    return fieldType(name, field, isNeeded)
  })
  return `{\n${[...fields, ...(open ? ['[field: string]: unknown'] : [])].join('\n')}\n}`
}

/** What TypeScript says that every object has (`Object` of lib.es5.d.ts), with types of its own. */
const inherited = new Set([
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
])

/**
 * One field with its comment. A field that may be left out and has the name of an inherited one may be anything: no literal without it
 * would have the type, as TypeScript takes what it inherits for it.
 */
export function fieldType(name: string, schema: unknown, isNeeded: boolean): string {
  const type = isNeeded || !inherited.has(name) ? schemaType(schema) : 'unknown'
  return `${comment(schema)}${JSON.stringify(name)}${isNeeded ? '' : '?'}: ${type}`
}

function literal(value: unknown): string {
  const isLiteral = value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return isLiteral ? JSON.stringify(value) : 'unknown'
}

/** The first paragraph of the description, and the default. */
export function comment(schema: unknown): string {
  if (!isRecord(schema)) return ''
  const { description, default: value } = schema
  const [paragraph = ''] = typeof description === 'string' ? description.trim().split(/\n\s*\n/) : []
  const sentences = paragraph.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /')
  const isShown = value !== undefined && (typeof value !== 'object' || value === null)
  const parts = [sentences, ...(isShown ? [`Default: ${JSON.stringify(value).replaceAll('*/', '* /')}.`] : [])]
  const text = parts.filter((part) => part !== '').join(' ')
  return text === '' ? '' : `/** ${text} */\n`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
