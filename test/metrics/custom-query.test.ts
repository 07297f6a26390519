import { fc, test } from '@fast-check/vitest'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect } from 'vitest'
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts'
import { customQuery } from '../../src/metrics/custom-query.ts'

const errorShare = {
  name: 'error-share',
  queryTemplate: `sum(rate(requests_total{namespace="{{ .Namespace }}",workload=~'{{.Name}}-.*',job=\`{{ .Name }}\`}[{{ .Interval }}]))`,
  parameters: ['Namespace', 'Name', 'Interval'],
}
const values = { Namespace: 'shop', Name: 'web', Interval: '1m' }

function fill(template: string, parameters: Record<string, string>): string {
  const query = { name: 'q', queryTemplate: template, parameters: Object.keys(parameters) }
  const filled = customQuery([query], 'q', parameters)
  return filled.metric === 'custom' ? filled.promql : ''
}

/** The names of the syntax nodes of a PromQL text, in order. */
function shape(promql: string): string[] {
  const names: string[] = []
  parser.parse(promql).iterate({ enter: ({ name }) => void names.push(name) })
  return names
}

describe('queries of autopilot.yaml', () => {
  test('holes are filled by name', () => {
    expect(customQuery([errorShare], 'error-share', values)).toEqual({
      metric: 'custom',
      name: 'error-share',
      promql: `sum(rate(requests_total{namespace="shop",workload=~'web-.*',job=\`web\`}[1m]))`,
    })
  })

  test('a value matches itself alone, in patterns too', () => {
    expect(fill('x{a="{{ .A }}",b=~"{{ .A }}"}', { A: 'v1.2|"\\' })).toBe(
      String.raw`x{a="v1.2|\"\\",b=~"v1\\.2\\|\"\\\\"}`,
    )
  })

  test.each([
    ['1m', '1m'],
    ['1.5s', '1500ms'],
    ['1h30m', '90m'],
    ['7d', '7d'],
  ])('the duration %s is asked for as %s', (interval, asked) => {
    expect(fill('rate(x[{{ .Interval }}])', { Interval: interval })).toBe(`rate(x[${asked}])`)
  })

  test.each([
    ['x[{{ .A }}]', '1m] or vector(1'],
    ['x[{{ .A }}]', '-1m'],
    ['{{ .A }} > 0', 'x{a="b"}'],
    ['x{a=`{{ .A }}`}', 'b`} or vector(1) or x{a=`'],
    ['x{a="\\{{ .A }}"}', '"'],
    ['x # {{ .A }}', '\nor vector(1)'],
    ['x[{{ .A }}]', ''],
  ])('into %s nothing that could break out is filled', (template, value) => {
    expect(() => fill(template, { A: value })).toThrow(
      /AP5004 the value .* of A could change the meaning of the query q/,
    )
  })

  test('quotes in comments and raw literals do not confuse', () => {
    expect(fill('# it\'s\nx{a=`\\`,b="{{ .A }}"}', { A: '"' })).toBe('# it\'s\nx{a=`\\`,b="\\""}')
  })

  test('every missing and unknown parameter is told, and an unknown query', () => {
    expect(() => customQuery([errorShare], 'error-share', { Namespac: 'shop', Name: 'web' })).toThrow(
      [
        'AP5002 the query error-share is asked without its parameter Namespace. Give all of its parameters: Namespace, Name, Interval.',
        'AP5002 the query error-share is asked without its parameter Interval. Give all of its parameters: Namespace, Name, Interval.',
        'AP5003 the query error-share has no parameter Namespac (did you mean "Namespace"?). Its parameters: Namespace, Name, Interval.',
      ].join('\n'),
    )
    expect(() => customQuery([errorShare], 'error-rate', values)).toThrow(
      'AP5005 autopilot.yaml has no query "error-rate" (did you mean "error-share"?). Its queries: error-share.',
    )
  })

  test.prop([fc.string({ unit: 'binary' }), fc.constantFrom('1m', '90s', '1.5h')])(
    'whatever the value, the query keeps its shape',
    (name, interval) => {
      const parameters = { Namespace: name, Name: name, Interval: interval }
      try {
        const filled = customQuery([errorShare], 'error-share', parameters)
        const promql = filled.metric === 'custom' ? filled.promql : ''
        expect(shape(promql)).toEqual(shape(`sum(rate(requests_total{namespace="a",workload=~'a',job=\`a\`}[1m]))`))
      } catch (error) {
        expect(error).toBeInstanceOf(DiagnosticError)
        expect(name).toContain('`')
      }
    },
  )
})
