import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { widthOf, wrap } from '../../../src/cli/columns.ts'
import { colorsFor } from '../../../src/cli/demo/paint.ts'
import { table } from '../../../src/cli/demo/table.ts'

const columns = [
  { title: 'mesh' },
  { title: 'verdict' },
  { title: 'phases', wraps: true },
  { title: 'calls', wraps: true },
]
const rows = [
  [
    'istio',
    'promoted',
    'Initializing → Waiting → Evaluating → Promoting → Waiting',
    'GET 1, LIST 7, WATCH 7, APPLY 31',
  ],
  ['gateway-api', 'rolled-back', 'Initializing → Waiting', 'GET 1'],
]
const words = fc.array(fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom('a', 'é', '→', '%') }), {
  minLength: 1,
})

describe('a table', () => {
  test('is one line per row where there is room', () => {
    expect(table(columns, rows, 140)).toEqual([
      'mesh         verdict      phases                                                     calls',
      'istio        promoted     Initializing → Waiting → Evaluating → Promoting → Waiting  GET 1, LIST 7, WATCH 7, APPLY 31',
      'gateway-api  rolled-back  Initializing → Waiting                                     GET 1',
    ])
  })

  test('breaks what may be broken where there is less', () => {
    expect(table(columns, rows, 80)).toEqual([
      'mesh         verdict      phases                      calls',
      'istio        promoted     Initializing → Waiting →    GET 1, LIST 7, WATCH 7,',
      '                          Evaluating → Promoting →    APPLY 31',
      '                          Waiting',
      'gateway-api  rolled-back  Initializing → Waiting      GET 1',
    ])
  })

  test('puts the long columns below each row where there is little', () => {
    expect(table(columns, rows, 60)).toEqual([
      'mesh         verdict',
      'istio        promoted',
      '  phases  Initializing → Waiting → Evaluating → Promoting →',
      '          Waiting',
      '  calls   GET 1, LIST 7, WATCH 7, APPLY 31',
      'gateway-api  rolled-back',
      '  phases  Initializing → Waiting',
      '  calls   GET 1',
    ])
  })

  test.prop([fc.integer({ min: 50, max: 200 }), fc.array(words, { minLength: 1, maxLength: 5 })])(
    'never is wider than it may be',
    (width, texts) => {
      const rows = texts.map((text) => ['gateway-api', 'promoted', text.join(' '), text.toReversed().join(' ')])
      for (const line of table(columns, rows, width)) expect(widthOf(line)).toBeLessThanOrEqual(width)
    },
  )
})

describe('wrapping', () => {
  test.prop([words, fc.integer({ min: 5, max: 40 })])(
    'loses nothing but the spaces at the ends of lines',
    (text, width) => {
      const lines = wrap(text.join(' '), width)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.join(''))
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
    },
  )
})

describe('colours', () => {
  test('are for terminals whose user has not refused them', () => {
    expect(colorsFor(true, {}).red('x')).not.toBe('x')
    expect(colorsFor(false, {}).red('x')).toBe('x')
    expect(colorsFor(true, { NO_COLOR: '1' }).red('x')).toBe('x')
    expect(colorsFor(true, { TERM: 'dumb' }).red('x')).toBe('x')
  })
})
