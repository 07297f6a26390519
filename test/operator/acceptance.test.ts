import { expect, test } from 'vitest'
import { judge } from '../../src/operator/acceptance.ts'
import type { Condition } from '../../src/operator/status.ts'

const noon = Date.parse('2026-01-01T12:00:00Z')
const pending = { state: 'pending', objects: 'HTTPRoute shop/web (generation 1)', reason: 'no answer' } as const

const judged = (conditions: readonly Condition[], now: number) =>
  judge(pending, conditions, { generation: 1, now, began: now, timeout: 10_000 })

test('a wait that another process began goes on', () => {
  const { conditions } = judged([], noon)
  expect(judged(conditions, noon + 4_000)).toMatchObject({ conditions, step: { wait: 'pending', for: 6_000 } })
  expect(judged(conditions, noon + 10_000).step).toEqual({ go: true })
})

test('a wait that was begun by a clock that is ahead begins anew, and lasts no longer than any', () => {
  const { conditions } = judged([], noon + 3_600_000)
  const anew = judged(conditions, noon)
  expect(anew.step).toEqual({ wait: 'pending', for: 10_000 })
  expect(anew.conditions).toMatchObject([{ reason: 'Pending', lastTransitionTime: '2026-01-01T12:00:00.000Z' }])
  expect(judged(anew.conditions, noon + 10_000).step).toEqual({ go: true })
})
