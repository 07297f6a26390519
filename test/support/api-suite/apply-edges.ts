import { describe, expect, test } from 'vitest'
import { at, type Json, list } from './client.ts'
import { configMap, deployment, install, namespace, revision, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** Server-side apply with nulls, with nothing, and with nothing new. */
export function applyEdgeTests(api: Connected): void {
  describe.concurrent('server-side apply at its edges', () => {
    const bare: Json = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const managerOf = (body: Json, name: string) =>
      list(at(body, 'metadata', 'managedFields')).find((entry) => at(entry, 'manager') === name)

    test('who applied an empty map owns it when others have taken their keys out', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps/a`
      await api().apply(path, 'one', configMap('a', { key: '1' }))
      await api().apply(path, 'two', configMap('a', {}))
      const { body } = await api().apply(path, 'one', bare)
      expect(at(managerOf(body, 'two'), 'fieldsV1')).toEqual({ 'f:data': {} })
      expect((await api().apply(path, 'one', configMap('a', { key: '1' }))).status).toBe(409)
    })

    test('null in place of a map takes nothing from it', async () => {
      const { name, core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', configMap('a', { key: '1' }))
      const { body } = await api().apply(`${core}/configmaps/a`, 'two', { ...bare, data: null })
      expect(body.data).toEqual({ key: '1' })

      const kind = widgets({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })
      await install(api(), kind)
      await api().apply(`${kind.path(name)}/w`, 'one', kind.object('w', { free: { a: 1 } }))
      const custom = await api().apply(`${kind.path(name)}/w`, 'two', kind.object('w', { free: null }))
      expect(at(custom.body, 'spec', 'free')).toEqual({ a: 1 })
    })

    test('an apply of what is there already makes its manager known without a time', async () => {
      const { core } = await namespace(api())
      const created = await api().post(`${core}/configmaps`, configMap('a', { key: '1' }))
      const { body } = await api().apply(`${core}/configmaps/a`, 'one', configMap('a', { key: '1' }))
      expect(managerOf(body, 'one')).toMatchObject({ operation: 'Apply' })
      expect(at(managerOf(body, 'one'), 'time')).toBeUndefined()
      expect(revision(body)).not.toBe(revision(created.body))
    })

    test('an empty list of managers forgets them all', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', configMap('a', { key: '1' }))
      const { body } = await api().merge(`${core}/configmaps/a`, { metadata: { managedFields: [] } })
      expect(at(body, 'metadata', 'managedFields')).toBeUndefined()
    })

    test('a list that Go always writes has no owner of its own', async () => {
      const { apps } = await namespace(api())
      const { body } = await api().post(`${apps}/deployments`, deployment('d'))
      const fields = at(body, 'metadata', 'managedFields', 0, 'fieldsV1')
      const containers = at(fields, 'f:spec', 'f:template', 'f:spec', 'f:containers')
      expect(Object.keys(Object(containers))).toEqual(['k:{"name":"main"}'])
    })

    test('YAML is read as version 1.1, in which y is true', async () => {
      const { core } = await namespace(api())
      const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  y: "1"\n  day: 2020-01-01\n'
      const refused = await api().apply(`${core}/configmaps/a`, 'one', text)
      expect(refused.status).toBe(201)
      expect(refused.body.data).toEqual({ true: '1', day: '2020-01-01' })
    })

    test('a null in a map of a custom resource is dropped from a write, and refused in what is applied', async () => {
      const { name } = await namespace(api())
      const map = { type: 'object', additionalProperties: { type: 'string' } }
      const kind = widgets({ type: 'object', properties: { map } })
      await install(api(), kind)
      const object = kind.object('w', { map: { a: null, b: '1' } })
      expect(at((await api().post(kind.path(name), object)).body, 'spec', 'map')).toEqual({ b: '1' })
      expect((await api().apply(`${kind.path(name)}/w`, 'one', object, true)).status).toBe(422)
    })

    test('metadata of an embedded object has no owner of its own', async () => {
      const { name } = await namespace(api())
      const embedded = {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      }
      const kind = widgets({ type: 'object', properties: { inner: embedded } })
      await install(api(), kind)
      const inner = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, more: 1 }
      const { body } = await api().apply(`${kind.path(name)}/w`, 'one', kind.object('w', { inner }))
      const fields = at(body, 'metadata', 'managedFields', 0, 'fieldsV1', 'f:spec', 'f:inner', 'f:metadata')
      expect(fields).toEqual({ 'f:name': {} })
    })
  })
}
