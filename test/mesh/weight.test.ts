import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { parseWeight, wholeWeights } from '../../src/mesh/weight.ts'

test.each<[unknown, number | undefined]>([
  [1, 1000],
  ['1', 1000],
  ['500m', 500],
  [0.5, 500],
  ['0.5', 500],
  ['.5', 500],
  ['1.', 1000],
  ['2k', 2_000_000],
  ['1.5k', 1_500_000],
  ['0', 0],
  ['0.0005', undefined],
  ['0.5m', undefined],
  ['-1', undefined],
  [-1, undefined],
  ['', undefined],
  ['m', undefined],
  ['1Ki', 1_024_000],
  ['1e3', 1_000_000],
  ['5E-1', 500],
  ['3000u', 3],
  ['100u', undefined],
  ['1e400', undefined],
  ['1E', undefined],
  ['ten', undefined],
  [null, undefined],
  [1e300, undefined],
  [Number.NaN, undefined],
])('the weight %j is %j thousandths', (written, thousandths) => {
  expect(parseWeight(written)).toBe(thousandths)
})

test.prop([fc.array(fc.nat(1_000_000), { minLength: 1 })])('whole weights keep their ratio', (thousandths) => {
  const whole = wholeWeights(thousandths)
  const factor = thousandths.every((weight) => weight % 1000 === 0) ? 1000 : 1
  expect(whole.map((weight) => weight * factor)).toEqual(thousandths)
})
