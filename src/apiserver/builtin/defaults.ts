import type { KubeObject } from '../../kube/object.ts'
import { at, equalJson, isJsonObject, type JsonObject, listOf, objectOf, withAt } from '../json.ts'

/**
 * Defaults of the built-in kinds that clients rely on. Source: `pkg/apis/{core,apps,batch,autoscaling}/v1/defaults.go`.
 * All of them answer a new object and leave their argument as it is.
 */

/** The fields of `defaults` where `value` has none. */
function fill(value: unknown, defaults: JsonObject): JsonObject {
  const filled: JsonObject = { ...objectOf(value) }
  for (const [field, preset] of Object.entries(defaults)) filled[field] ??= preset
  return filled
}

function withSpec(object: KubeObject, spec: JsonObject): KubeObject {
  return { ...object, spec }
}

function mapList(value: unknown, change: (item: JsonObject) => JsonObject): unknown {
  return Array.isArray(value) ? value.map((item) => (isJsonObject(item) ? change(item) : item)) : value
}

function probe(value: JsonObject): JsonObject {
  const filled = fill(value, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })
  return isJsonObject(filled.httpGet)
    ? { ...filled, httpGet: fill(filled.httpGet, { path: '/', scheme: 'HTTP' }) }
    : filled
}

function container(value: JsonObject): JsonObject {
  const image = typeof value.image === 'string' ? value.image : ''
  const tag = /:([^/:@]+)$/.exec(image)?.[1]
  const latest = !image.includes('@') && (tag === undefined || tag === 'latest')
  const filled = fill(value, {
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
  if (filled.ports !== undefined) filled.ports = mapList(filled.ports, (port) => fill(port, { protocol: 'TCP' }))
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const given = filled[name]
    if (isJsonObject(given)) filled[name] = probe(given)
  }
  if (filled.env !== undefined) {
    filled.env = mapList(filled.env, (variable) => {
      const reference = at(variable, 'valueFrom', 'fieldRef')
      if (!isJsonObject(reference)) return variable
      return withAt(variable, ['valueFrom', 'fieldRef'], fill(reference, { apiVersion: 'v1' }))
    })
  }
  return filled
}

function volume(value: JsonObject): JsonObject {
  const filled = { ...value }
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    if (isJsonObject(filled[source])) filled[source] = fill(filled[source], { defaultMode: 420 })
  }
  if (isJsonObject(filled.hostPath)) filled.hostPath = fill(filled.hostPath, { type: '' })
  return Object.keys(value).length > 1 ? filled : fill(value, { emptyDir: {} })
}

function podSpec(value: unknown): JsonObject {
  const filled = fill(value, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
  })
  for (const name of ['containers', 'initContainers']) {
    if (filled[name] !== undefined) filled[name] = mapList(filled[name], container)
  }
  if (filled.volumes !== undefined) filled.volumes = mapList(filled.volumes, volume)
  if (typeof filled.serviceAccountName === 'string') filled.serviceAccount ??= filled.serviceAccountName
  return filled
}

function template(spec: JsonObject): JsonObject {
  if (!isJsonObject(spec.template)) return spec
  const given = spec.template
  return { ...spec, template: { ...given, metadata: objectOf(given.metadata), spec: podSpec(given.spec) } }
}

export function completePod(object: KubeObject): KubeObject {
  return withSpec(object, fill(podSpec(object.spec), { enableServiceLinks: true }))
}

/** What admission adds to every Pod, and the state it starts in. */
export function preparePod(object: KubeObject): KubeObject {
  const tolerations = ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  const spec = fill(object.spec, { preemptionPolicy: 'PreemptLowerPriority', priority: 0, tolerations })
  return { ...object, spec, status: fill(object.status, { phase: 'Pending', qosClass: qualityOf(spec) }) }
}

/** The quality of service that a Pod's resources give it. */
function qualityOf(spec: JsonObject): string {
  const resources = listOf(spec.containers).map((one) => objectOf(objectOf(one).resources))
  if (resources.every(({ requests, limits }) => requests === undefined && limits === undefined)) return 'BestEffort'
  const guaranteed = resources.every(({ requests, limits }) => {
    const { cpu, memory } = objectOf(limits)
    return cpu !== undefined && memory !== undefined && (requests === undefined || equalJson(requests, limits))
  })
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

export function completeDeployment(object: KubeObject): KubeObject {
  const spec = fill(template(objectOf(object.spec)), {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  })
  const strategy = fill(spec.strategy, { type: 'RollingUpdate' })
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate = fill(strategy.rollingUpdate, { maxUnavailable: '25%', maxSurge: '25%' })
  }
  return withSpec(object, { ...spec, strategy })
}

export function completeReplicaSet(object: KubeObject): KubeObject {
  return withSpec(object, fill(template(objectOf(object.spec)), { replicas: 1 }))
}

export function completeStatefulSet(object: KubeObject): KubeObject {
  const spec = fill(template(objectOf(object.spec)), {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  })
  const updateStrategy = fill(spec.updateStrategy, { type: 'RollingUpdate' })
  if (updateStrategy.type === 'RollingUpdate') {
    updateStrategy.rollingUpdate = fill(updateStrategy.rollingUpdate, { partition: 0 })
  }
  return withSpec(object, { ...spec, updateStrategy })
}

export function completeDaemonSet(object: KubeObject): KubeObject {
  const spec = fill(template(objectOf(object.spec)), { revisionHistoryLimit: 10 })
  const updateStrategy = fill(spec.updateStrategy, { type: 'RollingUpdate' })
  if (updateStrategy.type === 'RollingUpdate') {
    updateStrategy.rollingUpdate = fill(updateStrategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 })
  }
  return withSpec(object, { ...spec, updateStrategy })
}

export function completeJob(object: KubeObject): KubeObject {
  const spec = template(objectOf(object.spec))
  const uid = object.metadata.uid ?? ''
  const labels = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': object.metadata.name }
  const filled = fill(spec, {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    manualSelector: undefined,
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
  })
  if (isJsonObject(filled.template)) {
    const metadata = objectOf(filled.template.metadata)
    filled.template = {
      ...filled.template,
      metadata: { ...metadata, labels: { ...labels, ...objectOf(metadata.labels) } },
    }
  }
  return withSpec(object, filled)
}

export function completeCronJob(object: KubeObject): KubeObject {
  const defaults = {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  }
  const spec = fill(object.spec, defaults)
  const job = objectOf(spec.jobTemplate)
  return withSpec(object, { ...spec, jobTemplate: { ...job, spec: template(objectOf(job.spec)) } })
}

export function completeAutoscaler(object: KubeObject): KubeObject {
  const utilization = { type: 'Utilization', averageUtilization: 80 }
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: utilization } }]
  return {
    ...withSpec(object, fill(object.spec, { minReplicas: 1, metrics })),
    status: fill(object.status, { desiredReplicas: 0, currentMetrics: null }),
  }
}

export function completeSecret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object
  const type = rest.type ?? 'Opaque'
  if (!isJsonObject(stringData)) return { ...rest, type }
  const data: JsonObject = { ...objectOf(rest.data) }
  for (const [name, value] of Object.entries(stringData)) data[name] = Buffer.from(String(value)).toString('base64')
  return { ...rest, type, data }
}

export function completeNamespace(object: KubeObject): KubeObject {
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
  return { ...object, metadata: { ...object.metadata, labels } }
}

/** Every Namespace is Active at first, and held until it is empty. */
export function prepareNamespace(object: KubeObject): KubeObject {
  const spec = fill(object.spec, { finalizers: ['kubernetes'] })
  return { ...object, spec, status: fill(object.status, { phase: 'Active' }) }
}

export function completeEndpoints(object: KubeObject): KubeObject {
  const subsets = mapList(object.subsets, (subset) => {
    const ports = mapList(subset.ports, (port) => fill(port, { protocol: 'TCP' }))
    return ports === undefined ? subset : { ...subset, ports }
  })
  return subsets === undefined ? object : { ...object, subsets }
}

/** Without `roleRef.apiGroup` and the group of user and group subjects, which rbac assumes. */
export function completeBinding(object: KubeObject): KubeObject {
  const group = 'rbac.authorization.k8s.io'
  const subjects = mapList(object.subjects, (subject) => {
    return subject.kind === 'ServiceAccount' ? subject : fill(subject, { apiGroup: group })
  })
  const bound = { ...object, roleRef: fill(object.roleRef, { apiGroup: group }) }
  return subjects === undefined ? bound : { ...bound, subjects }
}

export function completeEndpointSlice(object: KubeObject): KubeObject {
  const ports = mapList(object.ports, (port) => fill(port, { name: '', protocol: 'TCP' }))
  return ports === undefined ? object : { ...object, ports, endpoints: listOf(object.endpoints) }
}
