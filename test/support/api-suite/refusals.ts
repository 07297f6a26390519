import { describe, expect, test } from 'vitest'
import { at, type Json, list, type RequestOptions } from './client.ts'
import { configMap, deployment, install, namespace, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** A body that is refused: below which path of a namespace, and the causes as `field: message`, cut at `…`. */
type Refusal = readonly [path: string, body: Json, ...causes: string[]]

const metadata = { name: 'bad' }

function pod(container: Json): Json {
  return deployment('bad', container)
}

function template(spec: Json): Json {
  const given = deployment('bad')
  const containers = at(given, 'spec', 'template', 'spec', 'containers')
  return {
    ...given,
    spec: {
      selector: { matchLabels: { app: 'bad' } },
      template: { metadata: { labels: { app: 'bad' } }, spec: { containers, ...spec } },
    },
  }
}

function rolling(spec: Json): Json {
  const given = deployment('bad')
  return { ...given, spec: { ...Object(given.spec), ...spec } }
}

const service = (spec: Json): Json => ({ metadata, spec: { ports: [{ port: 80 }], ...spec } })
const container = 'spec.template.spec.containers[0]'

const refusals: readonly Refusal[] = [
  ['apps/v1 deployments', rolling({ strategy: { type: 'Other' } }), 'spec.strategy: Unsupported value: …'],
  [
    'apps/v1 deployments',
    rolling({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ],
  [
    'apps/v1 deployments',
    rolling({ strategy: { rollingUpdate: { maxSurge: '10', maxUnavailable: '200%' } } }),
    'spec.strategy.rollingUpdate.maxSurge: Invalid value: "10": a valid percent string must be …',
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%',
  ],
  [
    'apps/v1 deployments',
    rolling({ minReadySeconds: -1 }),
    'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'apps/v1 deployments',
    rolling({ minReadySeconds: 600 }),
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
  [
    'apps/v1 deployments',
    template({ restartPolicy: 'Never' }),
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  ['apps/v1 deployments', pod({ name: 'Bad_Name' }), `${container}.name: Invalid value: "Bad_Name": …`],
  [
    'apps/v1 deployments',
    pod({ ports: [{ containerPort: 99999 }] }),
    `${container}.ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive`,
  ],
  [
    'apps/v1 deployments',
    pod({
      ports: [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
    `${container}.ports[1].name: Duplicate value: "a"`,
  ],
  [
    'apps/v1 deployments',
    pod({ imagePullPolicy: 'Sometimes' }),
    `${container}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
  ],
  ['apps/v1 deployments', pod({ env: [{ value: 'x' }] }), `${container}.env[0].name: Required value`],
  [
    'apps/v1 deployments',
    pod({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    `${container}.volumeMounts[0].name: Not found: "v"`,
  ],
  [
    'apps/v1 deployments',
    pod({ livenessProbe: {} }),
    `${container}.livenessProbe: Required value: must specify a handler type`,
  ],
  [
    'apps/v1 deployments',
    template({ volumes: [{ name: 'v' }, { name: 'v' }] }),
    'spec.template.spec.volumes[1].name: Duplicate value: "v"',
  ],
  ['v1 services', service({ type: 'ExternalName' }), 'spec.externalName: Required value'],
  ['v1 services', service({ ports: [{ port: 80, name: 'Bad_' }] }), 'spec.ports[0].name: Invalid value: "Bad_": …'],
  [
    'v1 services',
    service({ sessionAffinity: 'x' }),
    'spec.sessionAffinity: Unsupported value: "x": supported values: "ClientIP", "None"',
  ],
  ['v1 services', service({ clusterIP: 'x' }), 'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, …'],
  ['v1 services', service({ selector: { 'bad key!': 'x' } }), 'spec.selector: Invalid value: "bad key!": …'],
  [
    'v1 services',
    service({ ports: [{ port: 80, nodePort: 30001 }] }),
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    'v1 configmaps',
    { metadata, data: { both: '1' }, binaryData: { both: 'YQ==' } },
    'data[both]: Invalid value: "both": duplicate of key present in binaryData',
  ],
  [
    'v1 configmaps',
    { metadata: { ...metadata, ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' }] } },
    'metadata.ownerReferences: Invalid value: …',
  ],
  [
    'v1 configmaps',
    { metadata: { ...metadata, ownerReferences: [{ apiVersion: 'a/b/c', kind: 'ConfigMap', name: 'e', uid: 'u' }] } },
    'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
  ],
  ['v1 secrets', { metadata, type: 'kubernetes.io/dockerconfigjson' }, 'data[.dockerconfigjson]: Required value'],
  [
    'v1 events',
    { metadata, involvedObject: { namespace: 'other' } },
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ],
  [
    'rbac.authorization.k8s.io/v1 roles',
    { metadata, rules: [{ verbs: ['get'] }] },
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ],
  [
    'rbac.authorization.k8s.io/v1 rolebindings',
    { metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Other', name: 'x' } },
    'roleRef.kind: Unsupported value: "Other": supported values: "Role", "ClusterRole"',
  ],
  ['discovery.k8s.io/v1 endpointslices', { metadata, endpoints: [] }, 'addressType: Required value'],
  [
    'coordination.k8s.io/v1 leases',
    { metadata, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ],
]

/** What built-in kinds may not be, and bodies, media types and paths that are nothing. */
export function refusalTests(api: Connected): void {
  describe.concurrent('what is refused', () => {
    test('a built-in object that breaks a rule of its kind is Invalid, with a cause per rule', async () => {
      const { name } = await namespace(api())
      for (const [resource, body, ...expected] of refusals) {
        const [groupVersion = '', plural] = resource.split(' ')
        const root = groupVersion.includes('/') ? 'apis' : 'api'
        const { status, body: answer } = await api().post(`/${root}/${groupVersion}/namespaces/${name}/${plural}`, body)
        expect(`${status} ${at(answer, 'reason')}`, expected[0]).toBe('422 Invalid')
        const causes = list(at(answer, 'details', 'causes')).map(
          (cause) => `${at(cause, 'field')}: ${at(cause, 'message')}`,
        )
        const cut = causes.map((text, index) => {
          const wanted = expected[index] ?? ''
          return wanted.endsWith('…') ? `${text.slice(0, wanted.length - 1)}…` : text
        })
        expect(cut).toEqual(expected)
      }
    })

    test('a time of a Lease has exactly six digits after the point', async () => {
      const { name } = await namespace(api())
      const path = `/apis/coordination.k8s.io/v1/namespaces/${name}/leases`
      const lease = (renewTime: string) => ({ metadata: { name: 'l' }, spec: { renewTime } })
      for (const text of ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.123Z', 'now']) {
        const { status, body } = await api().post(path, lease(text))
        expect(status).toBe(400)
        expect(body.message).toContain('2006-01-02T15:04:05.000000Z07:00')
      }
      expect((await api().post(path, lease('2020-01-01T00:00:00.123456Z'))).status).toBe(201)
    })

    test('a quantity that is none cannot be decoded', async () => {
      const { apps } = await namespace(api())
      const body = deployment('q', { resources: { limits: { cpu: 'much' } } })
      const { status, body: answer } = await api().post(`${apps}/deployments`, body)
      expect(status).toBe(400)
      expect(answer.message).toContain('quantities must match the regular expression')
    })

    test('a list where a map belongs cannot be decoded, also when it is empty; null is nothing', async () => {
      const { core } = await namespace(api())
      const refused = await api().post(`${core}/configmaps`, { metadata: { name: 'a' }, data: [] })
      expect(refused.status).toBe(400)
      const nothing = await api().post(`${core}/configmaps`, { metadata: { name: 'a' }, data: { key: null } })
      expect(nothing.body.data).toEqual({ key: '' })
    })

    test('the name of a field manager has at most 128 bytes', async () => {
      const { core } = await namespace(api())
      const query = { fieldManager: 'x'.repeat(129) }
      const { status, body } = await api().post(`${core}/configmaps`, configMap('a'), query)
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0, 'field')).toBe('fieldManager')
    })

    test('a body in a form that objects do not come in is an unsupported media type', async () => {
      const { core } = await namespace(api())
      for (const type of ['text/plain', 'application/xml', 'application/cbor', 'not a type']) {
        const options: RequestOptions = { body: configMap('a'), type }
        const { status, body } = await api().request('POST', `${core}/configmaps`, options)
        expect(status).toBe(415)
        expect(body.reason).toBe('UnsupportedMediaType')
      }
      const charset = { body: configMap('a'), type: 'application/json; charset=utf-8' }
      expect((await api().request('POST', `${core}/configmaps`, charset)).status).toBe(201)
    })

    test('a path with an empty part leads nowhere; one without its namespace reads all of them and no more', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('kept'))
      expect((await api().get('/api/v1//configmaps')).status).toBe(404)
      expect((await api().delete('/api/v1//configmaps')).status).toBe(404)
      const unnamed = '/api/v1/namespaces//configmaps'
      expect((await api().get(unnamed, { limit: 1 })).status).toBe(200)
      for (const answer of [await api().delete(unnamed), await api().get(`${unnamed}/kept`)]) {
        expect([answer.status, answer.body.message]).toEqual([400, 'Namespace parameter required.'])
      }
      expect((await api().get(`${core}/configmaps/kept`)).status).toBe(200)
    })

    test('what is in a namespace is not read, created or deleted without it', async () => {
      expect((await api().get('/api/v1/configmaps/a')).status).toBe(404)
      expect((await api().post('/api/v1/configmaps', configMap('a'))).status).toBe(405)
      expect((await api().delete('/api/v1/configmaps?dryRun=All')).status).toBe(405)
    })

    test('documents are only read, and versions that are not there are a Status', async () => {
      for (const path of ['/version', '/api/v1', '/apis/apps/v1']) expect((await api().post(path, {})).status).toBe(405)
      for (const path of ['/api/v2', '/apis/apps/v2']) {
        const { status, body } = await api().get(path)
        expect([status, body.reason]).toEqual([404, 'NotFound'])
      }
    })

    test('a Scale is read as one: its kind, its name and its number', async () => {
      const { name, apps } = await namespace(api())
      await api().post(`${apps}/deployments`, deployment('d'))
      const path = `${apps}/deployments/d/scale`
      const scale = (rest: Json) => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, ...rest })
      expect((await api().put(path, {})).status).toBe(400)
      expect((await api().put(path, deployment('d'))).status).toBe(400)
      expect((await api().put(path, scale({ metadata: { name: 'e' } }))).status).toBe(400)
      expect((await api().put(path, scale({ spec: { replicas: 'three' } }))).status).toBe(400)
      expect((await api().merge(path, { spec: { replicas: 'three' } })).status).toBe(422)
      expect((await api().put(path, scale({ spec: { replicas: 3 } }))).status).toBe(200)
      expect(at((await api().get(path)).body, 'metadata', 'namespace')).toBe(name)
    })

    test('when an object goes is not set by a write', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const time = { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } }
      const { status, body } = await api().merge(`${core}/configmaps/a`, time)
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0, 'field')).toBe('metadata.deletionTimestamp')
    })

    test('a custom resource is not patched into another version, nor without the version it was read at', async () => {
      const { name } = await namespace(api())
      const kind = widgets({ type: 'object', properties: { size: { type: 'integer' } } })
      await install(api(), kind)
      await api().post(kind.path(name), kind.object('w', { size: 1 }))
      const other = await api().merge(`${kind.path(name)}/w`, { apiVersion: 'other.example.com/v1' })
      expect([other.status, at(other.body, 'details', 'causes', 0, 'field')]).toEqual([422, 'apiVersion'])
      const any = await api().merge(`${kind.path(name)}/w`, { metadata: { resourceVersion: '' } })
      expect([any.status, at(any.body, 'details', 'causes', 0, 'field')]).toEqual([422, 'metadata.resourceVersion'])
    })

    test('a warning about unknown fields comes with a refusal too', async () => {
      const { name } = await namespace(api())
      const kind = widgets({ type: 'object', properties: { size: { type: 'integer' } } })
      await install(api(), kind)
      const { status, headers } = await api().post(kind.path(name), kind.object('w', { size: 'x', other: 1 }))
      expect(status).toBe(422)
      expect(headers.warning).toContain('unknown field')
    })
  })
}
