import { isDeepStrictEqual } from 'node:util'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeClient } from '../kube/client.ts'
import { isNotFound, isOutdated } from '../kube/errors.ts'
import type { Informers } from '../kube/informers.ts'
import type { KubeObject } from '../kube/object.ts'
import { isRecord } from '../kube/wire.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { serviceKind } from '../mesh/core-kinds.ts'
import { serviceName } from '../mesh/service.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { objectId, type ReadLog } from './dependencies.ts'
import type { Echoes } from './echoes.ts'
import { StaleResourceError } from './status-writer.ts'

/**
 * On a Service: the annotations that an operator has set there, which operator, and for which resource. Stores have no managedFields, so that
 * this is how a value of ours is told from one that somebody else has put in its place; and nothing else tells for whom it is
 * there, as the Service is not owned by the resource.
 */
const recordAnnotation = 'mesh-autopilot.dev/annotated'

type Annotations = Readonly<Record<string, string>>

export interface ApexAnnotationsDeps {
  readonly adapter: Pick<MeshAdapter, 'annotates' | 'name'>
  readonly client: KubeClient
  readonly informers: Informers
  readonly echoes: Echoes
  /** Name of the operator. */
  readonly manager: string
}

/** What has to be written on one Service. */
export interface PlannedAnnotations {
  readonly live: KubeObject
  /** All that this operator sets there; empty to leave it without a trace. */
  readonly wanted: Annotations
}

export interface AnnotationPlan {
  readonly refusals: readonly Diagnostic[]
  readonly writes: readonly PlannedAnnotations[]
}

export const noAnnotations: AnnotationPlan = { refusals: [], writes: [] }

/**
 * Sets annotations on Services that belong to somebody else, by a server-side apply of nothing but these annotations, never with
 * force: what is given up is deleted by the API server, and only if it is still ours. The field manager is not the operator's own,
 * which may have applied the whole Service.
 */
export class ApexAnnotations {
  readonly #deps: ApexAnnotationsDeps

  constructor(deps: ApexAnnotationsDeps) {
    this.#deps = deps
  }

  /** Whether an object of a translation is annotations for a Service rather than an object of its own. */
  isPart({ apiVersion, kind }: KubeObject): boolean {
    return this.#deps.adapter.annotates !== undefined && apiVersion === 'v1' && kind === serviceKind.kind
  }

  /** What has to be written so that each apex has the annotations of its part, and those without a part none of ours. */
  plan(apexes: readonly ServiceRef[], parts: readonly KubeObject[], reads?: ReadLog): AnnotationPlan {
    const { adapter, informers } = this.#deps
    if (adapter.annotates === undefined) return noAnnotations
    const plans = apexes.map((apex): AnnotationPlan => {
      const part = parts.find(({ metadata }) => metadata.namespace === apex.namespace && metadata.name === apex.name)
      reads?.object(serviceKind, apex)
      const live = informers.of(serviceKind).store.get(apex)
      return live === undefined ? noAnnotations : this.#planOne(apex, live, part?.metadata.annotations ?? {})
    })
    return {
      refusals: plans.flatMap(({ refusals }) => refusals),
      writes: plans.flatMap(({ writes }) => writes),
    }
  }

  /** The resource for which annotations of this operator are on a Service. */
  writerOf({ metadata }: KubeObject): string | undefined {
    const record = readRecord(metadata.annotations?.[recordAnnotation])
    return record?.by === this.#deps.manager ? record.for : undefined
  }

  /** The Services that have annotations for a resource. */
  writtenFor(key: string): ServiceRef[] {
    if (this.#deps.adapter.annotates === undefined) return []
    const services = this.#deps.informers.of(serviceKind).store.list()
    return services
      .filter((service) => this.writerOf(service) === key)
      .map(({ metadata: { namespace = '', name } }) => ({ namespace, name }))
  }

  /** Sets what is wanted; nothing is given up yet. Says whether there was anything to write. */
  async apply(writer: string, { writes }: AnnotationPlan): Promise<boolean> {
    const additions = writes.filter(({ wanted }) => Object.keys(wanted).length > 0)
    for (const write of additions) await this.#write(writer, write)
    return additions.length > 0
  }

  /** Gives up what is not wanted any more. */
  async prune(writer: string, { writes }: AnnotationPlan): Promise<void> {
    for (const write of writes) if (Object.keys(write.wanted).length === 0) await this.#write(writer, write)
  }

  #planOne(apex: ServiceRef, live: KubeObject, wanted: Annotations): AnnotationPlan {
    const { adapter, manager } = this.#deps
    const { annotations: present = {} } = live.metadata
    const record = readRecord(present[recordAnnotation])
    const isOurs = record?.by === manager
    const wants = Object.keys(wanted).length > 0
    if (!wants) return { refusals: [], writes: isOurs ? [{ live, wanted }] : [] }
    const ours = isOurs ? record.annotations : {}
    const prefix = adapter.annotates?.prefix ?? ''
    const others = Object.keys(present).filter((name) => name.startsWith(prefix) && present[name] !== ours[name])
    if (others.length > 0 || (record !== undefined && !isOurs)) {
      const names = others.length > 0 ? others.sort().join(', ') : recordAnnotation
      const facts = { mesh: adapter.name, apex: serviceName(apex), names, by: isOurs ? '' : (record?.by ?? '') }
      return { refusals: [diagnostic('AP2193', facts)], writes: [] }
    }
    const isThere = isDeepStrictEqual(ours, wanted) && Object.keys(wanted).every((name) => name in present)
    return { refusals: [], writes: isThere ? [] : [{ live, wanted }] }
  }

  async #write(writer: string, { live, wanted }: PlannedAnnotations): Promise<void> {
    const { client, echoes, informers, manager } = this.#deps
    const { name, namespace, uid } = live.metadata
    const record = { [recordAnnotation]: JSON.stringify({ by: manager, for: writer, annotations: wanted }) }
    const body: KubeObject = {
      apiVersion: 'v1',
      kind: serviceKind.kind,
      metadata: {
        name,
        ...(namespace !== undefined && { namespace }),
        // An apply under a uid never makes a Service anew.
        ...(uid !== undefined && { uid }),
        ...(Object.keys(wanted).length > 0 && { annotations: { ...wanted, ...record } }),
      },
    }
    try {
      await echoes.during(
        writer,
        objectId(serviceKind, live.metadata),
        async () => {
          const written = await client.apply(serviceKind, body, { fieldManager: `${manager}-annotations` })
          informers.observe(serviceKind, written)
          return written
        },
        (written) => written.metadata.resourceVersion,
      )
    } catch (error) {
      if (isNotFound(error)) return
      if (!isOutdated(error)) throw error
      await this.#refresh(live)
      throw new StaleResourceError(`Service ${namespace ?? ''}/${name} has changed`, { cause: error })
    }
  }

  /** Somebody else has set one of them, or there is another Service of the name: the next plan is to know. */
  async #refresh({ metadata }: KubeObject): Promise<void> {
    const { client, informers } = this.#deps
    try {
      informers.observe(serviceKind, await client.get(serviceKind, metadata))
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

interface AnnotationRecord {
  readonly by: string
  readonly for: string
  readonly annotations: Annotations
}

/** Undefined when there is none; one that nobody can read is somebody else's. */
function readRecord(text: string | undefined): AnnotationRecord | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value) && typeof value['by'] === 'string' && isRecord(value['annotations'])) {
      const entries = Object.entries(value['annotations']).flatMap(([name, one]) =>
        typeof one === 'string' ? [[name, one] as const] : [],
      )
      const resource = typeof value['for'] === 'string' ? value['for'] : ''
      return { by: value['by'], for: resource, annotations: Object.fromEntries(entries) }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { by: '', for: '', annotations: {} }
}
