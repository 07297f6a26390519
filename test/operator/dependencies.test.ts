import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import { Dependencies } from '../../src/operator/dependencies.ts'
import { configMapKind } from './support/world.ts'

const map = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', labels },
})
const readersOf = (dependencies: Dependencies, object: KubeObject, previous?: KubeObject) => [
  ...dependencies.readersOfChange(
    configMapKind,
    previous === undefined ? { type: 'deleted', object } : { type: 'changed', object, previous },
  ),
]

test('a read counts at once, and no longer than until a sync that ended without it', () => {
  const dependencies = new Dependencies()
  const first = dependencies.begin('shop/web')
  first.object(configMapKind, { namespace: 'shop', name: 'a' })
  expect(readersOf(dependencies, map('a'))).toEqual(['shop/web'])
  first.finish()
  const second = dependencies.begin('shop/web')
  second.object(configMapKind, { namespace: 'shop', name: 'b' })
  expect(readersOf(dependencies, map('a'))).toEqual(['shop/web'])
  second.finish()
  expect(readersOf(dependencies, map('a'))).toEqual([])
  expect(readersOf(dependencies, map('b'))).toEqual(['shop/web'])
})

test('what a sync that failed had read counts on', () => {
  const dependencies = new Dependencies()
  dependencies.begin('shop/web').object(configMapKind, { namespace: 'shop', name: 'a' })
  dependencies.begin('shop/web').finish()
  expect(readersOf(dependencies, map('a'))).toEqual([])
  dependencies.begin('shop/web').object(configMapKind, { namespace: 'shop', name: 'a' })
  dependencies.begin('shop/web')
  expect(readersOf(dependencies, map('a'))).toEqual(['shop/web'])
})

test('a list is read by labels: objects that come to match or cease to count', () => {
  const dependencies = new Dependencies()
  const reads = dependencies.begin('shop/web')
  reads.list(configMapKind, 'shop', { app: 'web' })
  reads.finish()
  expect(readersOf(dependencies, map('x', { app: 'web' }))).toEqual(['shop/web'])
  expect(readersOf(dependencies, map('x', { app: 'api' }))).toEqual([])
  expect(readersOf(dependencies, map('x', { app: 'api' }), map('x', { app: 'web' }))).toEqual(['shop/web'])
  const next = dependencies.begin('shop/web')
  next.list(configMapKind, 'shop', { app: 'api' })
  next.finish()
  expect(readersOf(dependencies, map('x', { app: 'web' }))).toEqual([])
  expect(readersOf(dependencies, map('x', { app: 'api' }))).toEqual(['shop/web'])
})

test('kinds and namespaces are told apart, and a reader that is gone is forgotten', () => {
  const dependencies = new Dependencies()
  const reads = dependencies.begin('shop/web')
  reads.object(serviceKind, { namespace: 'shop', name: 'a' })
  reads.list(configMapKind, 'other')
  reads.other('traffic shop/web')
  reads.finish()
  expect(readersOf(dependencies, map('a'))).toEqual([])
  expect([...dependencies.readersOf('traffic shop/web')]).toEqual(['shop/web'])
  dependencies.forget('shop/web')
  expect([...dependencies.readersOf('traffic shop/web')]).toEqual([])
})
