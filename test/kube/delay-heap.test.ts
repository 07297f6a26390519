import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { DelayHeap } from '../../src/kube/delay-heap.ts'

interface Item {
  readonly readyAt: number
}

function drained(heap: DelayHeap<Item>): Item[] {
  const items: Item[] = []
  for (let item = heap.take(); item !== undefined; item = heap.take()) items.push(item)
  return items
}

test.prop([fc.array(fc.record({ readyAt: fc.nat(20), stays: fc.boolean() }), { maxLength: 300 })])(
  'items come by their time and then in the order in which they came, whichever were taken out',
  (all) => {
    const heap = new DelayHeap<Item>()
    for (const item of all) heap.add(item)
    for (const item of all) if (!item.stays) heap.remove(item)
    const expected = all.filter(({ stays }) => stays).toSorted((a, b) => a.readyAt - b.readyAt)
    expect(drained(heap)).toEqual(expected)
  },
)

test('an item that is put off again and again for a long time leaves no trace of that', () => {
  const heap = new DelayHeap<Item>()
  for (let time = 0; time < 10_000; time++) {
    const item = { readyAt: time + 86_400_000 }
    heap.add(item)
    if (time < 9_999) heap.remove(item)
  }
  expect(heap.places).toBeLessThan(70)
  expect(drained(heap)).toEqual([{ readyAt: 9_999 + 86_400_000 }])
})
