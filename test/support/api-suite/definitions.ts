import { describe, expect, test } from 'vitest'
import { at, type Json, list } from './client.ts'
import { definitionsPath, eventually, install, namespace, revision, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

const size: Json = { type: 'object', properties: { size: { type: 'integer' } } }
const withStatus: Json = { subresources: { status: {} } }

/** CustomResourceDefinitions and how their objects are served. */
export function definitionTests(api: Connected): void {
  describe.concurrent('custom resources', () => {
    test('a definition is established, and its objects are served', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { body } = await api().get(`${definitionsPath}/widgets.${kind.group}`)
      const conditions = list(at(body, 'status', 'conditions')).map((one) => `${at(one, 'type')}=${at(one, 'status')}`)
      expect(conditions).toEqual(expect.arrayContaining(['NamesAccepted=True', 'Established=True']))
      expect(at(body, 'status', 'storedVersions')).toEqual(['v1'])
      const { name } = await namespace(api())
      const created = await api().post(kind.path(name), kind.object('w', { size: 1 }))
      expect(created.status).toBe(201)
      expect(created.body).toMatchObject({
        kind: 'Widget',
        metadata: { generation: 1, namespace: name },
        spec: { size: 1 },
      })
      const listed = await api().get(kind.path(name))
      expect(listed.body).toMatchObject({ kind: 'WidgetList', apiVersion: `${kind.group}/v1` })
    })

    test('a custom object is updated only from a resourceVersion', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { name } = await namespace(api())
      await api().post(kind.path(name), kind.object('w', { size: 1 }))
      const { status, body } = await api().put(`${kind.path(name)}/w`, kind.object('w', { size: 2 }))
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0, 'field')).toBe('metadata.resourceVersion')
    })

    test('without a status subresource status is a field like others', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { name } = await namespace(api())
      const { body } = await api().post(kind.path(name), kind.object('w', { size: 1 }, { status: { ready: true } }))
      expect(body.status).toEqual({ ready: true })
      expect((await api().get(`${kind.path(name)}/w/status`)).status).toBe(404)
      const patched = await api().merge(`${kind.path(name)}/w`, { status: { ready: false } })
      expect(at(patched.body, 'metadata', 'generation')).toBe(2)
    })

    test('with a status subresource each endpoint leaves the other part alone', async () => {
      const kind = widgets(size, { version: withStatus })
      await install(api(), kind)
      const { name } = await namespace(api())
      const path = `${kind.path(name)}/w`
      const created = await api().post(kind.path(name), kind.object('w', { size: 1 }, { status: { ready: true } }))
      expect(created.body.status).toBeUndefined()
      const status = await api().merge(`${path}/status`, {
        spec: { size: 9 },
        status: { ready: true },
        metadata: { labels: { a: 'b' } },
      })
      expect(status.status).toBe(200)
      expect(status.body).toMatchObject({ spec: { size: 1 }, status: { ready: true }, metadata: { generation: 1 } })
      expect(at(status.body, 'metadata', 'labels')).toBeUndefined()
      const spec = await api().merge(path, { spec: { size: 2 }, status: { ready: false } })
      expect(spec.body).toMatchObject({ spec: { size: 2 }, status: { ready: true }, metadata: { generation: 2 } })
      const put = await api().put(`${path}/status`, { ...spec.body, spec: { size: 7 }, status: { ready: false } })
      expect(put.body).toMatchObject({ spec: { size: 2 }, status: { ready: false }, metadata: { generation: 2 } })
    })

    test('a status written from a stale resourceVersion is a conflict', async () => {
      const kind = widgets(size, { version: withStatus })
      await install(api(), kind)
      const { name } = await namespace(api())
      const path = `${kind.path(name)}/w`
      const { body: first } = await api().post(kind.path(name), kind.object('w', { size: 1 }))
      await api().merge(path, { spec: { size: 2 } })
      const { status } = await api().put(`${path}/status`, { ...first, status: { ready: true } })
      expect(status).toBe(409)
    })

    test('the scale subresource of a custom resource uses the paths of its definition', async () => {
      const scale = {
        specReplicasPath: '.spec.count',
        statusReplicasPath: '.status.count',
        labelSelectorPath: '.status.selector',
      }
      const spec = { type: 'object', properties: { count: { type: 'integer' } } }
      const kind = widgets(spec, { version: { subresources: { status: {}, scale } } })
      await install(api(), kind)
      const { name } = await namespace(api())
      const path = `${kind.path(name)}/w`
      await api().post(kind.path(name), kind.object('w', { count: 1 }))
      await api().merge(`${path}/status`, { status: { count: 1, selector: 'a=b' } })
      const { body } = await api().merge(`${path}/scale`, { spec: { replicas: 4 } })
      expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { replicas: 1, selector: 'a=b' } })
      expect(at((await api().get(path)).body, 'spec', 'count')).toBe(4)
    })

    test('an object is served in every version of its definition', async () => {
      const schema = { openAPIV3Schema: { type: 'object', properties: { spec: size } } }
      const versions = [
        { name: 'v1', served: true, storage: true, schema },
        { name: 'v1beta1', served: true, storage: false, schema },
        { name: 'v1alpha1', served: false, storage: false, schema },
      ]
      const kind = widgets(size, { versions })
      await install(api(), kind)
      const { name } = await namespace(api())
      const { body: created } = await api().post(kind.path(name), kind.object('w', { size: 1 }))
      const { status, body } = await api().get(`${kind.path(name, 'v1beta1')}/w`)
      expect(status).toBe(200)
      expect(body).toMatchObject({ apiVersion: `${kind.group}/v1beta1`, spec: { size: 1 } })
      expect(revision(body)).toBe(revision(created))
      const patched = await api().merge(`${kind.path(name, 'v1beta1')}/w`, { spec: { size: 2 } })
      expect(patched.body.apiVersion).toBe(`${kind.group}/v1beta1`)
      expect(at((await api().get(`${kind.path(name)}/w`)).body, 'spec', 'size')).toBe(2)
      expect((await api().get(kind.path(name, 'v1alpha1'))).status).toBe(404)
    })

    test('printer columns make the Table', async () => {
      const additionalPrinterColumns = [
        { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
        { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
        { name: 'Note', type: 'string', jsonPath: '.spec.note', priority: 1 },
      ]
      const spec = { type: 'object', properties: { size: { type: 'integer' }, note: { type: 'string' } } }
      const kind = widgets(spec, { version: { additionalPrinterColumns } })
      await install(api(), kind)
      const { name } = await namespace(api())
      const conditions = [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ]
      await api().post(kind.path(name), kind.object('w', { size: 3 }, { status: { conditions } }))
      const { body } = await api().request('GET', kind.path(name), {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      })
      expect(
        list(body.columnDefinitions).map((one) => [at(one, 'name'), at(one, 'type'), at(one, 'priority')]),
      ).toEqual([
        ['Name', 'string', 0],
        ['Size', 'integer', 0],
        ['Ready', 'string', 0],
        ['Note', 'string', 1],
      ])
      expect(at(body, 'rows', 0, 'cells')).toEqual(['w', 3, 'True', null])
    })

    test('strategic merge patches are for built-in kinds only', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { name } = await namespace(api())
      await api().post(kind.path(name), kind.object('w', { size: 1 }))
      const { status, body } = await api().strategic(`${kind.path(name)}/w`, { spec: { size: 2 } })
      expect(status).toBe(415)
      expect(body.reason).toBe('UnsupportedMediaType')
    })

    test('custom objects are watched like others', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { name } = await namespace(api())
      const { body } = await api().get(kind.path(name))
      const events = await api().watch(
        kind.path(name),
        { resourceVersion: revision(body) },
        (seen) => seen.length === 1,
        async () => {
          await api().post(kind.path(name), kind.object('w', { size: 1 }))
        },
      )
      expect(events[0]).toMatchObject({ type: 'ADDED', object: { kind: 'Widget', spec: { size: 1 } } })
    })

    test('a definition must be called after its resource, and store one version', async () => {
      const kind = widgets(size)
      const misnamed = await api().post(definitionsPath, {
        ...kind.definition,
        metadata: { name: `gadgets.${kind.group}` },
      })
      expect(misnamed.status).toBe(422)
      expect(misnamed.body.message).toContain('must be spec.names.plural+"."+spec.group')
      const schema = { openAPIV3Schema: { type: 'object' } }
      const versions = ['v1', 'v2'].map((name) => ({ name, served: true, storage: true, schema }))
      const twice = await api().post(definitionsPath, widgets(size, { versions }).definition)
      expect(twice.status).toBe(422)
      expect(twice.body.message).toContain('must have exactly one version marked as storage version')
    })

    test('a schema that is not structural is refused', async () => {
      const untyped = await api().post(definitionsPath, widgets({ type: 'object', properties: { a: {} } }).definition)
      expect(untyped.status).toBe(422)
      expect(untyped.body.message).toContain(
        'properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
      )
      const closed = widgets({
        type: 'object',
        additionalProperties: { type: 'string' },
        properties: { a: { type: 'string' } },
      })
      const both = await api().post(definitionsPath, closed.definition)
      expect(both.status).toBe(422)
    })

    test('a changed schema holds for the next write', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { name } = await namespace(api())
      const path = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/color'
      await api().jsonPatch(`${definitionsPath}/widgets.${kind.group}`, [
        { op: 'add', path, value: { type: 'string', default: 'red' } },
      ])
      let attempt = 0
      await eventually(async () => {
        attempt += 1
        const { body } = await api().post(kind.path(name), kind.object(`w${attempt}`, { size: 1 }))
        return at(body, 'spec', 'color') === 'red'
      })
    })

    test('deleting a definition deletes its objects and stops serving them', async () => {
      const kind = widgets(size)
      await install(api(), kind)
      const { name } = await namespace(api())
      await api().post(kind.path(name), kind.object('w', { size: 1 }))
      const { status } = await api().delete(`${definitionsPath}/widgets.${kind.group}`)
      expect(status).toBe(200)
      await eventually(async () => (await api().get(kind.path(name))).status === 404)
      await eventually(async () => (await api().get(`${definitionsPath}/widgets.${kind.group}`)).status === 404)
    })
  })
}
