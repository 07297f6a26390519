import { describe, expect, test } from 'vitest'
import { at } from './client.ts'
import { configMap, namespace, revision, unique } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** Create, read and update, and how they fail. */
export function objectTests(api: Connected): void {
  describe.concurrent('objects', () => {
    test('a created object has a uid, a resourceVersion and a creation time, and reads back the same', async () => {
      const { core } = await namespace(api())
      const created = await api().post(`${core}/configmaps`, configMap('a', { key: 'value' }))
      expect(created.status).toBe(201)
      expect(created.body).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { key: 'value' } })
      expect(at(created.body, 'metadata', 'uid')).toMatch(/^[0-9a-f-]{36}$/)
      expect(at(created.body, 'metadata', 'creationTimestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(Number(revision(created.body))).toBeGreaterThan(0)
      expect(at(created.body, 'metadata', 'generation')).toBeUndefined()
      const read = await api().get(`${core}/configmaps/a`)
      expect(read.status).toBe(200)
      expect(read.body).toEqual(created.body)
    })

    test('an object that is not there is a NotFound Status with its name and resource', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().get(`${core}/configmaps/nope`)
      expect(status).toBe(404)
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'configmaps "nope" not found',
        reason: 'NotFound',
        details: { name: 'nope', kind: 'configmaps' },
        code: 404,
      })
    })

    test('the message about an object of a named group has the group in it', async () => {
      const { apps } = await namespace(api())
      const { body } = await api().get(`${apps}/deployments/nope`)
      expect(body).toMatchObject({
        message: 'deployments.apps "nope" not found',
        details: { name: 'nope', group: 'apps', kind: 'deployments' },
      })
    })

    test('creating an object twice is AlreadyExists', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status, body } = await api().post(`${core}/configmaps`, configMap('a'))
      expect(status).toBe(409)
      expect(body).toMatchObject({ reason: 'AlreadyExists', message: 'configmaps "a" already exists' })
    })

    test('generateName gives different names with five more characters', async () => {
      const { core } = await namespace(api())
      const object = { metadata: { generateName: 'run-' } }
      const first = await api().post(`${core}/configmaps`, object)
      const second = await api().post(`${core}/configmaps`, object)
      expect(at(first.body, 'metadata', 'name')).toMatch(/^run-[a-z0-9]{5}$/)
      expect(at(second.body, 'metadata', 'name')).toMatch(/^run-[a-z0-9]{5}$/)
      expect(at(first.body, 'metadata', 'name')).not.toBe(at(second.body, 'metadata', 'name'))
      expect(at(first.body, 'metadata', 'generateName')).toBe('run-')
    })

    test('creating in a namespace that does not exist is NotFound about the namespace', async () => {
      const missing = unique('missing')
      const { status, body } = await api().post(`/api/v1/namespaces/${missing}/configmaps`, configMap('a'))
      expect(status).toBe(404)
      expect(body).toMatchObject({
        reason: 'NotFound',
        message: `namespaces "${missing}" not found`,
        details: { name: missing, kind: 'namespaces' },
      })
    })

    test('a body that names another namespace is a bad request', async () => {
      const { core } = await namespace(api())
      const object = configMap('a', {}, { namespace: 'somewhere-else' })
      const { status, body } = await api().post(`${core}/configmaps`, object)
      expect(status).toBe(400)
      expect(body).toMatchObject({
        reason: 'BadRequest',
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      })
    })

    test('a name with capitals is invalid, with the field as cause', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(`${core}/configmaps`, configMap('Not_A_Name'))
      expect(status).toBe(422)
      expect(body).toMatchObject({ reason: 'Invalid', details: { name: 'Not_A_Name', kind: 'ConfigMap' } })
      expect(at(body, 'details', 'causes', 0)).toMatchObject({ reason: 'FieldValueInvalid', field: 'metadata.name' })
      expect(body.message).toMatch(
        /^ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain must consist/,
      )
    })

    test('an object without any name is invalid', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(`${core}/configmaps`, { metadata: {} })
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({ reason: 'FieldValueRequired', field: 'metadata.name' })
    })

    test('a label value with a space is invalid', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(
        `${core}/configmaps`,
        configMap('a', {}, { labels: { key: 'no good' } }),
      )
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({ reason: 'FieldValueInvalid', field: 'metadata.labels' })
    })

    test('an update from a stale resourceVersion is a conflict', async () => {
      const { core } = await namespace(api())
      const { body: first } = await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      const second = await api().put(`${core}/configmaps/a`, { ...first, data: { n: '2' } })
      expect(second.status).toBe(200)
      expect(Number(revision(second.body))).toBeGreaterThan(Number(revision(first)))
      const { status, body } = await api().put(`${core}/configmaps/a`, { ...first, data: { n: '3' } })
      expect(status).toBe(409)
      expect(body).toMatchObject({
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: 'a', kind: 'configmaps' },
      })
    })

    test('an update without a resourceVersion overwrites', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      const { status, body } = await api().put(`${core}/configmaps/a`, configMap('a', { m: '2' }))
      expect(status).toBe(200)
      expect(body.data).toEqual({ m: '2' })
    })

    test('an update that changes nothing keeps the resourceVersion', async () => {
      const { core } = await namespace(api())
      const { body: first } = await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      const { status, body } = await api().put(`${core}/configmaps/a`, first)
      expect(status).toBe(200)
      expect(revision(body)).toBe(revision(first))
    })

    test('an update of an object that is not there is NotFound', async () => {
      const { core } = await namespace(api())
      const { status } = await api().put(`${core}/configmaps/a`, configMap('a'))
      expect(status).toBe(404)
    })

    test('an update under another name is a bad request', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status, body } = await api().put(`${core}/configmaps/a`, configMap('b'))
      expect(status).toBe(400)
      expect(body.message).toBe('the name of the object (b) does not match the name on the URL (a)')
    })

    test('an update with the uid of another object is a conflict', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const other = configMap('a', {}, { uid: '00000000-0000-4000-8000-000000000000' })
      const { status, body } = await api().put(`${core}/configmaps/a`, other)
      expect(status).toBe(409)
      expect(body).toMatchObject({ reason: 'Conflict' })
    })

    test('what the server stamped cannot be overwritten', async () => {
      const { core } = await namespace(api())
      const { body: first } = await api().post(`${core}/configmaps`, configMap('a'))
      const metadata = { name: 'a', creationTimestamp: '2001-01-01T00:00:00Z', generation: 7, deletionTimestamp: null }
      const { body } = await api().put(`${core}/configmaps/a`, { ...configMap('a', { n: '1' }), metadata })
      expect(at(body, 'metadata', 'creationTimestamp')).toBe(at(first, 'metadata', 'creationTimestamp'))
      expect(at(body, 'metadata', 'uid')).toBe(at(first, 'metadata', 'uid'))
    })

    test('a body that is not JSON is a bad request', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(`${core}/configmaps`, '{"metadata": ')
      expect(status).toBe(400)
      expect(body).toMatchObject({ kind: 'Status', reason: 'BadRequest' })
    })

    test('a value of a wrong type is a bad request that says what was expected', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(`${core}/configmaps`, configMap('a', { n: 1 }))
      expect(status).toBe(400)
      expect(body.message).toMatch(
        /^ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal/,
      )
    })

    test('an unknown field is a warning, or an error when asked for strictness', async () => {
      const { core } = await namespace(api())
      const object = { ...configMap('a'), bogus: true }
      const strict = await api().post(`${core}/configmaps`, object, { fieldValidation: 'Strict' })
      expect(strict.status).toBe(400)
      expect(strict.body.message).toContain('strict decoding error: unknown field "bogus"')
      const loose = await api().post(`${core}/configmaps`, object)
      expect(loose.status).toBe(201)
      expect(loose.headers.warning).toContain('unknown field')
      expect(loose.body.bogus).toBeUndefined()
    })

    test('a dry run answers the object and stores nothing', async () => {
      const { core } = await namespace(api())
      const created = await api().post(`${core}/configmaps`, configMap('a'), { dryRun: 'All' })
      expect(created.status).toBe(201)
      expect(at(created.body, 'metadata', 'uid')).toBeTypeOf('string')
      expect((await api().get(`${core}/configmaps/a`)).status).toBe(404)
      const { body: real } = await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      const patched = await api().merge(`${core}/configmaps/a`, { data: { n: '2' } }, { dryRun: 'All' })
      expect(patched.body.data).toEqual({ n: '2' })
      expect((await api().get(`${core}/configmaps/a`)).body).toEqual(real)
    })

    test('the default field manager is the user agent up to its slash', async () => {
      const { core } = await namespace(api())
      const { body } = await api().post(`${core}/configmaps`, configMap('a', { n: '1' }))
      expect(at(body, 'metadata', 'managedFields', 0)).toMatchObject({
        manager: 'api-suite',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:n': {} } },
      })
    })

    test('a resource or group that does not exist is 404', async () => {
      expect((await api().get('/api/v1/gadgets')).status).toBe(404)
      expect((await api().get('/apis/nobody.example.com/v1/gadgets')).status).toBe(404)
    })

    test('without the right token a request is Unauthorized', async () => {
      const wrong = await api().request('GET', '/api/v1/namespaces', { token: 'wrong' })
      expect(wrong.status).toBe(401)
      expect(wrong.body).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 })
    })
  })
}
