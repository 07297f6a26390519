import { describe, expect, test } from 'vitest'
import { at, type Json, list } from './client.ts'
import { configMap, deployment, eventually, nameOf, namespace } from './fixtures.ts'
import type { Capabilities, Connected } from './suite.ts'

function ownedBy(owner: Json, extra: Json = {}): Json {
  const { apiVersion, kind } = owner
  const { name, uid } = { name: at(owner, 'metadata', 'name'), uid: at(owner, 'metadata', 'uid') }
  return { ownerReferences: [{ apiVersion, kind, name, uid, ...extra }] }
}

/** Deletes, finalizers, and what garbage collection makes of owners. */
export function deletionTests(api: Connected, { controllers }: Capabilities): void {
  describe.concurrent('deletion', () => {
    test('a deleted object is gone, and the answer says which it was', async () => {
      const { core } = await namespace(api())
      const { body: object } = await api().post(`${core}/configmaps`, configMap('a'))
      const { status, body } = await api().delete(`${core}/configmaps/a`)
      expect(status).toBe(200)
      expect(body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: at(object, 'metadata', 'uid') },
      })
      expect((await api().get(`${core}/configmaps/a`)).status).toBe(404)
      expect((await api().delete(`${core}/configmaps/a`)).status).toBe(404)
    })

    test('a delete with the uid of another object is a conflict', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const options = { preconditions: { uid: '00000000-0000-4000-8000-000000000000' } }
      const { status, body } = await api().delete(`${core}/configmaps/a`, options)
      expect(status).toBe(409)
      expect(body.message).toMatch(/^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition/)
    })

    test('a delete with a stale resourceVersion is a conflict', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status } = await api().delete(`${core}/configmaps/a`, { preconditions: { resourceVersion: '1' } })
      expect(status).toBe(409)
    })

    test('a dry run deletes nothing', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { status } = await api().request('DELETE', `${core}/configmaps/a`, { query: { dryRun: 'All' } })
      expect(status).toBe(200)
      expect((await api().get(`${core}/configmaps/a`)).status).toBe(200)
    })

    test('a finalizer holds an object until it is taken off', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps/a`
      await api().post(`${core}/configmaps`, configMap('a', {}, { finalizers: ['example.com/hold'] }))
      const deleted = await api().delete(path)
      expect(deleted.status).toBe(200)
      expect(deleted.body).toMatchObject({
        kind: 'ConfigMap',
        metadata: { name: 'a', finalizers: ['example.com/hold'] },
      })
      const held = await api().get(path)
      expect(at(held.body, 'metadata', 'deletionTimestamp')).toBeTypeOf('string')
      const released = await api().merge(path, { metadata: { finalizers: null } })
      expect(released.status).toBe(200)
      expect((await api().get(path)).status).toBe(404)
    })

    test('an object that is being deleted takes no new finalizers', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps/a`
      await api().post(`${core}/configmaps`, configMap('a', {}, { finalizers: ['example.com/hold'] }))
      await api().delete(path)
      const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }
      const { status, body } = await api().merge(path, more)
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
      })
    })

    test('deleting an object of a spec with a generation counts the deletion', async () => {
      const { apps } = await namespace(api())
      const held = { ...deployment('web'), metadata: { name: 'web', finalizers: ['example.com/hold'] } }
      await api().post(`${apps}/deployments`, held)
      const { body } = await api().delete(`${apps}/deployments/web`)
      expect(at(body, 'metadata', 'generation')).toBe(2)
    })

    test('a collection is deleted by label', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      for (const name of ['a', 'b', 'c']) {
        await api().post(path, configMap(name, {}, { labels: { go: name === 'c' ? 'no' : 'yes' } }))
      }
      const { status } = await api().request('DELETE', path, { query: { labelSelector: 'go=yes' } })
      expect(status).toBe(200)
      const { body } = await api().get(path, { labelSelector: 'go' })
      expect(list(body.items).map(nameOf)).toEqual(['c'])
    })

    test('a namespace that is being deleted takes no new objects', async () => {
      const { name, core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a', {}, { finalizers: ['example.com/hold'] }))
      const { body } = await api().delete(`/api/v1/namespaces/${name}`)
      expect(body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } })
      await eventually(
        async () => (await api().post(`${core}/configmaps`, { metadata: { generateName: 'b-' } })).status === 403,
      )
      const refused = await api().post(`${core}/configmaps`, configMap('c'))
      expect(refused.body).toMatchObject({
        reason: 'Forbidden',
        message: `configmaps "c" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
      })
      expect(at(refused.body, 'details', 'causes', 0)).toMatchObject({
        reason: 'NamespaceTerminating',
        field: 'metadata.namespace',
      })
      await api().merge(`${core}/configmaps/a`, { metadata: { finalizers: null } })
    })

    test('the default namespace cannot be deleted', async () => {
      const { status, body } = await api().delete('/api/v1/namespaces/default')
      expect(status).toBe(403)
      expect(body.message).toBe('namespaces "default" is forbidden: this namespace may not be deleted')
    })
  })

  const collected = controllers ? describe.concurrent : describe.skip
  collected('garbage collection', () => {
    async function family(extra: Json = {}) {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      const { body: owner } = await api().post(path, configMap('owner'))
      await api().post(path, configMap('child', {}, ownedBy(owner, extra)))
      return { path, owner }
    }

    const gone = (path: string) => eventually(async () => (await api().get(path)).status === 404)

    test('dependents follow their owner in the background', async () => {
      const { path } = await family()
      await api().delete(`${path}/owner`)
      await gone(`${path}/child`)
    })

    test('in the foreground the owner waits for dependents that block it', async () => {
      const { path } = await family({ blockOwnerDeletion: true })
      await api().merge(`${path}/child`, { metadata: { finalizers: ['example.com/hold'] } })
      await api().delete(`${path}/owner`, { propagationPolicy: 'Foreground' })
      await eventually(async () => {
        const { body } = await api().get(`${path}/child`)
        return at(body, 'metadata', 'deletionTimestamp') !== undefined
      })
      const { body: owner } = await api().get(`${path}/owner`)
      expect(at(owner, 'metadata', 'finalizers')).toEqual(['foregroundDeletion'])
      await api().merge(`${path}/child`, { metadata: { finalizers: null } })
      await gone(`${path}/owner`)
    })

    test('orphans stay, without their owner', async () => {
      const { path } = await family()
      await api().delete(`${path}/owner`, { propagationPolicy: 'Orphan' })
      await gone(`${path}/owner`)
      const { status, body } = await api().get(`${path}/child`)
      expect(status).toBe(200)
      expect(at(body, 'metadata', 'ownerReferences')).toBeUndefined()
    })

    test('a dependent with another owner stays', async () => {
      const { path, owner } = await family()
      const { body: second } = await api().post(path, configMap('second'))
      const references = [...list(ownedBy(owner).ownerReferences), ...list(ownedBy(second).ownerReferences)]
      await api().merge(`${path}/child`, { metadata: { ownerReferences: references } })
      await api().delete(`${path}/owner`)
      await eventually(async () => {
        const { body } = await api().get(`${path}/child`)
        return list(at(body, 'metadata', 'ownerReferences')).length === 1
      })
      await api().delete(`${path}/second`)
      await gone(`${path}/child`)
    })

    test('a dependent whose owner never existed is collected', async () => {
      const { core } = await namespace(api())
      const reference = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'ghost',
        uid: '00000000-0000-4000-8000-00000000dead',
      }
      await api().post(`${core}/configmaps`, configMap('child', {}, { ownerReferences: [reference] }))
      await gone(`${core}/configmaps/child`)
    })

    test('deleting a namespace deletes what is in it', async () => {
      const { name, core, apps } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      await api().post(`${apps}/deployments`, deployment('web'))
      await api().delete(`/api/v1/namespaces/${name}`)
      await gone(`/api/v1/namespaces/${name}`)
      expect((await api().get(`${apps}/deployments/web`)).status).toBe(404)
    })
  })
}
