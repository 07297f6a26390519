import { expect, test } from 'vitest'
import { comparable } from '../../src/adapter-kit/index.ts'

test('shares that lie halfway between two texts are the same, in whichever way they were computed', () => {
  // An abort of 33.3333 % beside weights of 30 in 160 leaves a backend 0.1250000625 of the requests, give or take the last bit.
  const texts = [0.12500006249999998, 0.1250000625, 0.12500006250000004].map((share) => {
    return comparable({ rule: null, outcomes: [{ share, service: { namespace: 'shop', name: 'web' }, port: 80 }] })
  })
  expect(texts).toEqual(Array(3).fill({ 'shop/web:80': '0.125000063', facts: {} }))
})
