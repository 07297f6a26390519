import { readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, isFields, listOf, numberOf } from '../../src/mesh/fields.ts'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'

/**
 * Two references to one parent have to differ. In the Experimental channel they may do so by their port, in the Standard one by
 * `sectionName` alone; refused is what both refuse.
 */
export function parentProblems(value: unknown): FieldProblem[] {
  const parents = listOf(value).map(fieldsOf)
  const keys = parents.map(({ group, kind, name, namespace, sectionName, port }) =>
    JSON.stringify([group ?? 'gateway.networking.k8s.io', kind ?? 'Gateway', name, namespace, sectionName, port]),
  )
  return keys.flatMap((key, index) =>
    keys.indexOf(key) === index
      ? []
      : [
          {
            path: ['spec', 'parentRefs', index],
            problem: 'sectionName must be unique when parentRefs includes 2 or more references to the same parent',
          },
        ],
  )
}

/** What the rules in CEL say of a rule of an HTTPRoute beyond each of its fields. */
export function wholeRuleProblems(rule: Fields, path: FieldPath): FieldProblem[] {
  return [
    ...prefixProblems(rule, path),
    ...timeoutProblems(fieldsOf(rule['timeouts']), [...path, 'timeouts']),
    ...repeatedCodes(fieldsOf(rule['retry'])['codes'], [...path, 'retry', 'codes']),
  ]
}

/** What they say of the list of filters of a rule or of a backend. */
export function wholeFiltersProblems(filters: readonly Fields[], path: FieldPath): FieldProblem[] {
  const has = (type: string) => filters.some((filter) => filter['type'] === type)
  const both = has('RequestRedirect') && has('URLRewrite')
  return [
    ...(both ? [{ path, problem: 'RequestRedirect and URLRewrite exclude each other' }] : []),
    ...filters.flatMap((filter, index) => filterProblems(filter, [...path, index])),
  ]
}

function filterProblems(filter: Fields, path: FieldPath): FieldProblem[] {
  const { requestMirror, urlRewrite, requestRedirect } = filter
  const { backendRef, fraction } = fieldsOf(requestMirror)
  const { group = '', kind = 'Service', port } = fieldsOf(backendRef)
  const at = [...path, 'requestMirror']
  const { numerator, denominator } = fieldsOf(fraction)
  return [
    ...(isFields(backendRef) && group === '' && kind === 'Service' && port === undefined
      ? [{ path: [...at, 'backendRef'], problem: 'Must have port for Service reference' }]
      : []),
    ...((numberOf(numerator) ?? 0) > (numberOf(denominator) ?? 100)
      ? [{ path: [...at, 'fraction'], problem: 'numerator must be less than or equal to denominator' }]
      : []),
    ...['requestHeaderModifier', 'responseHeaderModifier'].flatMap((field) =>
      repeatedNames(fieldsOf(filter[field]), [...path, field]),
    ),
    ...pathProblems(fieldsOf(urlRewrite)['path'], [...path, 'urlRewrite', 'path']),
    ...pathProblems(fieldsOf(requestRedirect)['path'], [...path, 'requestRedirect', 'path']),
  ]
}

/** Lists of headers are lists by name, of which the API server takes each once. */
function repeatedNames(changes: Fields, path: FieldPath): FieldProblem[] {
  return ['set', 'add', 'remove'].flatMap((field) => {
    const names = listOf(changes[field]).map((entry) => (isFields(entry) ? entry['name'] : entry))
    return names.flatMap((name, index) => {
      if (names.indexOf(name) === index) return []
      return [{ path: [...path, field, index], problem: `${String(name)} is there already` }]
    })
  })
}

/** The field of a path goes by its type. */
function pathProblems(value: unknown, path: FieldPath): FieldProblem[] {
  if (!isFields(value)) return []
  const fields = { ReplaceFullPath: 'replaceFullPath', ReplacePrefixMatch: 'replacePrefixMatch' }
  return Object.entries(fields).flatMap(([type, field]) => {
    if ((value['type'] === type) === (value[field] !== undefined)) return []
    return [{ path, problem: `${field} and the type ${type} go together` }]
  })
}

/** A prefix can be replaced where there is one: of a rule with one match, by a prefix. */
function prefixProblems(rule: Fields, path: FieldPath): FieldProblem[] {
  const matches = rule['matches'] === undefined ? [{}] : listOf(rule['matches']).map(fieldsOf)
  const { type = 'PathPrefix' } = fieldsOf(matches[0]?.['path'])
  if (matches.length === 1 && type === 'PathPrefix') return []
  const lists = [rule['filters'], ...listOf(rule['backendRefs']).map((ref) => fieldsOf(ref)['filters'])]
  const filters = lists.flatMap((list) => listOf(list).map(fieldsOf))
  return ['RequestRedirect', 'URLRewrite'].flatMap((kind) => {
    const field = kind === 'URLRewrite' ? 'urlRewrite' : 'requestRedirect'
    const replaces = (filter: Fields) => fieldsOf(fieldsOf(filter[field])['path'])['type'] === 'ReplacePrefixMatch'
    if (!filters.some(replaces)) return []
    const problem = `When using ${kind} filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified`
    return [{ path, problem }]
  })
}

/** A set since v1.6. */
function repeatedCodes(value: unknown, path: FieldPath): FieldProblem[] {
  const codes = listOf(value)
  return codes.flatMap((code, index) =>
    codes.indexOf(code) === index ? [] : [{ path: [...path, index], problem: `${String(code)} is there already` }],
  )
}

function timeoutProblems({ request, backendRequest }: Fields, path: FieldPath): FieldProblem[] {
  const whole = readDuration(request) ?? 0
  if (whole === 0 || (readDuration(backendRequest) ?? 0) <= whole) return []
  return [
    { path: [...path, 'backendRequest'], problem: 'backendRequest timeout cannot be longer than request timeout' },
  ]
}
