import type { KubeObject } from '../kube/object.ts'
import { type Cluster, nowOf } from './cluster.ts'
import { at, equalJson, isJsonObject, numberOf, objectOf, stringOf } from './json.ts'
import type { Bucket, Change } from './store.ts'
import { timestamp } from './time.ts'
import { updateObject, type Write } from './write.ts'

/** How Deployments behave here. */
export interface WorkloadOptions {
  /** How long a new replica takes to become available, in milliseconds. */
  readonly readyAfter?: number
  /** Deployments whose new replicas never become available. Asked at each change of a Deployment's template. */
  readonly failing?: (deployment: KubeObject) => boolean
}

/** What runs of one Deployment. */
interface Rollout {
  /** The template that new replicas have. */
  template: unknown
  revision: number
  /** Available replicas of the current template and of those before it. */
  current: number
  old: number
  failing: boolean
  paused: boolean
  startedAt: number
  /** When the last change of the template or of the number of replicas became known. */
  generation: number
  stop: () => void
}

const revisionAnnotation = 'deployment.kubernetes.io/revision'

/**
 * Makes Deployments available without Pods: new replicas need `readyAfter` milliseconds (and `minReadySeconds`), old ones stay
 * available meanwhile unless the strategy is Recreate, and a Deployment that fails reports its progress deadline.
 */
export class WorkloadController {
  readonly #cluster: Cluster
  readonly #readyAfter: number
  readonly #failing: (deployment: KubeObject) => boolean
  readonly #settleSoon: () => void
  readonly #rollouts = new Map<string, Rollout>()
  readonly #dirty = new Set<string>()

  constructor(cluster: Cluster, options: WorkloadOptions, settleSoon: () => void) {
    this.#cluster = cluster
    this.#readyAfter = options.readyAfter ?? 2000
    this.#failing = options.failing ?? (() => false)
    this.#settleSoon = settleSoon
  }

  /** Takes a commit in; true when `settle` has something to do. */
  observe(bucket: Bucket, { type, object }: Change): boolean {
    if (bucket.name !== 'deployments') return false
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    if (type === 'DELETED') {
      const uid = object.metadata.uid ?? ''
      this.#rollouts.get(uid)?.stop()
      this.#rollouts.delete(uid)
      return false
    }
    const observed = numberOf(at(object.status, 'observedGeneration'))
    if ((object.metadata.generation ?? 0) <= observed) return false
    this.#dirty.add(key)
    return true
  }

  settle(): void {
    for (const key of [...this.#dirty]) {
      this.#dirty.delete(key)
      const deployment = this.#find(key)
      if (deployment !== undefined) this.#reconcile(key, deployment)
    }
  }

  close(): void {
    for (const rollout of this.#rollouts.values()) rollout.stop()
  }

  #find(key: string): KubeObject | undefined {
    const slash = key.indexOf('/')
    return this.#cluster.store.bucket('deployments').get(key.slice(0, slash), key.slice(slash + 1))
  }

  #reconcile(key: string, deployment: KubeObject): void {
    const uid = deployment.metadata.uid ?? ''
    const spec = objectOf(deployment.spec)
    const wanted = replicasOf(deployment)
    const rollout = this.#rollouts.get(uid) ?? this.#begin(deployment)
    this.#rollouts.set(uid, rollout)
    const paused = spec.paused === true
    if (!paused && !equalJson(rollout.template, spec.template)) {
      rollout.template = spec.template
      rollout.revision += 1
      rollout.old += rollout.current
      rollout.current = 0
      rollout.failing = this.#failing(deployment)
      rollout.startedAt = this.#cluster.clock.now()
      if (at(spec, 'strategy', 'type') === 'Recreate') rollout.old = 0
    }
    rollout.current = Math.min(rollout.current, wanted)
    rollout.old = Math.min(rollout.old, Math.max(0, wanted - rollout.current))
    rollout.generation = deployment.metadata.generation ?? 0
    rollout.paused = paused
    this.#report(deployment, rollout)
    if (rollout.current < wanted && !paused) this.#schedule(key, deployment, rollout)
    else this.#finish(key, rollout)
  }

  #begin(deployment: KubeObject): Rollout {
    return {
      template: objectOf(deployment.spec).template,
      revision: Math.max(1, Number(deployment.metadata.annotations?.[revisionAnnotation] ?? 1) || 1),
      current: 0,
      old: 0,
      failing: this.#failing(deployment),
      paused: false,
      startedAt: this.#cluster.clock.now(),
      generation: 0,
      stop: () => {},
    }
  }

  #schedule(key: string, deployment: KubeObject, rollout: Rollout): void {
    rollout.stop()
    const spec = objectOf(deployment.spec)
    const { clock } = this.#cluster
    if (rollout.failing) {
      const deadline = rollout.startedAt + numberOf(spec.progressDeadlineSeconds) * 1000
      rollout.stop = clock.after(Math.max(0, deadline - clock.now()), () => this.#wake(key))
      return
    }
    const delay = this.#readyAfter + numberOf(spec.minReadySeconds) * 1000
    rollout.stop = clock.after(delay, () => {
      const current = this.#find(key)
      if (current === undefined) return
      rollout.current = replicasOf(current)
      rollout.old = 0
      this.#wake(key)
    })
  }

  #finish(_key: string, rollout: Rollout): void {
    rollout.stop()
    rollout.old = 0
  }

  #wake(key: string): void {
    const deployment = this.#find(key)
    const rollout = this.#rollouts.get(deployment?.metadata.uid ?? '')
    if (deployment === undefined || rollout === undefined) return
    this.#report(deployment, rollout)
    this.#settleSoon()
  }

  /** Writes status and revision, as the deployment controller would. */
  #report(deployment: KubeObject, rollout: Rollout): void {
    const revision = String(rollout.revision)
    const annotated =
      deployment.metadata.annotations?.[revisionAnnotation] === revision
        ? deployment
        : this.#write(deployment, '', {
            ...deployment,
            metadata: {
              ...deployment.metadata,
              annotations: { ...deployment.metadata.annotations, [revisionAnnotation]: revision },
            },
          })
    this.#write(annotated, 'status', { ...annotated, status: this.#statusOf(annotated, rollout) })
  }

  #write(stored: KubeObject, subresource: '' | 'status', next: KubeObject): KubeObject {
    const served = this.#cluster.registry.find('apps', 'v1', 'deployments')
    if (served === undefined) return stored
    const write: Write = {
      cluster: this.#cluster,
      ...served,
      namespace: stored.metadata.namespace,
      subresource,
      writer: { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'apps/v1', subresource },
      dryRun: false,
      strictness: 'Ignore',
      warnings: [],
    }
    return updateObject(write, stored, next)
  }

  #statusOf(deployment: KubeObject, rollout: Rollout): Record<string, unknown> {
    const spec = objectOf(deployment.spec)
    const wanted = replicasOf(deployment)
    const complete = rollout.current >= wanted
    const old = complete ? 0 : rollout.old
    const surge = portion(at(spec, 'strategy', 'rollingUpdate', 'maxSurge'), wanted, Math.ceil)
    const scalingOnly = rollout.current > 0 && old === 0
    const updated =
      complete || old === 0 || scalingOnly ? wanted : Math.max(rollout.current, Math.min(wanted, Math.max(1, surge)))
    const available = Math.min(rollout.current + old, updated + old)
    const replicas = updated + old
    const unavailable = Math.max(0, replicas - available)
    return {
      observedGeneration: rollout.generation,
      ...counts({
        replicas,
        updatedReplicas: updated,
        readyReplicas: available,
        availableReplicas: available,
        unavailableReplicas: unavailable,
      }),
      conditions: this.#conditions(deployment, rollout, available, complete),
    }
  }

  #conditions(deployment: KubeObject, rollout: Rollout, available: number, complete: boolean): unknown[] {
    const spec = objectOf(deployment.spec)
    const wanted = replicasOf(deployment)
    const maxUnavailable = portion(at(spec, 'strategy', 'rollingUpdate', 'maxUnavailable'), wanted, Math.floor)
    const enough = available >= wanted - maxUnavailable
    const name = `${deployment.metadata.name}-${rollout.revision}`
    const late = this.#cluster.clock.now() >= rollout.startedAt + numberOf(spec.progressDeadlineSeconds) * 1000
    const progressing = rollout.paused
      ? ['Unknown', 'DeploymentPaused', 'Deployment is paused']
      : complete
        ? ['True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`]
        : rollout.failing && late
          ? ['False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`]
          : ['True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`]
    return [
      this.#condition(
        deployment,
        'Available',
        enough
          ? ['True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.']
          : ['False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'],
      ),
      this.#condition(deployment, 'Progressing', progressing),
    ]
  }

  #condition(
    deployment: KubeObject,
    type: string,
    [status, reason, message]: readonly (string | undefined)[],
  ): unknown {
    const before = at(deployment.status, 'conditions')
    const known = Array.isArray(before) ? before.find((one) => isJsonObject(one) && one.type === type) : undefined
    if (isJsonObject(known) && known.status === status && known.reason === reason && known.message === message)
      return known
    const now = nowOf(this.#cluster)
    const since = isJsonObject(known) && known.status === status ? stringOf(known.lastTransitionTime) : now
    return {
      type,
      status,
      lastUpdateTime: timestamp(this.#cluster.clock.now()),
      lastTransitionTime: since,
      reason,
      message,
    }
  }
}

function replicasOf(deployment: KubeObject): number {
  const replicas = at(deployment.spec, 'replicas')
  return typeof replicas === 'number' ? replicas : 1
}

/** A count or a percentage of the replicas. */
function portion(value: unknown, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(stringOf(value))
  return percent === null ? 0 : round((Number(percent[1]) * replicas) / 100)
}

/** Zero counts are left out, as Go writes them. */
function counts(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0))
}
