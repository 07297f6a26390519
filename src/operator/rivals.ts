import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Discovery } from '../kube/discovery.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import { appliedAnnotation, managedByLabel } from '../kube/ownership.ts'
import type { StoreChange } from '../kube/store.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { Claim } from '../mesh/claim.ts'
import { sameService, serviceName } from '../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../mesh/traffic.ts'
import { objectId, type ReadLog } from './dependencies.ts'

/** Set to `true` on somebody else's route, it says that whoever owns the Service knows of both and wants both. */
const coexistAnnotation = 'mesh-autopilot.dev/coexist'

interface Rival {
  readonly object: KubeObject
  readonly claims: readonly Claim[]
}

/**
 * The routes that others have, by the Services they are about. Another operator of this framework is another as any; an object
 * that lost one mark of this operator is still known by the others.
 */
export class Rivals {
  readonly #adapter: MeshAdapter
  readonly #manager: string
  readonly #owner: Pick<Kind, 'group' | 'kind'>
  readonly #byApex = new Map<string, Map<string, Rival>>()
  #kinds: readonly Kind[] = []

  /** `manager` is the value of the managed-by label, `owner` the kind of the resources that own what this operator writes. */
  constructor(adapter: MeshAdapter, manager: string, owner: Pick<Kind, 'group' | 'kind'>) {
    this.#adapter = adapter
    this.#manager = manager
    this.#owner = owner
  }

  /** Kinds to watch besides those that the adapter writes. */
  get kinds(): readonly Kind[] {
    return this.#kinds
  }

  /** Whether objects of the kind have something to say here, whatever else they are watched for. */
  concerns({ group, plural }: Kind): boolean {
    return [...this.#adapter.kinds, ...this.#kinds].some((kind) => kind.group === group && kind.plural === plural)
  }

  /** Says which of the adapter's rivals the cluster has. To be called before anything is watched. */
  installed(kinds: readonly Kind[]): void {
    this.#kinds = kinds
  }

  /** Takes over a change of an object. Answers the Services about which there is something else to say now. */
  update(kind: Kind, change: StoreChange): readonly ServiceRef[] {
    const id = objectId(kind, change.object.metadata)
    const before = this.#claimsOf(change.type === 'changed' ? change.previous : change.object)
    const now = change.type === 'deleted' ? [] : this.#claimsOf(change.object)
    for (const { service } of before) this.#remove(service, id)
    for (const { service } of now) this.#add(service, id, { object: change.object, claims: now })
    return [...new Map([...before, ...now].map(({ service }) => [serviceName(service), service])).values()]
  }

  /** One diagnostic for each rival that claims a port of the traffic; the reader hears of it when one comes or goes. */
  problems({ service, ports, policies }: ServiceTraffic, reads: ReadLog): Diagnostic[] {
    reads.other(claimsId(service))
    const rivals = [...(this.#byApex.get(serviceName(service))?.values() ?? [])]
    const problems = rivals.flatMap(({ object, claims }) => {
      const claim = claims.find(
        (one) =>
          sameService(one.service, service) &&
          (ports.some(({ port }) => (one.port ?? port) === port) ||
            (one.hidesAnnotations === true && policies?.breaker !== undefined)),
      )
      if (claim === undefined) return []
      return [
        diagnostic('AP2220', { rival: describeRival(object), apex: serviceName(service), because: claim.because }),
      ]
    })
    return problems.sort((a, b) => (a.message < b.message ? -1 : 1))
  }

  #claimsOf(object: KubeObject): readonly Claim[] {
    if (this.#isOurs(object) || object.metadata.annotations?.[coexistAnnotation] === 'true') return []
    return this.#adapter.claims(object)
  }

  #isOurs({ metadata }: KubeObject): boolean {
    const { group, kind } = this.#owner
    return (
      metadata.labels?.[managedByLabel] === this.#manager ||
      metadata.annotations?.[appliedAnnotation]?.startsWith(`${this.#manager}/`) === true ||
      metadata.ownerReferences?.some((one) => one.kind === kind && one.apiVersion.startsWith(`${group}/`)) === true
    )
  }

  #add(service: ServiceRef, id: string, rival: Rival): void {
    const rivals = this.#byApex.get(serviceName(service)) ?? new Map<string, Rival>()
    this.#byApex.set(serviceName(service), rivals)
    rivals.set(id, rival)
  }

  #remove(service: ServiceRef, id: string): void {
    const rivals = this.#byApex.get(serviceName(service))
    if (rivals?.delete(id) && rivals.size === 0) this.#byApex.delete(serviceName(service))
  }
}

/** The rivals of an adapter that the cluster serves, one version of each. */
export async function installedRivals(adapter: MeshAdapter, discovery: Discovery): Promise<Kind[]> {
  const resourceOf = ({ group, plural }: Kind) => `${plural}.${group}`
  const written = new Set(adapter.kinds.map(resourceOf))
  const candidates = Map.groupBy(
    adapter.rivals.filter((kind) => !written.has(resourceOf(kind))),
    resourceOf,
  )
  const found = await Promise.all([...candidates.values()].map((versions) => discovery.firstServed(versions)))
  return found.flatMap((kind) => kind ?? [])
}

/** How dependencies call what others say about a Service. */
export function claimsId(service: ServiceRef): string {
  return `claims on ${serviceName(service)}`
}

/** `VirtualService shop/web (managed by helm)`. */
function describeRival({ kind, metadata }: KubeObject): string {
  const name = `${kind} ${serviceName({ namespace: metadata.namespace ?? 'default', name: metadata.name })}`
  const manager = metadata.labels?.[managedByLabel]
  return manager === undefined ? name : `${name} (managed by ${manager})`
}
