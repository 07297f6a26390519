import { describe, expect, test } from 'vitest'
import { mergedByKey } from '../../src/kube/list-keys.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { WriteMemory } from '../../src/kube/write-memory.ts'
import { configMap, configMaps } from './support/scripted-server.ts'

const wanted = { data: { cpu: '0.5' } }
/** The API server has rewritten the value. */
const stored = (version: number, data: Record<string, string> = { cpu: '500m' }): KubeObject =>
  configMap('a', version, data)

function afterWrite(): WriteMemory {
  const memory = new WriteMemory(mergedByKey)
  memory.remember(configMaps, wanted, stored(1))
  return memory
}

describe('what was written holds', () => {
  test('while the object is as the API server made it, whatever else changes', () => {
    const memory = afterWrite()
    expect(memory.holds(configMaps, wanted, stored(1))).toBe(true)
    expect(memory.holds(configMaps, wanted, stored(2, { cpu: '500m', other: 'x' }))).toBe(true)
  })

  test('when somebody wrote it as we would', () => {
    expect(afterWrite().holds(configMaps, wanted, stored(2, { cpu: '0.5' }))).toBe(true)
  })

  test('no longer when somebody changed it', () => {
    expect(afterWrite().holds(configMaps, wanted, stored(2, { cpu: '900m' }))).toBe(false)
  })

  test('no longer when something else is wanted, or in another object of the same name', () => {
    expect(afterWrite().holds(configMaps, { data: { cpu: '0.6' } }, stored(1))).toBe(false)
    const other = { ...stored(1), metadata: { ...stored(1).metadata, uid: 'another' } }
    expect(afterWrite().holds(configMaps, wanted, other)).toBe(false)
  })

  test('without a memory, only when it is there word for word', () => {
    const memory = new WriteMemory(mergedByKey)
    expect(memory.holds(configMaps, wanted, stored(1))).toBe(false)
    expect(memory.holds(configMaps, wanted, stored(1, { cpu: '0.5', other: 'x' }))).toBe(true)
  })
})
