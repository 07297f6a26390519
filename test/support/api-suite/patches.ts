import { describe, expect, test } from 'vitest'
import { at, list } from './client.ts'
import { configMap, deployment, namespace, revision } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** JSON, merge and strategic merge patches. */
export function patchTests(api: Connected): void {
  describe.concurrent('patches', () => {
    test('a merge patch sets, keeps and removes fields', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a', { keep: '1', change: '1', drop: '1' }))
      const { status, body } = await api().merge(`${core}/configmaps/a`, {
        data: { change: '2', drop: null, add: '3' },
      })
      expect(status).toBe(200)
      expect(body.data).toEqual({ keep: '1', change: '2', add: '3' })
    })

    test('a patch that changes nothing keeps the resourceVersion', async () => {
      const { core } = await namespace(api())
      const { body: first } = await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      const { body } = await api().merge(`${core}/configmaps/a`, { data: { n: '1' } })
      expect(revision(body)).toBe(revision(first))
    })

    test('a patch that names a stale resourceVersion is a conflict', async () => {
      const { core } = await namespace(api())
      const { body: first } = await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      await api().merge(`${core}/configmaps/a`, { data: { n: '2' } })
      const stale = { metadata: { resourceVersion: revision(first) }, data: { n: '3' } }
      const { status, body } = await api().merge(`${core}/configmaps/a`, stale)
      expect(status).toBe(409)
      expect(body.reason).toBe('Conflict')
    })

    test('a patch of an object that is not there is NotFound', async () => {
      const { core } = await namespace(api())
      expect((await api().merge(`${core}/configmaps/a`, { data: {} })).status).toBe(404)
    })

    test('a JSON patch runs its operations in order', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a', { a: '1', b: '2' }))
      const { status, body } = await api().jsonPatch(`${core}/configmaps/a`, [
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'replace', path: '/data/a', value: '9' },
        { op: 'remove', path: '/data/b' },
        { op: 'copy', from: '/data/a', path: '/data/c' },
        { op: 'add', path: '/metadata/labels', value: { 'example.com/x': 'y' } },
        { op: 'replace', path: '/metadata/labels/example.com~1x', value: 'z' },
      ])
      expect(status).toBe(200)
      expect(body.data).toEqual({ a: '9', c: '9' })
      expect(at(body, 'metadata', 'labels')).toEqual({ 'example.com/x': 'z' })
    })

    test('a JSON patch whose test fails or whose path is missing changes nothing and is Invalid', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a', { a: '1' }))
      const failed = await api().jsonPatch(`${core}/configmaps/a`, [
        { op: 'replace', path: '/data/a', value: '2' },
        { op: 'test', path: '/data/a', value: '1' },
      ])
      expect(failed.status).toBe(422)
      expect(failed.body).toMatchObject({
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      })
      const missing = await api().jsonPatch(`${core}/configmaps/a`, [{ op: 'remove', path: '/data/nope' }])
      expect(missing.status).toBe(422)
      expect((await api().get(`${core}/configmaps/a`)).body.data).toEqual({ a: '1' })
    })

    test('a strategic merge patch merges containers by name', async () => {
      const { apps } = await namespace(api())
      await api().post(
        `${apps}/deployments`,
        deployment('web', {
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        }),
      )
      const containers = [
        {
          name: 'main',
          env: [
            { name: 'A', value: '9' },
            { name: 'B', $patch: 'delete' },
            { name: 'C', value: '3' },
          ],
        },
        { name: 'side', image: 'sidecar:1' },
      ]
      const { status, body } = await api().strategic(`${apps}/deployments/web`, {
        spec: { template: { spec: { containers } } },
      })
      expect(status).toBe(200)
      const result = list(at(body, 'spec', 'template', 'spec', 'containers'))
      const main = result.find((one) => at(one, 'name') === 'main')
      expect(result.map((one) => at(one, 'name')).sort()).toEqual(['main', 'side'])
      expect(main).toMatchObject({ image: 'podinfo:6' })
      const env = list(at(main, 'env')).map((one) => `${at(one, 'name')}=${at(one, 'value')}`)
      expect(env.sort()).toEqual(['A=9', 'C=3'])
    })

    test('a strategic merge patch replaces lists without a merge key', async () => {
      const { apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('web', { args: ['a', 'b'] }))
      const patch = { spec: { template: { spec: { containers: [{ name: 'main', args: ['c'] }] } } } }
      const { body } = await api().strategic(`${apps}/deployments/web`, patch)
      expect(at(body, 'spec', 'template', 'spec', 'containers', 0, 'args')).toEqual(['c'])
    })

    test('switching the strategy of a Deployment drops what only the old one has', async () => {
      const { apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('web'))
      const strategy = { $retainKeys: ['type'], type: 'Recreate' }
      const { status, body } = await api().strategic(`${apps}/deployments/web`, { spec: { strategy } })
      expect(status).toBe(200)
      expect(at(body, 'spec', 'strategy')).toEqual({ type: 'Recreate' })
    })

    test('an unknown kind of patch is an unsupported media type', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status, body } = await api().request('PATCH', `${core}/configmaps/a`, {
        body: {},
        type: 'application/x-patch',
      })
      expect(status).toBe(415)
      expect(body.reason).toBe('UnsupportedMediaType')
    })

    test('a patch that makes an object of wrong types is invalid, the patch being to blame', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status, body } = await api().merge(`${core}/configmaps/a`, { data: { n: 1 } })
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({ reason: 'FieldValueInvalid', field: 'patch' })
    })

    test('a patch cannot rename', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status } = await api().merge(`${core}/configmaps/a`, { metadata: { name: 'b' } })
      expect(status).toBe(400)
      expect((await api().get(`${core}/configmaps/a`)).status).toBe(200)
    })
  })
}
