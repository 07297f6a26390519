import type {
  V1DaemonSetSpec,
  V1DaemonSetStatus,
  V1DeploymentSpec,
  V1DeploymentStatus,
  V1JobSpec,
  V1JobStatus,
  V1ObjectReference,
  V1PodDisruptionBudgetSpec,
  V1PodDisruptionBudgetStatus,
  V1PodSpec,
  V1PodStatus,
  V1ReplicaSetSpec,
  V1ReplicaSetStatus,
  V1ServiceSpec,
  V1ServiceStatus,
  V1StatefulSetSpec,
  V1StatefulSetStatus,
  V2HorizontalPodAutoscalerSpec,
  V2HorizontalPodAutoscalerStatus,
} from '@kubernetes/client-node'
import type { KubeObject } from '../kube/object.ts'

/**
 * A type of the Kubernetes client library as it is on the wire: what the library turns into a `Date` is an RFC 3339 string,
 * because stores hold raw JSON.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Field in keyof T]: Wire<T[Field]> }
      : T

/** An object of a kind with `spec` and `status`. */
export type Native<Spec, Status> = KubeObject & { spec?: Wire<Spec>; status?: Wire<Status> }

export type Deployment = Native<V1DeploymentSpec, V1DeploymentStatus>
export type StatefulSet = Native<V1StatefulSetSpec, V1StatefulSetStatus>
export type DaemonSet = Native<V1DaemonSetSpec, V1DaemonSetStatus>
export type ReplicaSet = Native<V1ReplicaSetSpec, V1ReplicaSetStatus>
export type Pod = Native<V1PodSpec, V1PodStatus>
export type Service = Native<V1ServiceSpec, V1ServiceStatus>
export type Job = Native<V1JobSpec, V1JobStatus>
export type HorizontalPodAutoscaler = Native<V2HorizontalPodAutoscalerSpec, V2HorizontalPodAutoscalerStatus>
export type PodDisruptionBudget = Native<V1PodDisruptionBudgetSpec, V1PodDisruptionBudgetStatus>

export type ConfigMap = KubeObject & {
  data?: Record<string, string>
  binaryData?: Record<string, string>
  immutable?: boolean
}

export type Secret = KubeObject & {
  type?: string
  data?: Record<string, string>
  stringData?: Record<string, string>
  immutable?: boolean
}

/** A core/v1 Event. */
export type KubeEvent = KubeObject & {
  involvedObject: Wire<V1ObjectReference>
  reason?: string
  message?: string
  type?: string
  count?: number
  firstTimestamp?: string
  lastTimestamp?: string
}

/**
 * The types of the kinds that a phase can name in `inputs` and `outputs` without declaring them, by that name. Kinds of
 * `customParameters` are added by intersection: `NativeKinds & { widgets: Widget }`.
 *
 * A type and not an interface: only types can stand for `Record<string, KubeObject>`.
 */
export type NativeKinds = {
  events: KubeEvent
  configmaps: ConfigMap
  secrets: Secret
  services: Service
  pods: Pod
  jobs: Job
  deployments: Deployment
  replicasets: ReplicaSet
  statefulsets: StatefulSet
  daemonsets: DaemonSet
  horizontalpodautoscalers: HorizontalPodAutoscaler
  poddisruptionbudgets: PodDisruptionBudget
}
