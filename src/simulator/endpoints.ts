import { type KubeObject, keyOf } from '../kube/object.ts'
import { applicationProtocol } from '../mesh/application-protocol.ts'
import type { WorkloadRef } from '../mesh/metric-queries.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { type ClusterView, isOf } from './cluster-view.ts'

export const deploymentKind = { group: 'apps', kind: 'Deployment' }
export const serviceKind = { group: '', kind: 'Service' }

interface DeploymentFields {
  spec?: {
    replicas?: number
    template?: { metadata?: { labels?: Record<string, string> }; spec?: { containers?: { image?: string }[] } }
  }
  status?: { observedGeneration?: number; replicas?: number; updatedReplicas?: number; availableReplicas?: number }
}

interface ServicePort {
  port: number
  name?: string
  appProtocol?: string
  protocol?: 'TCP' | 'UDP' | 'SCTP'
}

interface ServiceFields {
  spec?: { selector?: Record<string, string>; ports?: ServicePort[] }
}

/** A Deployment behind a Service. */
export interface Endpoint {
  readonly workload: WorkloadRef
  /** Image that its serving Pods run. */
  readonly image: string
  /** Replicas that take requests now; may be none. */
  readonly available: number
}

/**
 * Which Deployments answer for which Service. There are no Pods here: a Service's selector is held against the labels of the
 * Pod templates, and a Deployment counts as many times as it has available replicas.
 */
export class Endpoints implements ServiceDirectory {
  readonly #view: ClusterView
  readonly #running = new Map<string, string>()
  /** Changes whenever an answer of this object may. */
  revision = 0

  constructor(view: ClusterView) {
    this.#view = view
    view.onWrite(({ type, object }) => {
      if (isOf(object, deploymentKind)) this.#track(object, type === 'DELETED')
      else if (!isOf(object, serviceKind)) return
      this.revision += 1
    })
  }

  ports(service: ServiceRef): readonly number[] | undefined {
    const found = this.#service(service)
    return found && (found.spec?.ports ?? []).map(({ port }) => port).sort((a, b) => a - b)
  }

  protocol(service: ServiceRef, port: number): 'TCP' | 'UDP' | 'SCTP' | undefined {
    return this.#port(service, port)?.protocol
  }

  application(service: ServiceRef, port: number): 'http' | 'grpc' | 'tcp' | 'tls' | undefined {
    const found = this.#port(service, port)
    return found && applicationProtocol(found)
  }

  portNamed(service: ServiceRef, name: string): number | undefined {
    return this.#service(service)?.spec?.ports?.find((candidate) => candidate.name === name)?.port
  }

  /** The Deployments a Service selects, in the order of their names, those without available replicas included. */
  behind(service: ServiceRef): Endpoint[] {
    const selector = Object.entries(this.#service(service)?.spec?.selector ?? {})
    if (selector.length === 0) return []
    return this.#view
      .list(deploymentKind)
      .filter((deployment) => {
        const labels = (deployment as DeploymentFields).spec?.template?.metadata?.labels ?? {}
        return (
          deployment.metadata.namespace === service.namespace &&
          selector.every(([name, value]) => labels[name] === value)
        )
      })
      .map((deployment) => ({
        workload: { namespace: service.namespace, name: deployment.metadata.name },
        image: this.#running.get(keyOf(deployment.metadata)) ?? '',
        available: (deployment as DeploymentFields).status?.availableReplicas ?? 0,
      }))
      .sort((a, b) => (a.workload.name < b.workload.name ? -1 : 1))
  }

  #port(service: ServiceRef, port: number): ServicePort | undefined {
    return this.#service(service)?.spec?.ports?.find((candidate) => candidate.port === port)
  }

  #service({ namespace, name }: ServiceRef): ServiceFields | undefined {
    return this.#view.get(serviceKind, { namespace, name }) as ServiceFields | undefined
  }

  /** A Deployment that is being rolled out goes on serving what it served before, until every replica is a new one. */
  #track(deployment: KubeObject, deleted: boolean): void {
    const key = keyOf(deployment.metadata)
    const { spec, status = {} } = deployment as DeploymentFields
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
    if (deleted || availableReplicas === 0) {
      this.#running.delete(key)
      if (deleted) return
    }
    const complete = observedGeneration >= (deployment.metadata.generation ?? 0) && updatedReplicas === replicas
    if (complete || !this.#running.has(key)) this.#running.set(key, spec?.template?.spec?.containers?.[0]?.image ?? '')
  }
}
