import { describe, expect, test } from 'vitest'
import { at, list } from './client.ts'
import { configMap, deployment, nameOf, namespace, revision, unique } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** Lists, pages, selectors and the other forms lists come in. */
export function listTests(api: Connected): void {
  describe.concurrent('lists', () => {
    async function filled(names: readonly string[], labels: (name: string) => Record<string, string> = () => ({})) {
      const { core } = await namespace(api())
      for (const name of names) await api().post(`${core}/configmaps`, configMap(name, {}, { labels: labels(name) }))
      return `${core}/configmaps`
    }

    test('a list has its kind, a resourceVersion and items sorted by name', async () => {
      const path = await filled(['c', 'a', 'b'])
      const { status, body } = await api().get(path)
      expect(status).toBe(200)
      expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
      expect(list(body.items).map(nameOf)).toEqual(['a', 'b', 'c'])
      for (const item of list(body.items)) expect(at(item, 'kind')).toBeUndefined()
      for (const item of list(body.items)) expect(Number(revision(body))).toBeGreaterThanOrEqual(Number(revision(item)))
    })

    test('a list in a namespace that does not exist is empty', async () => {
      const { status, body } = await api().get(`/api/v1/namespaces/${unique('missing')}/configmaps`)
      expect(status).toBe(200)
      expect(body.items).toEqual([])
    })

    test('pages show the state of the first one', async () => {
      const path = await filled(['a', 'b', 'c', 'd', 'e'])
      const first = await api().get(path, { limit: 2 })
      expect(list(first.body.items).map(nameOf)).toEqual(['a', 'b'])
      expect(at(first.body, 'metadata', 'remainingItemCount')).toBe(3)
      await api().post(path, configMap('bb'))
      await api().delete(`${path}/d`)
      const token = String(at(first.body, 'metadata', 'continue'))
      const second = await api().get(path, { limit: 2, continue: token })
      expect(list(second.body.items).map(nameOf)).toEqual(['c', 'd'])
      const last = await api().get(path, { limit: 2, continue: String(at(second.body, 'metadata', 'continue')) })
      expect(list(last.body.items).map(nameOf)).toEqual(['e'])
      expect(at(last.body, 'metadata', 'continue')).toBeUndefined()
      const now = await api().get(path)
      expect(list(now.body.items).map(nameOf)).toEqual(['a', 'b', 'bb', 'c', 'e'])
    })

    test('a continue token that is none is a bad request', async () => {
      const path = await filled(['a'])
      const { status, body } = await api().get(path, { limit: 1, continue: 'nonsense' })
      expect(status).toBe(400)
      expect(body.reason).toBe('BadRequest')
    })

    test('label selectors know equality, sets and presence', async () => {
      const path = await filled(['a', 'b', 'c'], (name) => (name === 'c' ? { tier: 'x' } : { tier: 'y', app: name }))
      const select = async (labelSelector: string) =>
        list((await api().get(path, { labelSelector })).body.items).map(nameOf)
      expect(await select('tier=y')).toEqual(['a', 'b'])
      expect(await select('tier!=y')).toEqual(['c'])
      expect(await select('app in (a, c),tier==y')).toEqual(['a'])
      expect(await select('app notin (a)')).toEqual(['b', 'c'])
      expect(await select('app')).toEqual(['a', 'b'])
      expect(await select('!app')).toEqual(['c'])
    })

    test('a label selector that cannot be read is a bad request', async () => {
      const path = await filled([])
      expect((await api().get(path, { labelSelector: 'a in b' })).status).toBe(400)
    })

    test('field selectors choose by name, and refuse fields that cannot be selected by', async () => {
      const path = await filled(['a', 'b'])
      const { body } = await api().get(path, { fieldSelector: 'metadata.name=b' })
      expect(list(body.items).map(nameOf)).toEqual(['b'])
      const refused = await api().get(path, { fieldSelector: 'data.key=value' })
      expect(refused.status).toBe(400)
      expect(refused.body.message).toBe(
        '"data.key" is not a known field selector: only "metadata.name", "metadata.namespace"',
      )
    })

    test('a list across namespaces finds by field', async () => {
      const path = await filled(['only-here'])
      const where = path.split('/')[4]
      const { body } = await api().get('/api/v1/configmaps', {
        fieldSelector: `metadata.namespace=${where},metadata.name=only-here`,
      })
      expect(list(body.items)).toHaveLength(1)
    })

    test('a Table has columns, and a row per object with its metadata', async () => {
      const { apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('web'))
      const { body } = await api().request('GET', `${apps}/deployments`, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      })
      expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
      const columns = list(body.columnDefinitions).map((column) => at(column, 'name'))
      expect(columns).toEqual(['Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers', 'Images', 'Selector'])
      expect(at(body, 'rows', 0, 'cells', 0)).toBe('web')
      expect(at(body, 'rows', 0, 'cells', 1)).toBe('0/1')
      expect(list(at(body, 'rows', 0, 'cells')).slice(5)).toEqual(['main', 'podinfo:6', 'app=web'])
      expect(at(body, 'rows', 0, 'object')).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } })
    })

    test('a Table of one object carries it whole when asked to', async () => {
      const path = await filled(['a'])
      const { body } = await api().request('GET', `${path}/a?includeObject=Object`, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      })
      expect(list(body.columnDefinitions).map((column) => at(column, 'name'))).toEqual(['Name', 'Data', 'Age'])
      expect(at(body, 'rows', 0, 'object')).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a' } })
    })

    test('metadata alone can be listed', async () => {
      const path = await filled(['a'])
      const { body } = await api().request('GET', path, {
        accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      })
      expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
      expect(at(body, 'items', 0, 'metadata', 'name')).toBe('a')
      expect(at(body, 'items', 0, 'data')).toBeUndefined()
    })

    test('a form the server cannot write is not acceptable', async () => {
      const path = await filled(['a'])
      expect((await api().request('GET', path, { accept: 'text/html' })).status).toBe(406)
      const of = 'v=v1;g=meta.k8s.io'
      const ofOne = { accept: `application/json;as=PartialObjectMetadata;${of}` }
      const ofMany = { accept: `application/json;as=PartialObjectMetadataList;${of}` }
      expect((await api().request('GET', path, ofOne)).status).toBe(406)
      expect((await api().request('GET', `${path}/a`, ofMany)).status).toBe(406)
    })

    test('options of a list that say nothing or contradict each other are refused', async () => {
      const path = await filled(['a'])
      const refused: readonly [Record<string, string>, number][] = [
        [{ sendInitialEvents: 'true' }, 422],
        [{ resourceVersion: '1', resourceVersionMatch: 'Other' }, 422],
        [{ resourceVersion: '0', resourceVersionMatch: 'Exact' }, 422],
        [{ timeoutSeconds: 'x' }, 400],
        [{ labelSelector: `a=${'x'.repeat(64)}` }, 400],
      ]
      for (const [query, status] of refused) expect((await api().get(path, query)).status).toBe(status)
      const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
      expect((await api().request('GET', `${path}?includeObject=Other`, table)).status).toBe(400)
    })

    test('one object can be read at any time, or from a revision that is there', async () => {
      const path = await filled(['a'])
      expect((await api().get(`${path}/a`, { resourceVersion: '0' })).status).toBe(200)
      expect((await api().get(`${path}/a`, { resourceVersion: 'x' })).status).toBe(500)
      const ahead = await api().get(`${path}/a`, { resourceVersion: '999999999' })
      expect([ahead.status, ahead.headers['retry-after']]).toEqual([504, '1'])
    })

    test('pages over all namespaces hold each object once, in the order of namespace, slash and name', async () => {
      const label = unique('all')
      const { name, core } = await namespace(api())
      const longer = `${name}-b`
      await api().post('/api/v1/namespaces', { metadata: { name: longer } })
      const object = (one: string) => configMap(one, {}, { labels: { suite: label } })
      for (const one of ['a', 'b']) {
        await api().post(`${core}/configmaps`, object(one))
        await api().post(`/api/v1/namespaces/${longer}/configmaps`, object(one))
      }
      const seen: string[] = []
      const query: Record<string, string | number> = { labelSelector: `suite=${label}`, limit: 1 }
      for (let page = 0; page < 10; page += 1) {
        const { body } = await api().get('/api/v1/configmaps', query)
        for (const item of list(body.items)) seen.push(`${at(item, 'metadata', 'namespace')}/${nameOf(item)}`)
        const next = at(body, 'metadata', 'continue')
        if (typeof next !== 'string' || next === '') break
        query.continue = next
      }
      expect(seen).toEqual([`${longer}/a`, `${longer}/b`, `${name}/a`, `${name}/b`])
    })

    test('a list at any time is not paged', async () => {
      const path = await filled(['a', 'b', 'c'])
      const { body } = await api().get(path, { limit: 2, resourceVersion: '0' })
      expect(list(body.items)).toHaveLength(3)
      expect(at(body, 'metadata', 'continue')).toBeUndefined()
    })

    test('Services are selected by their type and address', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/services`, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } })
      const select = (fieldSelector: string) => api().get(`${core}/services`, { fieldSelector })
      expect(list((await select('spec.type=ClusterIP')).body.items)).toHaveLength(1)
      expect(list((await select('spec.clusterIP=None')).body.items)).toHaveLength(0)
    })
  })
}
