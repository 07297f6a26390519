import type { FaultBackendPod } from '../mesh/fault-backend-objects.ts'

/** What autopilot.yaml says, validated and with its defaults filled in. */
export interface Project {
  readonly kind: string
  readonly group: string
  readonly version: string
  /** Lower-case plural of the kind, as in paths and CRD names. */
  readonly plural: string
  readonly operatorName: string
  readonly phases: readonly Phase[]
  readonly enableFinalizer: boolean
  readonly customParameters: readonly CustomParameter[]
  readonly queries: readonly QueryTemplate[]
  /** What people may tell a resource to do, besides to pause and to resume. */
  readonly verbs: readonly Verb[]
}

/** One phase of the workflow. Input and output names are lower-case plurals such as `deployments` and `trafficsplits`. */
export interface Phase {
  readonly name: string
  readonly description: string
  readonly initial: boolean
  readonly final: boolean
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** The phases this one may go to; absent means any. */
  readonly next?: readonly string[]
}

/** A word by which people steer a resource, such as `promote`: `ap promote NAME`. */
export interface Verb {
  readonly name: string
  readonly description: string
  /** The phases in which it may be said. Their workers are given it, final ones excepted. */
  readonly phases: readonly string[]
  /** The phase it leads to out of a final one, which has no worker to decide. */
  readonly next?: string
}

/** A kind beyond the built-in ones that phases may read or write. */
export interface CustomParameter {
  readonly lowerName: string
  readonly singleName: string
  readonly pluralName: string
  readonly apiGroup: string
  /** API version; when the file leaves it out, the end of its Go `package`, else `v1`. */
  readonly version: string
  readonly namespaced: boolean
}

/** A custom metric query: PromQL with holes such as `{{ .Namespace }}`, filled from the parameters by name. */
export interface QueryTemplate {
  readonly name: string
  readonly queryTemplate: string
  readonly parameters: readonly string[]
}

/** What autopilot-operator.yaml says, with the defaults of the original. Durations are milliseconds. */
export interface OperatorConfig {
  readonly version: string
  /** An adapter's name, in lower case: `istio`, `linkerd`, `smi`, `gateway-api` or a third party's. */
  readonly meshProvider: string
  readonly controlPlaneNs: string
  readonly workInterval: number
  /** Address for /metrics, /healthz and /readyz (`:9091`); empty disables it. */
  readonly metricsAddr: string
  readonly enableLeaderElection: boolean
  /** Empty means the whole cluster. */
  readonly watchNamespace: string
  readonly leaderElectionNamespace: string
  /** 0 debug, 1 info, 2 warn, 3 error. */
  readonly logLevel: number
  /** Which adapter's metric queries to use; the mesh provider's own unless given. */
  readonly metricsProvider: string
  readonly clusterDomain: string
  /** Trust domain of the mesh's identities; the mesh's own default where absent. */
  readonly trustDomain?: string
  /** API versions to write, by group, such as `split.smi-spec.io: v1alpha2`; the adapter's default where absent. */
  readonly meshApiVersions: Readonly<Record<string, string>>
  readonly prometheus: PrometheusConfig
  /** Of fault backends that the operator makes. */
  readonly faultBackend: FaultBackendPod
}

export interface PrometheusConfig {
  /** Base address, such as http://prometheus.istio-system:9090. */
  readonly url: string
  /** Bound of one query, in milliseconds. */
  readonly timeout: number
  readonly bearerTokenFile?: string
  readonly caFile?: string
  readonly insecureSkipVerify: boolean
}
