import { describe, expect, test } from 'vitest'
import { at, type Json, list } from './client.ts'
import { configMap, deployment, install, namespace, revision, service, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** The managers of an object and what they own. */
function managers(object: unknown): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const entry of list(at(object, 'metadata', 'managedFields'))) {
    found[`${at(entry, 'manager')} ${at(entry, 'operation')}`] = at(entry, 'fieldsV1')
  }
  return found
}

function data(name: string, values: Json): Json {
  return configMap(name, values)
}

/** Server-side apply. */
export function applyTests(api: Connected): void {
  describe.concurrent('server-side apply', () => {
    test('the first apply creates the object and owns what it says', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      expect(status).toBe(201)
      expect(body.data).toEqual({ x: '1' })
      expect(at(body, 'metadata', 'managedFields')).toEqual([
        {
          manager: 'one',
          operation: 'Apply',
          apiVersion: 'v1',
          time: expect.any(String),
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:x': {} } },
        },
      ])
    })

    test('applying the same again changes nothing', async () => {
      const { core } = await namespace(api())
      const first = await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      const again = await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      expect(again.status).toBe(200)
      expect(again.body).toEqual(first.body)
    })

    test('a field that is no longer applied goes', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1', y: '2' }))
      const { body } = await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      expect(body.data).toEqual({ x: '1' })
      const { body: empty } = await api().apply(`${core}/configmaps/a`, 'one', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
      })
      expect(empty.data).toBeUndefined()
    })

    test('a field of another manager that would change is a conflict that names it', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      const { status, body } = await api().apply(`${core}/configmaps/a`, 'two', data('a', { x: '2' }))
      expect(status).toBe(409)
      expect(body).toMatchObject({
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' }] },
      })
    })

    test('several conflicts are listed by manager', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1', y: '1' }))
      const { body } = await api().apply(`${core}/configmaps/a`, 'two', data('a', { x: '2', y: '2' }))
      expect(body.message).toBe('Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\n- .data.y')
      expect(list(at(body, 'details', 'causes'))).toHaveLength(2)
    })

    test('a conflict with a manager that updated says with which version', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, data('a', { x: '1' }), { fieldManager: 'editor' })
      const { status, body } = await api().apply(`${core}/configmaps/a`, 'two', data('a', { x: '2' }))
      expect(status).toBe(409)
      expect(body.message).toBe('Apply failed with 1 conflict: conflict with "editor" using v1: .data.x')
    })

    test('force takes a field from its manager', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1', y: '1' }))
      const { status, body } = await api().apply(`${core}/configmaps/a`, 'two', data('a', { x: '2' }), true)
      expect(status).toBe(200)
      expect(body.data).toEqual({ x: '2', y: '1' })
      expect(managers(body)).toEqual({
        'one Apply': { 'f:data': { 'f:y': {} } },
        'two Apply': { 'f:data': { 'f:x': {} } },
      })
    })

    test('managers that agree share a field, and it stays until the last one lets go', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      const shared = await api().apply(`${core}/configmaps/a`, 'two', data('a', { x: '1', z: '1' }))
      expect(shared.status).toBe(200)
      expect(managers(shared.body)['one Apply']).toEqual({ 'f:data': { 'f:x': {} } })
      const left = await api().apply(`${core}/configmaps/a`, 'one', data('a', { w: '1' }))
      expect(left.body.data).toEqual({ w: '1', x: '1', z: '1' })
      const gone = await api().apply(`${core}/configmaps/a`, 'two', data('a', { z: '1' }))
      expect(gone.body.data).toEqual({ w: '1', z: '1' })
    })

    test('a manager that applies nothing any more disappears', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      await api().apply(`${core}/configmaps/a`, 'two', data('a', { y: '1' }))
      const { body } = await api().apply(`${core}/configmaps/a`, 'two', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
      })
      expect(body.data).toEqual({ x: '1' })
      expect(Object.keys(managers(body))).toEqual(['one Apply'])
    })

    test('an update takes the fields it changes from those who applied them', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1', y: '1' }))
      const { body } = await api().merge(`${core}/configmaps/a`, { data: { x: '2' } }, { fieldManager: 'editor' })
      expect(managers(body)).toEqual({
        'one Apply': { 'f:data': { 'f:y': {} } },
        'editor Update': { 'f:data': { 'f:x': {} } },
      })
    })

    test('containers of two managers live side by side, merged by name', async () => {
      const { apps } = await namespace(api())
      await api().apply(`${apps}/deployments/web`, 'one', deployment('web', { env: [{ name: 'A', value: '1' }] }))
      const side = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: { template: { spec: { containers: [{ name: 'side', image: 'sidecar:1' }] } } },
      }
      const { status, body } = await api().apply(`${apps}/deployments/web`, 'two', side)
      expect(status).toBe(200)
      const containers = list(at(body, 'spec', 'template', 'spec', 'containers'))
      expect(containers.map((one) => at(one, 'name'))).toEqual(['main', 'side'])
      expect(managers(body)['two Apply']).toEqual({
        'f:spec': {
          'f:template': {
            'f:spec': { 'f:containers': { 'k:{"name":"side"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
          },
        },
      })
    })

    test('an item of a keyed list goes when its only manager leaves it out', async () => {
      const { core } = await namespace(api())
      const both = [
        { name: 'http', port: 80 },
        { name: 'metrics', port: 9797 },
      ]
      await api().apply(`${core}/services/web`, 'one', service('web', both))
      const { status, body } = await api().apply(
        `${core}/services/web`,
        'one',
        service('web', [{ name: 'http', port: 80 }]),
      )
      expect(status).toBe(200)
      expect(list(at(body, 'spec', 'ports')).map((port) => at(port, 'name'))).toEqual(['http'])
    })

    test('an item of a keyed list is known by its keys, with their defaults', async () => {
      const { core } = await namespace(api())
      const { body } = await api().apply(`${core}/services/web`, 'one', service('web', [{ name: 'http', port: 80 }]))
      expect(at(managers(body)['one Apply'], 'f:spec', 'f:ports')).toEqual({
        'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} },
      })
    })

    test('defaults belong to nobody, so that another manager may set them', async () => {
      const { apps } = await namespace(api())
      await api().apply(`${apps}/deployments/web`, 'one', deployment('web'))
      const scale = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 4 } }
      const { status, body } = await api().apply(`${apps}/deployments/web`, 'scaler', scale)
      expect(status).toBe(200)
      expect(at(body, 'spec', 'replicas')).toBe(4)
      expect(managers(body)['scaler Apply']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    })

    test('sets, keyed lists and atomic lists of a custom resource are owned as its schema says', async () => {
      const kind = widgets({
        type: 'object',
        properties: {
          set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          map: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['id'],
            items: {
              type: 'object',
              required: ['id'],
              properties: { id: { type: 'string' }, value: { type: 'integer' } },
            },
          },
          plain: { type: 'array', items: { type: 'string' } },
          whole: {
            type: 'object',
            'x-kubernetes-map-type': 'atomic',
            properties: { a: { type: 'string' }, b: { type: 'string' } },
          },
        },
      })
      await install(api(), kind)
      const { name } = await namespace(api())
      const path = `${kind.path(name)}/w`
      const mine = { set: ['a'], map: [{ id: 'x', value: 1 }], plain: ['p'], whole: { a: '1' } }
      const first = await api().apply(path, 'one', kind.object('w', mine))
      expect(first.status).toBe(201)
      expect(at(managers(first.body)['one Apply'], 'f:spec')).toEqual({
        'f:set': { 'v:"a"': {} },
        'f:map': { 'k:{"id":"x"}': { '.': {}, 'f:id': {}, 'f:value': {} } },
        'f:plain': {},
        'f:whole': {},
      })
      const theirs = { set: ['b'], map: [{ id: 'y', value: 2 }] }
      const second = await api().apply(path, 'two', kind.object('w', theirs))
      expect(second.status).toBe(200)
      expect(second.body.spec).toEqual({
        ...mine,
        set: ['a', 'b'],
        map: [
          { id: 'x', value: 1 },
          { id: 'y', value: 2 },
        ],
      })
      const third = await api().apply(path, 'two', kind.object('w', { plain: ['q'] }))
      expect(third.status).toBe(409)
      expect(third.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.plain')
    })

    test('a conflict inside a keyed list names the item', async () => {
      const { apps } = await namespace(api())
      await api().apply(`${apps}/deployments/web`, 'one', deployment('web'))
      const { status, body } = await api().apply(
        `${apps}/deployments/web`,
        'two',
        deployment('web', { image: 'podinfo:7' }),
      )
      expect(status).toBe(409)
      expect(at(body, 'details', 'causes', 0, 'field')).toBe('.spec.template.spec.containers[name="main"].image')
    })

    test('status is applied apart, and its manager says so', async () => {
      const kind = widgets(
        { type: 'object', properties: { size: { type: 'integer' } } },
        { version: { subresources: { status: {} } } },
      )
      await install(api(), kind)
      const { name } = await namespace(api())
      const path = `${kind.path(name)}/w`
      await api().apply(path, 'one', kind.object('w', { size: 1 }, { status: { ignored: true } }))
      const { status, body } = await api().apply(`${path}/status`, 'two', {
        apiVersion: `${kind.group}/v1`,
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { size: 9 },
        status: { ready: true },
      })
      expect(status).toBe(200)
      expect(body).toMatchObject({ spec: { size: 1 }, status: { ready: true } })
      const entries = list(at(body, 'metadata', 'managedFields'))
      expect(entries.find((entry) => at(entry, 'manager') === 'two')).toMatchObject({
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:ready': {} } },
      })
      expect(managers(body)['one Apply']).toEqual({ 'f:spec': { 'f:size': {} } })
    })

    test('an apply without a field manager is invalid', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().request('PATCH', `${core}/configmaps/a`, {
        body: data('a', {}),
        type: 'application/apply-patch+yaml',
      })
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({ reason: 'FieldValueRequired', field: 'fieldManager' })
    })

    test('force is only for applies', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, data('a', {}))
      const { status, body } = await api().merge(`${core}/configmaps/a`, { data: { x: '1' } }, { force: true })
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0, 'field')).toBe('force')
    })

    test('a configuration for another name or with managedFields is a bad request', async () => {
      const { core } = await namespace(api())
      expect((await api().apply(`${core}/configmaps/a`, 'one', data('b', {}))).status).toBe(400)
      const { body } = await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      const managed = {
        ...data('a', { x: '1' }),
        metadata: { name: 'a', managedFields: at(body, 'metadata', 'managedFields') },
      }
      const refused = await api().apply(`${core}/configmaps/a`, 'one', managed)
      expect(refused.status).toBe(400)
      expect(refused.body.message).toBe('metadata.managedFields must be nil')
    })

    test('a field that the kind does not have cannot be applied', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().apply(`${core}/configmaps/a`, 'one', { ...data('a', {}), bogus: '1' })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(body.message).toContain('.bogus: field not declared in schema')
    })

    test('replicas set through scale conflict with who applied them', async () => {
      const { apps } = await namespace(api())
      const scaled = (replicas: number) => ({
        ...deployment('web'),
        spec: {
          replicas,
          selector: { matchLabels: { app: 'web' } },
          template: at(deployment('web'), 'spec', 'template'),
        },
      })
      await api().apply(`${apps}/deployments/web`, 'one', scaled(2))
      await api().merge(`${apps}/deployments/web/scale`, { spec: { replicas: 5 } }, { fieldManager: 'scaler' })
      const { status, body } = await api().apply(`${apps}/deployments/web`, 'one', scaled(2))
      expect(status).toBe(409)
      expect(body.message).toBe(
        'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
      )
    })

    test('an item named twice in a keyed list is refused', async () => {
      const { core } = await namespace(api())
      const twice = [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ]
      const { status, body } = await api().apply(`${core}/services/web`, 'one', service('web', twice))
      expect(status).toBeGreaterThanOrEqual(400)
      expect(body.message).toContain('duplicate entries for key [port=80,protocol="TCP"]')
    })

    test('YAML is applied like JSON', async () => {
      const { core } = await namespace(api())
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n'
      const { status, body } = await api().apply(`${core}/configmaps/a`, 'one', yaml)
      expect(status).toBe(201)
      expect(body.data).toEqual({ x: '1' })
    })

    test('managedFields can be reset by an empty entry', async () => {
      const { core } = await namespace(api())
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      const { body } = await api().merge(`${core}/configmaps/a`, { metadata: { managedFields: [{}] } })
      expect(at(body, 'metadata', 'managedFields')).toBeUndefined()
      const { status, body: applied } = await api().apply(`${core}/configmaps/a`, 'two', data('a', { x: '2' }))
      expect(status).toBe(409)
      expect(applied.message).toContain('before-first-apply')
    })

    test('an apply with a stale resourceVersion is a conflict', async () => {
      const { core } = await namespace(api())
      const { body: first } = await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '1' }))
      await api().apply(`${core}/configmaps/a`, 'one', data('a', { x: '2' }))
      const stale = configMap('a', { x: '3' }, { resourceVersion: revision(first) })
      const { status } = await api().apply(`${core}/configmaps/a`, 'one', stale)
      expect(status).toBe(409)
    })
  })
}
