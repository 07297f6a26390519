/**
 * What a project imports: the contract of workers, the neutral model, and the contract of adapters.
 */
export type { Kind, KubeObject, ObjectMeta } from './kube/object.ts'
export type { AccessDestination, AccessGrant, Labels, ServiceAccountRef, WorkloadAccess } from './mesh/access.ts'
export type { AccessAdapter, MtlsAdapter, ObservedAccess, ObservedMtls } from './mesh/access-adapter.ts'
export type { AccessCall } from './mesh/access-decision.ts'
export type { Acceptance, MeshAdapter, MeshContext, MeshKind, MeshProvider, ObservedTraffic } from './mesh/adapter.ts'
export { adapterModule } from './mesh/adapter-module.ts'
export {
  circuitBreaker,
  faultInjection,
  headerPolicy,
  httpRouteGroup,
  mtlsPolicy,
  rateLimit,
  retryPolicy,
  sessionAffinity,
  tcpRoute,
  trafficMirror,
  trafficSplit,
  trafficTarget,
} from './mesh/builders.ts'
export { type Capabilities, emulated, type Feature, type Limits, native, unsupported } from './mesh/capabilities.ts'
export type { Claim } from './mesh/claim.ts'
export type { Enrollment, Surroundings } from './mesh/enrollment.ts'
export type { HeaderMatch, HttpMatch, PathMatch, StringMatch, ValueMatch } from './mesh/match.ts'
export type { MetricQueries, MetricTarget, WorkloadRef } from './mesh/metric-queries.ts'
export type { MtlsMode, MtlsPolicy } from './mesh/mtls.ts'
export type { FieldPath, FieldProblem, ObjectProblem, ObjectReading } from './mesh/object-reading.ts'
export type {
  FaultInjection,
  HeaderPolicy,
  HttpRouteGroup,
  MtlsOutput,
  NeutralOutputs,
  RetryCondition,
  RetryPolicy,
  ServiceAccountName,
  SplitBackend,
  TcpRoute,
  TrafficMirror,
  TrafficSplit,
  TrafficTarget,
} from './mesh/outputs.ts'
export type { PodLimit } from './mesh/pod-limits.ts'
export type { LimitSurroundings, ObservedLimits, PodLimitsAdapter, WrittenLimit } from './mesh/pod-limits-adapter.ts'
export type { MeshRequest, Outcome, RoutingDecision, RoutingRetries, ServiceDirectory } from './mesh/routing.ts'
export type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from './mesh/traffic.ts'
export type { Fault, HeaderChanges, Mirror, Redirect, Retries, Rewrite, Treatment } from './mesh/treatment.ts'
export type { PodSelection, Workload, WorkloadDirectory } from './mesh/workloads.ts'
export type { MetricResult } from './metrics/metrics.ts'
export type { Command, CommandRecord } from './operator/command.ts'
export { defineOperator, type OperatorDefinition } from './operator/definition.ts'
export type { NativeKinds } from './operator/kinds.ts'
export type {
  FinalizerWorker,
  OutputsOf,
  PhaseWorker,
  ResourceOf,
  ResultOf,
  StatusPatch,
} from './operator/phase-types.ts'
export type { Condition, PhaseVisit, WorkflowStatus } from './operator/status.ts'
export type { EditOutput, Lister, MetricsInput, NativeOutput, OwnedOutput, TrafficInput } from './operator/worker.ts'
export { k8s } from './project/k8s-types.ts'
