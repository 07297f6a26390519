import { afterEach, describe, expect, test } from 'vitest'
import type { KubeClient } from '../../../src/kube/client.ts'
import { systemClock } from '../../../src/kube/clock.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import type { Kind, KubeObject } from '../../../src/kube/object.ts'
import { appliedAnnotation, managedByLabel } from '../../../src/kube/ownership.ts'
import { isNewer } from '../../../src/kube/resource-version.ts'
import { ServerSideApplier } from '../../../src/kube/server-side-applier.ts'
import { SharedInformers } from '../../../src/kube/shared-informers.ts'
import type { RequestFacts } from '../../../src/kube/transport.ts'
import { configMaps } from './scripted-server.ts'

const namespaces: Kind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
const deployments: Kind = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true }

export interface ApiUnderTest {
  readonly client: KubeClient
  /** Everything that was asked so far. */
  readonly calls: readonly RequestFacts[]
  close(): Promise<void>
}

/** One operator process: informers over one namespace, and an applier on them. */
interface Process {
  readonly informers: SharedInformers
  readonly applier: ServerSideApplier
}

let count = 0

/** What an applier does on an API server, whichever it is. */
export function applierSuite(title: string, open: () => Promise<ApiUnderTest>): void {
  const started: SharedInformers[] = []
  const opened: ApiUnderTest[] = []
  afterEach(async () => {
    await Promise.all(started.splice(0).map((informers) => informers.stop()))
    await Promise.all(opened.splice(0).map((api) => api.close()))
  })

  /** A namespace of its own on the server. */
  async function scene() {
    const api = await open()
    opened.push(api)
    const namespace = `applier-${process.pid}-${count++}`
    await api.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const configMap = (data: Record<string, string>, name = 'settings'): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name },
      data,
    })
    const someone = { type: 'merge', fieldManager: 'someone' } as const
    return {
      ...api,
      ref: { namespace, name: 'settings' },
      configMap,
      deployment: (extra: object = {}): KubeObject => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { namespace, name: 'settings' },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              containers: [{ name: 'web', image: 'podinfo:1', resources: { requests: { cpu: '0.5' } }, ...extra }],
            },
          },
        },
      }),
      async start(manager = 'canary-operator'): Promise<Process> {
        const informers = new SharedInformers({
          client: api.client,
          namespace,
          clock: systemClock,
          random: Math.random,
        })
        started.push(informers)
        informers.of(configMaps)
        informers.of(deployments)
        await informers.ready()
        return { informers, applier: new ServerSideApplier({ client: api.client, informers, manager }) }
      },
      /** A resource that may own others, and how they name it. The collector takes away what has owners that do not exist. */
      async owner(name: string, namespaceOfOwner?: string) {
        const object = { ...configMap({}, name), metadata: { namespace: namespaceOfOwner ?? namespace, name } }
        const { uid = '' } = (await api.client.create(configMaps, object)).metadata
        return {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name,
          uid,
          controller: true,
          namespace: object.metadata.namespace,
        }
      },
      edit: (kind: Kind, patch: object) => api.client.patch(kind, { namespace, name: 'settings' }, patch, someone),
      live: (kind: Kind) => api.client.get(kind, { namespace, name: 'settings' }),
      /** The calls besides watches and lists that `action` makes. */
      async callsOf(action: () => Promise<unknown>): Promise<string[]> {
        const before = api.calls.length
        await action()
        const after = api.calls.slice(before).filter(({ verb }) => verb !== 'watch' && verb !== 'list')
        return after.map(({ verb, status }) => `${verb} ${status}`)
      },
    }
  }

  /** Waits until the store has this version of the object, or a later one. */
  function seen(informers: SharedInformers, kind: Kind, object: KubeObject): Promise<void> {
    const informer = informers.of(kind)
    return new Promise((resolve) => {
      const check = () => {
        const known = informer.store.get(object.metadata)?.metadata.resourceVersion
        if (isNewer(object.metadata.resourceVersion, known)) return
        stop()
        resolve()
      }
      const stop = informer.listen(check)
      check()
    })
  }

  describe(`${title}: an object that is applied`, () => {
    test('is marked as ours, is in the store at once, and costs nothing while nothing changes', async () => {
      const { configMap, callsOf, owner, ref, start } = await scene()
      const { applier, informers } = await start()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      const canary = await owner('canary')
      expect((await applier.apply(desired, [canary])).outcome).toBe('created')
      const stored = informers.of(configMaps).store.get(ref)
      expect(stored?.metadata.labels).toEqual({ [managedByLabel]: 'canary-operator' })
      expect(stored?.metadata.ownerReferences).toMatchObject([{ name: 'canary', uid: canary.uid, controller: true }])
      expect(await callsOf(() => applier.apply(desired, [canary]))).toEqual([])
      expect((await applier.apply(desired, [canary])).outcome).toBe('unchanged')
    })

    test('tells listeners once, not again by its echo', async () => {
      const { configMap, edit, start } = await scene()
      const { applier, informers } = await start()
      const changes: string[] = []
      informers.of(configMaps).listen(({ type, object }) => changes.push(`${type} ${JSON.stringify(object['data'])}`))
      await applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      await applier.apply({ kind: configMaps, object: configMap({ a: '2' }) }, [])
      await seen(informers, configMaps, await edit(configMaps, { data: { b: '1' } }))
      const ours = changes.filter((change) => change.includes('"a"'))
      expect(ours).toEqual(['added {"a":"1"}', 'changed {"a":"2"}', 'changed {"a":"2","b":"1"}'])
    })

    test('costs nothing after a restart either', async () => {
      const { configMap, callsOf, owner, start } = await scene()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      const canary = await owner('canary')
      await (await start()).applier.apply(desired, [canary])
      const { applier } = await start()
      expect(await callsOf(() => applier.apply(desired, [canary]))).toEqual([])
    })

    test('changes by one write, which takes away what is no longer desired', async () => {
      const { configMap, callsOf, edit, live, start } = await scene()
      const { applier } = await start()
      await applier.apply({ kind: configMaps, object: configMap({ a: '1', b: '1' }) }, [])
      await edit(configMaps, { data: { theirs: 'kept' } })
      const changed = { kind: configMaps, object: configMap({ a: '2' }) }
      expect(await callsOf(() => applier.apply(changed, []))).toEqual(['apply 200'])
      expect((await live(configMaps))['data']).toEqual({ a: '2', theirs: 'kept' })
    })

    test('is mended when someone edits a field of ours, and left alone when they edit theirs', async () => {
      const { configMap, callsOf, edit, start } = await scene()
      const { applier, informers } = await start()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      await applier.apply(desired, [])
      await seen(
        informers,
        configMaps,
        await edit(configMaps, { data: { theirs: '1' }, metadata: { labels: { x: 'y' } } }),
      )
      expect(await callsOf(() => applier.apply(desired, []))).toEqual([])
      await seen(informers, configMaps, await edit(configMaps, { data: { a: 'drifted' } }))
      expect(await callsOf(() => applier.apply(desired, []))).toEqual(['apply 200'])
      expect(await callsOf(() => applier.apply(desired, []))).toEqual([])
    })

    test('is not written again and again when the API server writes a value in another way', async () => {
      const { deployment, callsOf, edit, start } = await scene()
      const first = await start()
      const desired = { kind: deployments, object: deployment() }
      await first.applier.apply(desired, [])
      await seen(first.informers, deployments, await edit(deployments, { metadata: { labels: { x: 'y' } } }))
      expect(await callsOf(() => first.applier.apply(desired, []))).toEqual([])
      const second = await start()
      await second.applier.apply(desired, [])
      expect(await callsOf(() => second.applier.apply(desired, []))).toEqual([])
    })

    test('by two at once is written by one after the other, and only once', async () => {
      const { configMap, callsOf, start } = await scene()
      const { applier } = await start()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      expect(await callsOf(() => Promise.all([1, 2, 3].map(() => applier.apply(desired, []))))).toEqual(['apply 201'])
    })
  })

  describe(`${title}: an object of someone else`, () => {
    test('is not applied over, and says whose it is', async () => {
      const { client, configMap, callsOf, live, start } = await scene()
      const foreign = configMap({ theirs: '1' })
      await client.create(configMaps, {
        ...foreign,
        metadata: { ...foreign.metadata, labels: { [managedByLabel]: 'Helm' } },
      })
      const { applier } = await start()
      const attempt = () => applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      await expect(attempt()).rejects.toThrow(/configmaps \S+ exists and is managed by Helm/)
      expect(await callsOf(() => attempt().catch(() => {}))).toEqual([])
      expect((await live(configMaps))['data']).toEqual({ theirs: '1' })
    })

    test('is not applied over even when the store has not seen it yet', async () => {
      const { client, configMap, callsOf, live, start } = await scene()
      const { applier, informers } = await start()
      await informers.stop()
      await client.create(configMaps, configMap({ theirs: '1' }))
      const attempt = applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      expect(await callsOf(() => expect(attempt).rejects.toThrow(/was not made by this operator/))).toEqual([
        'apply 409',
        'get 200',
      ])
      expect((await live(configMaps))['data']).toEqual({ theirs: '1' })
    })

    test('is not applied over when it took the name of one of ours', async () => {
      const { client, configMap, live, ref, start } = await scene()
      const { applier, informers } = await start()
      await applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      await informers.stop()
      await client.delete(configMaps, ref)
      await client.create(configMaps, configMap({ theirs: '1' }))
      const attempt = applier.apply({ kind: configMaps, object: configMap({ a: '2' }) }, [])
      await expect(attempt).rejects.toThrow(/was not made by this operator/)
      expect((await live(configMaps))['data']).toEqual({ theirs: '1' })
    })

    test('that its user hands over is applied, whatever hash the former operator left', async () => {
      const { configMap, callsOf, edit, live, start } = await scene()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      await (await start('old-operator')).applier.apply(desired, [])
      await edit(configMaps, { metadata: { labels: { [managedByLabel]: 'canary-operator' } } })
      const { applier } = await start()
      expect(await callsOf(() => applier.apply(desired, []))).toEqual(['apply 200'])
      expect((await live(configMaps)).metadata.annotations?.[appliedAnnotation]).toMatch(/^canary-operator\//)
    })
  })

  test(`${title}: an object of ours that went away behind our back is made again`, async () => {
    const { client, configMap, live, ref, start } = await scene()
    const { applier, informers } = await start()
    await applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
    await informers.stop()
    await client.delete(configMaps, ref)
    await applier.apply({ kind: configMaps, object: configMap({ a: '2' }) }, [])
    expect((await live(configMaps))['data']).toEqual({ a: '2' })
  })

  test(`${title}: a value that only counts at creation is whatever others make of it later, even meanwhile`, async () => {
    const { deployment, callsOf, edit, live, start } = await scene()
    const { applier, informers } = await start()
    const desired = (image: string) => ({
      kind: deployments,
      object: deployment({ image }),
      initially: [['spec', 'replicas']],
    })
    await applier.apply(desired('podinfo:1'), [])
    expect((await live(deployments)).spec).toMatchObject({ replicas: 2 })
    await seen(informers, deployments, await edit(deployments, { spec: { replicas: 5 } }))
    expect(await callsOf(() => applier.apply(desired('podinfo:1'), []))).toEqual([])
    await applier.apply(desired('podinfo:2'), [])
    expect((await live(deployments)).spec).toMatchObject({ replicas: 5 })
    await informers.stop()
    await edit(deployments, { spec: { replicas: 7 } })
    expect(await callsOf(() => applier.apply(desired('podinfo:3'), []))).toEqual(['apply 409', 'get 200', 'apply 200'])
    expect((await live(deployments)).spec).toMatchObject({
      replicas: 7,
      template: { spec: { containers: [{ image: 'podinfo:3' }] } },
    })
  })

  describe(`${title}: owners`, () => {
    test('of several resources stay together, with one controller', async () => {
      const { configMap, callsOf, live, owner, start } = await scene()
      const { applier } = await start()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      const [first, second] = [await owner('first'), await owner('second')]
      await applier.apply(desired, [first])
      await applier.apply(desired, [second])
      const references = (await live(configMaps)).metadata.ownerReferences
      expect(references?.map(({ name, controller }) => [name, controller])).toEqual([
        ['first', true],
        ['second', undefined],
      ])
      expect(await callsOf(() => applier.apply(desired, [first]))).toEqual([])
      expect(applier.owned(configMaps, second.uid)).toHaveLength(1)
      expect(applier.owned(configMaps, 'another')).toHaveLength(0)
    })

    test('in another namespace are no references, which would have the object collected', async () => {
      const { configMap, callsOf, live, owner, start } = await scene()
      const { applier } = await start()
      const desired = { kind: configMaps, object: configMap({ a: '1' }) }
      const far = await owner(`far-${count++}`, 'default')
      await applier.apply(desired, [far])
      expect((await live(configMaps)).metadata.ownerReferences).toBeUndefined()
      expect(applier.owned(configMaps, far.uid)).toHaveLength(1)
      expect(await callsOf(() => applier.apply(desired, [far]))).toEqual([])
    })
  })

  describe(`${title}: editing what others own`, () => {
    test('writes what differs, once', async () => {
      const { client, configMap, callsOf, live, ref, start } = await scene()
      await client.create(configMaps, configMap({ theirs: '1', gone: 'x' }))
      const { applier } = await start()
      const fields = { data: { ours: '1', gone: null } }
      expect(await callsOf(() => applier.edit(configMaps, ref, fields))).toEqual(['patch 200'])
      expect((await live(configMaps))['data']).toEqual({ theirs: '1', ours: '1' })
      expect((await live(configMaps)).metadata.labels).toBeUndefined()
      expect(await callsOf(() => applier.edit(configMaps, ref, fields))).toEqual([])
      expect(await callsOf(() => applier.edit(configMaps, ref, { data: { theirs: '1' } }))).toEqual([])
    })

    test('never creates', async () => {
      const { live, ref, start } = await scene()
      const { applier } = await start()
      expect(await applier.edit(configMaps, ref, { data: { a: '1' } }).catch(isNotFound)).toBe(true)
      expect(await live(configMaps).catch(isNotFound)).toBe(true)
    })

    test('fails when another object has taken the name, and then sees that one', async () => {
      const { client, configMap, live, ref, start } = await scene()
      await client.create(configMaps, configMap({ of: 'first' }))
      const { applier, informers } = await start()
      await informers.stop()
      await client.delete(configMaps, ref)
      await client.create(configMaps, configMap({ of: 'second' }))
      await expect(applier.edit(configMaps, ref, { data: { ours: '1' } })).rejects.toThrow(/^patch configmaps/)
      expect((await live(configMaps))['data']).toEqual({ of: 'second' })
      expect(informers.of(configMaps).store.get(ref)?.['data']).toEqual({ of: 'second' })
    })
  })

  describe(`${title}: removing`, () => {
    test('deletes what is ours, in the store at once, and leaves what is not there', async () => {
      const { configMap, callsOf, live, ref, start } = await scene()
      const { applier, informers } = await start()
      await applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      expect(await applier.remove(configMaps, ref)).toBe('deleted')
      expect(informers.of(configMaps).store.get(ref)).toBeUndefined()
      expect(await live(configMaps).catch(isNotFound)).toBe(true)
      expect(await callsOf(() => applier.remove(configMaps, ref))).toEqual([])
    })

    test('leaves what is not ours', async () => {
      const { client, configMap, live, ref, start } = await scene()
      await client.create(configMaps, configMap({ theirs: '1' }))
      const { applier } = await start()
      expect(await applier.remove(configMaps, ref)).toBe('absent')
      expect((await live(configMaps))['data']).toEqual({ theirs: '1' })
    })

    test('leaves an object that took the name of ours', async () => {
      const { client, configMap, live, ref, start } = await scene()
      const { applier, informers } = await start()
      await applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      await informers.stop()
      await client.delete(configMaps, ref)
      await client.create(configMaps, configMap({ theirs: '1' }))
      expect(await applier.remove(configMaps, ref)).toBe('absent')
      expect((await live(configMaps))['data']).toEqual({ theirs: '1' })
    })

    test('waits for no finalizer, and asks only once', async () => {
      const { configMap, callsOf, edit, ref, start } = await scene()
      const { applier, informers } = await start()
      await applier.apply({ kind: configMaps, object: configMap({ a: '1' }) }, [])
      await seen(
        informers,
        configMaps,
        await edit(configMaps, { metadata: { finalizers: ['mesh-autopilot.dev/test'] } }),
      )
      expect(await callsOf(() => applier.remove(configMaps, ref))).toEqual(['delete 200'])
      expect(informers.of(configMaps).store.get(ref)?.metadata.deletionTimestamp).toBeDefined()
      expect(await callsOf(() => applier.remove(configMaps, ref))).toEqual([])
      await edit(configMaps, { metadata: { finalizers: null } })
    })
  })
}
