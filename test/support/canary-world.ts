import { isDeepStrictEqual } from 'node:util'
import pino from 'pino'
import operator from '../../operators/canary/src/generated/operator.ts'
import type { CanaryDeployment } from '../../operators/canary/src/generated/phases.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { TrafficSplit } from '../../src/mesh/outputs.ts'
import type { Command } from '../../src/operator/command.ts'
import type { OperatorDefinition } from '../../src/operator/definition.ts'
import type { Deployment, HorizontalPodAutoscaler, Service } from '../../src/operator/kinds.ts'
import type { FinalizerResult, NativeOutput, PhaseResult } from '../../src/operator/worker.ts'
import { canary, namespace, podinfo, podinfoService } from './podinfo.ts'
import {
  deepFreeze,
  listerOf,
  type Measurements,
  metricsOf,
  milliseconds,
  percentage,
  trafficOf,
} from './worker-inputs.ts'

const definition: OperatorDefinition = operator
/** As autopilot.yaml says. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  promote: ['Evaluating'],
  abort: ['Evaluating', 'Promoting'],
  retry: ['Waiting'],
}
const kinds = { deployments: 'Deployment', services: 'Service', horizontalpodautoscalers: 'HorizontalPodAutoscaler' }
type Plural = keyof typeof kinds

/** A namespace in which a canary runs: objects, the mesh's split, a clock. Nothing happens in it but by its methods. */
export class CanaryWorld {
  now = Date.parse('2026-01-01T00:00:00Z')
  splits: readonly TrafficSplit[] = []
  /** Whether the mesh follows what is asked of it. */
  meshFollows = true
  /** Whether the mesh answers late: then what a worker wants remembered, changed or removed waits for the answer, as in the runtime. */
  meshAnswersLate = false
  /** Images whose pods never become available. */
  readonly broken = new Set<string>()
  measurements: Measurements = { successRate: percentage(100), latency: milliseconds(20) }
  /** What was wrong with the traffic after any single write. */
  readonly violations: string[] = []
  readonly history: string[] = []
  /** What the last answer said has to be mended. */
  problem: string | undefined
  readonly others: CanaryDeployment[] = []
  /** What somebody says; the worker is given it until its answer has taken effect, or refused in phases that do not know it. */
  command: Pick<Command, 'verb' | 'by' | 'reason'> | undefined
  /** Why the last command was not followed. */
  refused: string | undefined
  resource: CanaryDeployment
  private readonly objects = new Map<string, KubeObject>()
  private observed: readonly TrafficSplit[] = []
  /** Deployments that lost their pods by no doing of the operator's. */
  private readonly lost = new Set<string>()
  private entered = this.now

  constructor(fields: Record<string, unknown> = {}, objects: KubeObject[] = [podinfo(), podinfoService()]) {
    this.resource = canary('podinfo', fields)
    for (const object of objects) this.put(object)
  }

  deployment(name = 'podinfo'): Deployment | undefined {
    return this.objects.get(`Deployment/${name}`) as Deployment | undefined
  }

  service(name = 'podinfo'): Service | undefined {
    return this.objects.get(`Service/${name}`) as Service | undefined
  }

  autoscaler(name: string): HorizontalPodAutoscaler | undefined {
    return this.objects.get(`HorizontalPodAutoscaler/${name}`) as HorizontalPodAutoscaler | undefined
  }

  get phase(): string {
    return this.resource.status?.phase ?? 'Initializing'
  }

  get reason(): string {
    return this.history.at(-1) ?? ''
  }

  /** The share of the canary in percent, by the split that was asked for. */
  get weight(): number | undefined {
    return this.splits[0]?.backends.find(({ service }) => service.endsWith('-canary'))?.weight
  }

  put(object: KubeObject): void {
    this.objects.set(`${object.kind}/${object.metadata.name}`, structuredClone(object))
  }

  remove(kind: string, name: string): void {
    this.objects.delete(`${kind}/${name}`)
  }

  /** What a user does to the target: fields of its spec are merged. */
  edit(kind: Plural, name: string, fields: Record<string, unknown>): void {
    const live = this.objects.get(`${kinds[kind]}/${name}`)
    if (live === undefined) throw new Error(`${kind} ${name} does not exist`)
    this.write(merge(live, fields) as KubeObject)
  }

  setImage(image: string, name = 'podinfo'): void {
    const containers = this.deployment(name)?.spec?.template.spec?.containers.map((container) => ({
      ...container,
      image,
    }))
    this.edit('deployments', name, { spec: { template: { spec: { containers } } } })
  }

  /** One call of the phase's worker; what it answers is applied, unless the operator dies before it stored the status. */
  async sync({ dies = false } = {}): Promise<PhaseResult> {
    const worker = definition.workers[this.phase]
    if (worker === undefined) throw new Error(`no worker for ${this.phase}`)
    if (this.command && verbs[this.command.verb]?.includes(this.phase) !== true) this.command = undefined
    const { command } = this
    const at = new Date(this.now).toISOString()
    const result = await worker.sync({ ...this.context(), command: command && { ...command, at } })
    this.history.push(result.reason ?? '')
    this.problem = result.problem
    if (this.held(result.outputs ?? {})) return result
    this.apply(result.outputs ?? {})
    if (dies) return result
    this.store(result.status, result.next)
    if (command) this.refused = result.refuses
    this.command = undefined
    return result
  }

  /** One call of the finalizer; when it is done, what the resource owns goes. */
  async finalize({ dies = false } = {}): Promise<FinalizerResult> {
    const result = await definition.finalizer?.sync({ ...this.context(), command: undefined })
    if (result === undefined) throw new Error('no finalizer')
    this.history.push(result.reason ?? '')
    if (this.held(result.outputs ?? {})) return { ...result, done: false }
    this.apply(result.outputs ?? {})
    if (!dies) this.store(result.status)
    if (result.done)
      for (const object of [...this.objects.values()])
        if (this.owns(object)) this.remove(object.kind, object.metadata.name)
    this.check()
    return result
  }

  /** Deployments do what they are asked to, as far as their images let them. */
  progress(): void {
    this.lost.clear()
    for (const object of this.objects.values()) {
      if (object.kind !== 'Deployment') continue
      const deployment = object as Deployment
      const wanted = deployment.spec?.replicas ?? 1
      const images = deployment.spec?.template.spec?.containers.map(({ image }) => image ?? '') ?? []
      const works = !images.some((image) => this.broken.has(image))
      const { availableReplicas = 0, updatedReplicas = 0 } = deployment.status ?? {}
      const fresh = updatedReplicas === 0 && availableReplicas > 0
      deployment.status = {
        observedGeneration: deployment.metadata.generation ?? 0,
        replicas: works || !fresh ? wanted : wanted + 1,
        updatedReplicas: works || !fresh ? wanted : 1,
        availableReplicas: works ? wanted : Math.min(availableReplicas, wanted),
      }
    }
    this.check()
  }

  /** Pods of a Deployment that are lost. */
  lose(name: string): void {
    const deployment = this.deployment(name)
    if (!deployment) return
    deployment.status = { ...deployment.status, availableReplicas: 0 }
    this.lost.add(name)
  }

  /** Calls the worker when it wants to be called, until a phase is reached and nothing moves any more in it. */
  async run(until: string, limit = 200): Promise<void> {
    for (let count = 0; count < limit; count++) {
      const { after = 5_000, next } = await this.sync()
      this.progress()
      if (this.phase === until && next === undefined) return
      this.now += typeof after === 'number' ? after : 5_000
    }
    throw new Error(`still in ${this.phase} and not in ${until}: ${this.reason}`)
  }

  private context() {
    const all = [...this.objects.values()]
    const of = (kind: string) => listerOf(all.filter((object) => object.kind === kind))
    if (this.meshFollows) this.observed = this.splits
    return {
      resource: deepFreeze(structuredClone(this.resource)),
      inputs: {
        deployments: of('Deployment'),
        services: of('Service'),
        horizontalpodautoscalers: of('HorizontalPodAutoscaler'),
        canarydeployments: listerOf([...this.others, this.resource]),
        trafficsplits: trafficOf(this.observed, namespace, (service) =>
          (this.service(service)?.spec?.ports ?? []).map(({ port }) => port),
        ),
        metrics: metricsOf(this.measurements),
      },
      now: this.now,
      entered: this.entered,
      log: pino({ level: 'silent' }),
      signal: new AbortController().signal,
    }
  }

  private store(status: Readonly<Record<string, unknown>> = {}, next?: string): void {
    const changed = {
      ...this.resource.status,
      ...status,
      ...(next !== undefined && { phase: next }),
      outputs: { trafficsplits: this.splits },
    }
    for (const [field, value] of Object.entries(changed))
      if (value === null) delete changed[field as keyof typeof changed]
    this.resource = { ...this.resource, status: changed as NonNullable<CanaryDeployment['status']> }
    if (next !== undefined) this.entered = this.now
  }

  /** A late answer: objects and traffic are there, and noted as asked for; nothing else has happened. */
  private held(outputs: Readonly<Record<string, unknown>>): boolean {
    const { trafficsplits, ...native } = outputs
    if (!this.meshAnswersLate || trafficsplits === undefined || isDeepStrictEqual(trafficsplits, this.splits))
      return false
    for (const wanted of Object.values(native)) this.create(wanted as NativeOutput[])
    this.route(trafficsplits as TrafficSplit[])
    this.store()
    return true
  }

  private apply(outputs: Readonly<Record<string, unknown>>): void {
    const { trafficsplits, ...native } = outputs
    const kindsWanted = Object.entries(native).map(
      ([plural, wanted]) => [plural as Plural, wanted as NativeOutput[]] as const,
    )
    for (const [, wanted] of kindsWanted) this.create(wanted)
    if (trafficsplits !== undefined) this.route(trafficsplits as TrafficSplit[])
    for (const [plural, wanted] of kindsWanted) this.changeAndRemove(plural, wanted)
    this.check()
  }

  private route(splits: readonly TrafficSplit[]): void {
    const before = this.weight ?? 0
    this.splits = splits
    const after = this.weight ?? 0
    if (after > before && (this.deployment('podinfo-canary')?.status?.availableReplicas ?? 0) === 0)
      this.violations.push(`${this.phase}: weight is added to a canary without pods`)
    this.check()
  }

  private changeAndRemove(plural: Plural, wanted: readonly NativeOutput[]): void {
    const names = new Set(wanted.flatMap((output) => ('object' in output ? [output.object.metadata.name] : [])))
    for (const output of wanted) if ('edit' in output) this.edit(plural, output.edit.name, output.edit.fields)
    for (const object of [...this.objects.values()])
      if (object.kind === kinds[plural] && this.owns(object) && !names.has(object.metadata.name))
        this.remove(object.kind, object.metadata.name)
  }

  private create(wanted: readonly NativeOutput[]): void {
    for (const output of wanted) {
      if ('edit' in output) continue
      const { object, initially = [] } = output
      const live = this.objects.get(`${object.kind}/${object.metadata.name}`)
      if (live !== undefined && !this.owns(live)) throw new Error(`${object.kind} ${object.metadata.name} is not ours`)
      const desired = structuredClone(object)
      for (const path of initially) if (live) keepLive(desired, live, path)
      this.write({
        ...live,
        ...desired,
        metadata: {
          ...live?.metadata,
          ...desired.metadata,
          labels: { ...live?.metadata.labels, ...desired.metadata.labels },
          annotations: { ...live?.metadata.annotations, ...desired.metadata.annotations },
          ownerReferences: [
            {
              apiVersion: this.resource.apiVersion,
              kind: 'CanaryDeployment',
              name: 'podinfo',
              uid: 'uid-podinfo-canary',
            },
          ],
        },
      })
    }
  }

  /** Stores an object; a Deployment's pods that are no longer wanted go at once, new ones come with `progress`. */
  private write(object: KubeObject): void {
    const key = `${object.kind}/${object.metadata.name}`
    const live = this.objects.get(key)
    const changed = !isDeepStrictEqual(live?.spec, object.spec)
    object.metadata = { ...object.metadata, generation: (live?.metadata.generation ?? 0) + (changed ? 1 : 0) }
    this.objects.set(key, object)
    if (object.kind !== 'Deployment' || !changed) return
    const deployment = object as Deployment
    const retemplated = !isDeepStrictEqual((live as Deployment | undefined)?.spec?.template, deployment.spec?.template)
    const { availableReplicas = 0, updatedReplicas = 0, ...status } = deployment.status ?? {}
    const routed = this.observed.some(({ backends }) =>
      backends.some(({ service, weight }) => service === object.metadata.name && weight > 0),
    )
    if (live && retemplated && routed && object.metadata.name.endsWith('-canary'))
      this.violations.push(`${this.phase}: another template for a canary that has traffic`)
    const restarts = retemplated && deployment.spec?.strategy?.type === 'Recreate'
    deployment.status = {
      ...status,
      updatedReplicas: retemplated ? 0 : updatedReplicas,
      availableReplicas: restarts ? 0 : Math.min(availableReplicas, deployment.spec?.replicas ?? 1),
    }
    this.check()
  }

  private owns({ metadata }: KubeObject): boolean {
    return metadata.ownerReferences?.some(({ uid }) => uid === this.resource.metadata.uid) ?? false
  }

  /** The rule that no request may be lost: weight only where pods are, and pods behind the Service itself. */
  private check(): void {
    const serves = (name: string) => {
      const selector = Object.entries(this.service(name)?.spec?.selector ?? {})
      return [...this.objects.values()].some((object) => {
        const { spec, status } = object as Deployment
        const labels = object.kind === 'Deployment' ? spec?.template.metadata?.labels : undefined
        return labels && (status?.availableReplicas ?? 0) > 0 && selector.every(([key, value]) => labels[key] === value)
      })
    }
    if (this.service() && !serves('podinfo')) this.violations.push(`${this.phase}: Service podinfo has no pods`)
    for (const { backends } of this.splits)
      for (const { service, weight } of backends)
        if (weight > 0 && !serves(service) && !this.lost.has(service))
          this.violations.push(`${this.phase}: ${weight} % on ${service}, which has no pods`)
    for (const { backends } of this.observed)
      for (const { service, weight } of backends)
        if (weight > 0 && this.deployment(service) === undefined)
          this.violations.push(`${this.phase}: ${service} is gone and the mesh still sends it ${weight} %`)
  }
}

function merge(live: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return structuredClone(patch)
  const result: Record<string, unknown> = { ...(live as Record<string, unknown>) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key], value)
  }
  return result
}

function keepLive(desired: KubeObject, live: KubeObject, path: readonly string[]): void {
  const at = (object: unknown, keys: readonly string[]) =>
    keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)
  const last = path.at(-1)
  const parent = at(desired, path.slice(0, -1)) as Record<string, unknown> | undefined
  if (parent && last !== undefined) parent[last] = at(live, path)
}
