import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CanaryDeployment } from '../../../operators/canary/src/generated/phases.ts'
import { createContainer, meshProviders } from '../../../src/container.ts'
import { apiVersionOf, type KubeObject } from '../../../src/kube/object.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { ServiceRef } from '../../../src/mesh/traffic.ts'
import type { Deployment } from '../../../src/operator/kinds.ts'
import type { AuditCall, AuditMark } from '../cluster/audit.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { MeshName } from '../cluster/crds.ts'
import { waitFor } from '../cluster/processes.ts'
import { waysOf } from './apex.ts'
import { Installation, type LiveOperator } from './installation.ts'
import { canaryKind, deploymentKind, type KindOf, serviceKind } from './kinds.ts'
import { answerRoutes } from './mesh-controller.ts'
import { type Change, Recorder, Snapshot } from './recorder.ts'
import { ApexTelemetry, type TelemetryEndpoint } from './telemetry.ts'

const manifest = join(import.meta.dirname, '..', '..', '..', 'operators', 'canary', 'examples', 'podinfo.yaml')

/** Where the operator of a story measures, and what its metrics say. */
export interface StoryTelemetry {
  readonly endpoint: TelemetryEndpoint
  readonly prometheusUrl: string
}

export interface StoryOptions {
  /** Whether the mesh answers routes. */
  readonly answers?: boolean
  /** An operator that runs already and watches the story's namespace too. */
  readonly installed?: Installation
  /** Whether podinfo is there from the beginning. */
  readonly podinfo?: boolean
}

/**
 * podinfo and one canary of it in a namespace of their own, with an operator that watches it, under one mesh. Everything that
 * happens to the objects is recorded.
 */
export class CanaryStory {
  readonly cluster: Cluster
  readonly namespace: string
  readonly adapter: MeshAdapter
  readonly apex: ServiceRef
  readonly installation: Installation
  readonly recorder: Recorder
  readonly telemetry: ApexTelemetry
  readonly began: AuditMark
  readonly #prometheusUrl: string
  #operator: LiveOperator | undefined

  private constructor(parts: {
    readonly cluster: Cluster
    readonly namespace: string
    readonly adapter: MeshAdapter
    readonly installation: Installation
    readonly recorder: Recorder
    readonly telemetry: ApexTelemetry
    readonly began: AuditMark
    readonly prometheusUrl: string
  }) {
    this.cluster = parts.cluster
    this.namespace = parts.namespace
    this.adapter = parts.adapter
    this.apex = { namespace: parts.namespace, name: 'podinfo' }
    this.installation = parts.installation
    this.recorder = parts.recorder
    this.telemetry = parts.telemetry
    this.began = parts.began
    this.#prometheusUrl = parts.prometheusUrl
  }

  /** Applies podinfo and the operator's manifests, and starts the operator. */
  static async begin(
    cluster: Cluster,
    mesh: MeshName,
    { endpoint, prometheusUrl }: StoryTelemetry,
    { answers = true, installed, podinfo = true }: StoryOptions = {},
  ): Promise<CanaryStory> {
    const adapter = adapterOf(mesh)
    const namespace = await cluster.namespace(mesh, adapter.enrollment?.namespaceLabels)
    const began = await cluster.audit.mark()
    const installation = installed ?? (await Installation.apply(cluster, mesh, namespace))
    const kinds = [canaryKind, deploymentKind, serviceKind, ...adapter.kinds]
    const recorder = await Recorder.start(cluster.admin, namespace, kinds)
    if (answers) answerRoutes(adapter, recorder, cluster.client)
    const telemetry = new ApexTelemetry(mesh, adapter, { namespace, name: 'podinfo' }, recorder)
    const parts = { cluster, namespace, adapter, installation, recorder, telemetry, began, prometheusUrl }
    const story = new CanaryStory(parts)
    if (podinfo) await story.applyPodinfo()
    endpoint.add(telemetry)
    if (installed === undefined) await story.startOperator()
    return story
  }

  /** The example's manifest, a little quicker to be available. */
  async applyPodinfo(): Promise<void> {
    const text = (await readFile(manifest, 'utf8')).replace('minReadySeconds: 3', 'minReadySeconds: 1')
    await this.cluster.kubectl(['-n', this.namespace, 'apply', '-f', '-'], { stdin: text })
    await this.cluster.kubectl(['-n', this.namespace, 'rollout', 'status', 'deployment/podinfo', '--timeout=60s'])
    await this.until('podinfo is seen', () => this.deployment('podinfo')?.status?.availableReplicas === 2)
    this.telemetry.lost = 0
  }

  async startOperator(): Promise<void> {
    this.#operator = await this.installation.start({
      watchNamespace: this.namespace,
      workInterval: '5s',
      prometheus: { url: this.#prometheusUrl },
    })
  }

  get operator(): LiveOperator {
    if (this.#operator === undefined) throw new Error('the operator was not started')
    return this.#operator
  }

  async applyCanary(spec: object, name = 'podinfo'): Promise<void> {
    const canary = {
      apiVersion: 'autopilot.examples.io/v1',
      kind: 'CanaryDeployment',
      metadata: { name },
      spec: { deployment: 'podinfo', ports: [9898], ...spec },
    }
    const stdin = JSON.stringify(canary)
    await this.cluster.kubectl(['-n', this.namespace, 'apply', '-f', '-'], { stdin })
  }

  async setImage(tag: string): Promise<void> {
    const image = `podinfod=stefanprodan/podinfo:${tag}`
    await this.cluster.kubectl(['-n', this.namespace, 'set', 'image', 'deployment/podinfo', image])
  }

  canary(name = 'podinfo'): CanaryDeployment | undefined {
    return this.recorder.now.get(canaryKind, name)
  }

  /** A condition as `status: reason: message`. */
  condition(type: string, name = 'podinfo'): string | undefined {
    const found = this.canary(name)?.status?.conditions?.find((condition) => condition.type === type)
    return found && `${found.status}: ${found.reason}: ${found.message}`
  }

  deployment(name: string): Deployment | undefined {
    return this.recorder.now.get(deploymentKind, name)
  }

  imageOf(name: string): string | undefined {
    return this.deployment(name)?.spec?.template.spec?.containers[0]?.image
  }

  /** The canary's share of the traffic by the mesh's objects as they are now, in percent. */
  share(): number {
    return shareOf(this.adapter, this.apex, this.recorder.now)
  }

  /** Waits for something to be seen by the recorder. The error says where the canary stands. */
  async until(what: string, seen: () => boolean, timeout = 90_000): Promise<void> {
    const processes = this.#operator === undefined ? [] : [this.#operator.process]
    try {
      await waitFor(what, async () => seen(), { timeout, every: 25, processes })
    } catch (error) {
      throw new Error(
        `${what}: it is not so; the canary's status is ${JSON.stringify(this.canary()?.status, undefined, 2)}`,
        {
          cause: error,
        },
      )
    }
  }

  /** Waits until the canary rests in Waiting after so many visits of phases, and until all that led there is seen. */
  async untilWaiting(visits: number): Promise<void> {
    await this.until(`it rests in Waiting as phase ${visits}`, () => {
      const status = this.canary()?.status
      return status?.phase === 'Waiting' && (status.phaseHistory?.length ?? 0) >= visits
    })
    await this.untilSeen()
  }

  /** The canary's share after each change of it, from a change on. */
  shares(from = 0): number[] {
    const shares: number[] = []
    for (const { snapshot, change } of replay(this.recorder.changes())) {
      const share = shareOf(this.adapter, this.apex, snapshot)
      if (change.revision >= from && shares.at(-1) !== share) shares.push(share)
    }
    return shares
  }

  /**
   * What was said anew on the canary about others that are late, while its share was so, from a change on: a mesh that owes an
   * answer, metrics that are not there yet. The operator has no part in how often that happens.
   */
  latenessAt(share: number, from: number): string[] {
    const all: string[] = []
    let said: readonly string[] = []
    for (const { snapshot, change } of replay(this.recorder.changes())) {
      const conditions = snapshot.get(canaryKind, 'podinfo')?.status?.conditions ?? []
      const late = conditions.filter(
        ({ reason, message }) => reason === 'Pending' || /no (traffic|measurement)/.test(message),
      )
      const messages = late.map(({ message }) => message)
      const isNow = change.revision >= from && shareOf(this.adapter, this.apex, snapshot) === share
      if (isNow) all.push(...messages.filter((message) => !said.includes(message)))
      said = messages
    }
    return all
  }

  /** The objects of a kind as the API server has them now, whatever the recorder has seen. */
  async objects<T extends KubeObject>(kind: KindOf<T>): Promise<T[]> {
    const root = kind.group === '' ? '/api' : '/apis'
    const path = `${root}/${apiVersionOf(kind)}/namespaces/${this.namespace}/${kind.plural}`
    const { items } = (await this.cluster.client.ask('GET', path)) as { items: T[] }
    return items
  }

  /** Waits until the recorder has seen what there is now: each kind is watched on a stream of its own, and any may be behind. */
  async untilSeen(): Promise<void> {
    for (const kind of [canaryKind, deploymentKind, serviceKind, ...this.adapter.kinds]) {
      const objects = await this.objects<KubeObject>(kind)
      const names = objects.map(({ metadata }) => metadata.name)
      const isSeen = ({ metadata }: KubeObject) =>
        Number(this.recorder.now.get<KubeObject>(kind, metadata.name)?.metadata.resourceVersion ?? 0) >=
        Number(metadata.resourceVersion)
      await this.until(`the ${kind.plural} are seen`, () => {
        const seen = this.recorder.now.list<KubeObject>(kind)
        return seen.every(({ metadata }) => names.includes(metadata.name)) && objects.every(isSeen)
      })
    }
  }

  /** What the operator asked of the API server between two moments, in order. */
  async calls(from: AuditMark, to: AuditMark): Promise<AuditCall[]> {
    const { user } = this.installation.account
    return (await this.cluster.audit.calls(from, to)).filter((call) => call.user === user)
  }

  /** The cluster's revision that was seen last. */
  revision(): number {
    return this.recorder.changes().at(-1)?.revision ?? 0
  }

  async end(): Promise<void> {
    await this.#operator?.stop()
    this.recorder.stop()
  }
}

/** The objects after each change. The snapshot is the same one, changed. */
export function* replay(
  changes: readonly Change[],
): Generator<{ readonly change: Change; readonly snapshot: Snapshot }> {
  const snapshot = new Snapshot()
  for (const change of changes) {
    snapshot.apply(change)
    yield { change, snapshot }
  }
}

function shareOf(adapter: MeshAdapter, apex: ServiceRef, snapshot: Snapshot): number {
  const ways = waysOf(adapter, apex, snapshot)
  const share = ways.filter(({ service }) => service === `${apex.name}-canary`).reduce((sum, way) => sum + way.share, 0)
  return Math.round(share * 100)
}

function adapterOf(mesh: MeshName): MeshAdapter {
  const provider = meshProviders(createContainer()).find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`there is no adapter for ${mesh}`)
  return provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
}
