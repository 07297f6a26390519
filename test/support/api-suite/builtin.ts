import { describe, expect, test } from 'vitest'
import { at, list } from './client.ts'
import { configMap, deployment, namespace, service } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** What built-in kinds do beyond storing. */
export function builtinTests(api: Connected): void {
  describe.concurrent('built-in kinds', () => {
    test('a Deployment gets its defaults and generation 1', async () => {
      const { apps } = await namespace(api())
      const { status, body } = await api().post(`${apps}/deployments`, deployment('web'))
      expect(status).toBe(201)
      expect(at(body, 'metadata', 'generation')).toBe(1)
      expect(body.spec).toMatchObject({
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        template: { spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30 } },
      })
      expect(at(body, 'spec', 'template', 'spec', 'containers', 0)).toMatchObject({
        name: 'main',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
      })
    })

    test('generation counts changes of the spec only', async () => {
      const { apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('web'))
      const labelled = await api().merge(`${apps}/deployments/web`, { metadata: { labels: { a: 'b' } } })
      expect(at(labelled.body, 'metadata', 'generation')).toBe(1)
      const scaled = await api().merge(`${apps}/deployments/web`, { spec: { replicas: 2 } })
      expect(at(scaled.body, 'metadata', 'generation')).toBe(2)
    })

    test('the scale subresource reads and writes replicas', async () => {
      const { apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('web'))
      const read = await api().get(`${apps}/deployments/web/scale`)
      expect(read.body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        spec: { replicas: 1 },
        status: { selector: 'app=web' },
      })
      const written = await api().merge(`${apps}/deployments/web/scale`, { spec: { replicas: 3 } })
      expect(written.status).toBe(200)
      expect(written.body).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
      const { body } = await api().get(`${apps}/deployments/web`)
      expect(at(body, 'spec', 'replicas')).toBe(3)
      expect(at(body, 'metadata', 'generation')).toBe(2)
    })

    test('a Deployment whose selector does not fit its template is invalid', async () => {
      const { apps } = await namespace(api())
      const object = deployment('web')
      Object.assign(object.spec ?? {}, { selector: { matchLabels: { app: 'other' } } })
      const { status, body } = await api().post(`${apps}/deployments`, object)
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({
        reason: 'FieldValueInvalid',
        field: 'spec.template.metadata.labels',
      })
    })

    test('the selector of a Deployment is immutable', async () => {
      const { apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('web'))
      const labels = { app: 'web', more: 'x' }
      const patch = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } }
      const { status, body } = await api().merge(`${apps}/deployments/web`, patch)
      expect(status).toBe(422)
      expect(body.message).toContain('spec.selector: Invalid value')
      expect(body.message).toContain('field is immutable')
    })

    test('a container without an image is invalid', async () => {
      const { apps } = await namespace(api())
      const { status, body } = await api().post(`${apps}/deployments`, deployment('web', { image: '' }))
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({
        reason: 'FieldValueRequired',
        field: 'spec.template.spec.containers[0].image',
      })
    })

    test('a Service gets an address and the defaults of its ports', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(`${core}/services`, service('web', [{ port: 80 }]))
      expect(status).toBe(201)
      expect(at(body, 'spec', 'clusterIP')).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
      expect(body.spec).toMatchObject({
        type: 'ClusterIP',
        sessionAffinity: 'None',
        clusterIPs: [at(body, 'spec', 'clusterIP')],
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      })
    })

    test('what the server decides belongs to nobody', async () => {
      const { core } = await namespace(api())
      const { body } = await api().post(`${core}/services`, service('web', [{ port: 80 }]))
      expect(at(body, 'metadata', 'managedFields', 0, 'fieldsV1', 'f:spec')).toEqual({
        'f:internalTrafficPolicy': {},
        'f:ports': {
          '.': {},
          'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {}, 'f:targetPort': {} },
        },
        'f:selector': {},
        'f:sessionAffinity': {},
        'f:type': {},
      })
    })

    test('a headless Service keeps None as its address', async () => {
      const { core } = await namespace(api())
      const object = service('web', [{ port: 80 }])
      Object.assign(object.spec ?? {}, { clusterIP: 'None' })
      const { body } = await api().post(`${core}/services`, object)
      expect(at(body, 'spec', 'clusterIP')).toBe('None')
    })

    test('two ports of a Service need names', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().post(`${core}/services`, service('web', [{ port: 80 }, { port: 81 }]))
      expect(status).toBe(422)
      expect(list(at(body, 'details', 'causes')).map((cause) => at(cause, 'field'))).toEqual([
        'spec.ports[0].name',
        'spec.ports[1].name',
      ])
    })

    test('the address of a Service cannot be changed', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/services`, service('web', [{ port: 80 }]))
      const { status } = await api().merge(`${core}/services/web`, {
        spec: { clusterIP: 'None', clusterIPs: ['None'] },
      })
      expect(status).toBe(422)
    })

    test('stringData of a Secret becomes data in base64', async () => {
      const { core } = await namespace(api())
      const { body } = await api().post(`${core}/secrets`, { metadata: { name: 'a' }, stringData: { key: 'value' } })
      expect(body.data).toEqual({ key: 'dmFsdWU=' })
      expect(body.stringData).toBeUndefined()
      expect(body.type).toBe('Opaque')
    })

    test('an immutable ConfigMap cannot be changed', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, { ...configMap('a', { n: '1' }), immutable: true })
      const { status, body } = await api().merge(`${core}/configmaps/a`, { data: { n: '2' } })
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0)).toMatchObject({ reason: 'FieldValueForbidden', field: 'data' })
    })

    test('a Lease is created by an update, and updated only from a resourceVersion', async () => {
      const { name } = await namespace(api())
      const path = `/apis/coordination.k8s.io/v1/namespaces/${name}/leases/a`
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'a' },
        spec: { holderIdentity: 'me' },
      }
      const created = await api().put(path, lease)
      expect(created.status).toBe(201)
      const blind = await api().put(path, lease)
      expect(blind.status).toBe(422)
      expect(at(blind.body, 'details', 'causes', 0, 'field')).toBe('metadata.resourceVersion')
      const taken = await api().put(path, { ...created.body, spec: { holderIdentity: 'you' } })
      expect(taken.status).toBe(200)
    })

    test('an Event of the core group is the same Event in the events group', async () => {
      const { name, core } = await namespace(api())
      const event = {
        metadata: { name: 'a' },
        involvedObject: { kind: 'ConfigMap', namespace: name, name: 'x' },
        reason: 'Tested',
        message: 'it was tested',
        type: 'Normal',
        source: { component: 'suite' },
      }
      const created = await api().post(`${core}/events`, event)
      expect(created.status).toBe(201)
      const { body } = await api().get(`/apis/events.k8s.io/v1/namespaces/${name}/events/a`)
      expect(body).toMatchObject({
        apiVersion: 'events.k8s.io/v1',
        note: 'it was tested',
        regarding: { name: 'x' },
        reason: 'Tested',
      })
    })

    test('a Namespace is Active, labelled with its name and held by a finalizer in its spec', async () => {
      const { name } = await namespace(api())
      const { body } = await api().get(`/api/v1/namespaces/${name}`)
      expect(body).toMatchObject({
        metadata: { labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      })
    })
  })
}
