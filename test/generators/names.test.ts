import { expect, test } from 'vitest'
import { listOf, unionOf } from '../../generators/project/names.ts'
import { fileName, typeName, valueName } from '../../src/project/code-names.ts'

test.each([
  ['RollBack', 'roll-back', 'rollBack', 'RollBack'],
  ['Finished', 'finished', 'finished', 'Finished'],
  ['HTTPCheck', 'http-check', 'httpCheck', 'HttpCheck'],
  ['step2Done', 'step2-done', 'step2Done', 'Step2Done'],
])('%s is the file %s, the value %s and the type %s', (name, file, value, type) => {
  expect([fileName(name), valueName(name), typeName(name)]).toEqual([file, value, type])
})

test('names in a type and in a sentence', () => {
  expect([unionOf([]), unionOf(['a', 'b'])]).toEqual(['never', "'a' | 'b'"])
  expect([listOf([]), listOf(['a']), listOf(['a', 'b', 'c'])]).toEqual(['nothing', 'a', 'a, b and c'])
})
