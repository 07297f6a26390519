import fc from 'fast-check'
import type { KubeObject } from '../kube/object.ts'
import { isFields } from '../mesh/fields.ts'

const junk = [null, 0, -1, 1.5, true, '', 'x', '/', [], [null], ['x'], {}, { x: null }, { name: {} }]

/** What nobody expects, and in which of all the fields it is put. */
export interface Damage {
  readonly place: number
  readonly value: unknown
}

export const damage: fc.Arbitrary<Damage> = fc.record({ place: fc.nat(), value: fc.constantFrom(...junk) })

/** Objects as they may come from a cluster or a file: copies in which `spec`, `status` or some field below `spec` is damaged. */
export function spoiled(objects: readonly KubeObject[], { place, value }: Damage): KubeObject[] {
  const copies = objects.map((object) => structuredClone(object))
  const slots = copies.flatMap((object) => [
    (own: unknown) => Object.assign(object, { spec: own }),
    (own: unknown) => Object.assign(object, { status: own }),
    ...slotsOf(object.spec),
  ])
  slots[place % slots.length]?.(structuredClone(value))
  return copies
}

function slotsOf(value: unknown): ((own: unknown) => void)[] {
  if (!Array.isArray(value) && !isFields(value)) return []
  return Object.entries(value).flatMap(([key, field]) => [
    (own: unknown) => {
      Object.assign(value, { [key]: own })
    },
    ...slotsOf(field),
  ])
}
