/** Workloads and what belongs to them: apps, autoscaling, batch, coordination, discovery, events, policy. Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const workloadTypes = `
ContainerResourceMetricSource container!:string name!:string target!:MetricTarget
ContainerResourceMetricStatus container!:string current!:MetricValueStatus name!:string
ControllerRevision apiVersion:string data:any kind:string metadata:ObjectMeta revision!:int64
CronJob apiVersion:string kind:string metadata:ObjectMeta spec:CronJobSpec status:CronJobStatus
CronJobSpec concurrencyPolicy:string failedJobsHistoryLimit:int32 jobTemplate!:JobTemplateSpec schedule!:string startingDeadlineSeconds:int64 successfulJobsHistoryLimit:int32 suspend:bool timeZone:string
CronJobStatus active:[ObjectReference] lastScheduleTime:time lastSuccessfulTime:time
CrossVersionObjectReference apiVersion:string kind!:string name!:string
DaemonSet apiVersion:string kind:string metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus
DaemonSetCondition lastTransitionTime:time message:string reason:string status!:string type!:string
DaemonSetSpec minReadySeconds:int32 revisionHistoryLimit:int32 selector!:LabelSelector template!:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy
DaemonSetStatus collisionCount:int32 conditions:[DaemonSetCondition#type]+type currentNumberScheduled!:int32 desiredNumberScheduled!:int32 numberAvailable:int32 numberMisscheduled!:int32 numberReady!:int32 numberUnavailable:int32 observedGeneration:int64 updatedNumberScheduled:int32
DaemonSetUpdateStrategy rollingUpdate:RollingUpdateDaemonSet type:string
Deployment apiVersion:string kind:string metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus
DeploymentCondition lastTransitionTime:time lastUpdateTime:time message:string reason:string status!:string type!:string
DeploymentSpec minReadySeconds:int32 paused:bool progressDeadlineSeconds:int32 replicas:int32 revisionHistoryLimit:int32 selector!:LabelSelector strategy:DeploymentStrategy~ template!:PodTemplateSpec
DeploymentStatus availableReplicas:int32 collisionCount:int32 conditions:[DeploymentCondition#type]+type observedGeneration:int64 readyReplicas:int32 replicas:int32 terminatingReplicas:int32 unavailableReplicas:int32 updatedReplicas:int32
DeploymentStrategy rollingUpdate:RollingUpdateDeployment type:string
Endpoint addresses!:[string#set] conditions:EndpointConditions deprecatedTopology:{string} hints:EndpointHints hostname:string nodeName:string targetRef:ObjectReference zone:string
EndpointConditions ready:bool serving:bool terminating:bool
EndpointHints forNodes:[ForNode] forZones:[ForZone]
EndpointSlice addressType!:string apiVersion:string endpoints!:[Endpoint] kind:string metadata:ObjectMeta ports:[discovery.EndpointPort]
ExternalMetricSource metric!:MetricIdentifier target!:MetricTarget
ExternalMetricStatus current!:MetricValueStatus metric!:MetricIdentifier
ForNode name!:string
ForZone name!:string
HPAScalingPolicy periodSeconds!:int32 type!:string value!:int32
HPAScalingRules policies:[HPAScalingPolicy] selectPolicy:string stabilizationWindowSeconds:int32 tolerance:quantity
HorizontalPodAutoscaler apiVersion:string kind:string metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec status:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HorizontalPodAutoscalerCondition lastTransitionTime:time message:string reason:string status!:string type!:string
HorizontalPodAutoscalerSpec behavior:HorizontalPodAutoscalerBehavior maxReplicas!:int32 metrics:[MetricSpec] minReplicas:int32 scaleTargetRef!:CrossVersionObjectReference
HorizontalPodAutoscalerStatus conditions:[HorizontalPodAutoscalerCondition#type]+type currentMetrics:[MetricStatus] currentReplicas:int32 desiredReplicas!:int32 lastScaleTime:time observedGeneration:int64
Job apiVersion:string kind:string metadata:ObjectMeta spec:JobSpec status:JobStatus
JobCondition lastProbeTime:time lastTransitionTime:time message:string reason:string status!:string type!:string
JobSpec activeDeadlineSeconds:int64 backoffLimit:int32 backoffLimitPerIndex:int32 completionMode:string completions:int32 managedBy:string manualSelector:bool maxFailedIndexes:int32 parallelism:int32 podFailurePolicy:PodFailurePolicy podReplacementPolicy:string selector:LabelSelector successPolicy:SuccessPolicy suspend:bool template!:PodTemplateSpec ttlSecondsAfterFinished:int32
JobStatus active:int32 completedIndexes:string completionTime:time conditions:[JobCondition]+type failed:int32 failedIndexes:string ready:int32 startTime:time succeeded:int32 terminating:int32 uncountedTerminatedPods:UncountedTerminatedPods
JobTemplateSpec metadata:ObjectMeta spec:JobSpec
Lease apiVersion:string kind:string metadata:ObjectMeta spec:LeaseSpec
LeaseSpec acquireTime:time holderIdentity:string leaseDurationSeconds:int32 leaseTransitions:int32 preferredHolder:string renewTime:time strategy:string
MetricIdentifier name!:string selector:LabelSelector
MetricSpec containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type!:string
MetricStatus containerResource:ContainerResourceMetricStatus external:ExternalMetricStatus object:ObjectMetricStatus pods:PodsMetricStatus resource:ResourceMetricStatus type!:string
MetricTarget averageUtilization:int32 averageValue:quantity type!:string value:quantity
MetricValueStatus averageUtilization:int32 averageValue:quantity value:quantity
ObjectMetricSource describedObject!:CrossVersionObjectReference metric!:MetricIdentifier target!:MetricTarget
ObjectMetricStatus current!:MetricValueStatus describedObject!:CrossVersionObjectReference metric!:MetricIdentifier
PodDisruptionBudget apiVersion:string kind:string metadata:ObjectMeta spec:PodDisruptionBudgetSpec status:PodDisruptionBudgetStatus
PodDisruptionBudgetSpec maxUnavailable:intOrString minAvailable:intOrString selector:LabelSelector unhealthyPodEvictionPolicy:string
PodDisruptionBudgetStatus conditions:[Condition#type]+type currentHealthy!:int32 desiredHealthy!:int32 disruptedPods:{time} disruptionsAllowed!:int32 expectedPods!:int32 observedGeneration:int64
PodFailurePolicy rules!:[PodFailurePolicyRule]
PodFailurePolicyOnExitCodesRequirement containerName:string operator!:string values!:[int32#set]
PodFailurePolicyOnPodConditionsPattern status!:string type!:string
PodFailurePolicyRule action!:string onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:[PodFailurePolicyOnPodConditionsPattern]
PodsMetricSource metric!:MetricIdentifier target!:MetricTarget
PodsMetricStatus current!:MetricValueStatus metric!:MetricIdentifier
ReplicaSet apiVersion:string kind:string metadata:ObjectMeta spec:ReplicaSetSpec status:ReplicaSetStatus
ReplicaSetCondition lastTransitionTime:time message:string reason:string status!:string type!:string
ReplicaSetSpec minReadySeconds:int32 replicas:int32 selector!:LabelSelector template:PodTemplateSpec
ReplicaSetStatus availableReplicas:int32 conditions:[ReplicaSetCondition#type]+type fullyLabeledReplicas:int32 observedGeneration:int64 readyReplicas:int32 replicas!:int32 terminatingReplicas:int32
ResourceMetricSource name!:string target!:MetricTarget
ResourceMetricStatus current!:MetricValueStatus name!:string
RollingUpdateDaemonSet maxSurge:intOrString maxUnavailable:intOrString
RollingUpdateDeployment maxSurge:intOrString maxUnavailable:intOrString
RollingUpdateStatefulSetStrategy maxUnavailable:intOrString partition:int32
Scale apiVersion:string kind:string metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus
ScaleSpec replicas:int32
ScaleStatus replicas!:int32 selector:string
StatefulSet apiVersion:string kind:string metadata:ObjectMeta spec:StatefulSetSpec status:StatefulSetStatus
StatefulSetCondition lastTransitionTime:time message:string reason:string status!:string type!:string
StatefulSetOrdinals start:int32
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:string whenScaled:string
StatefulSetSpec minReadySeconds:int32 ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:string replicas:int32 revisionHistoryLimit:int32 selector!:LabelSelector serviceName:string template!:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[PersistentVolumeClaim]
StatefulSetStatus availableReplicas:int32 collisionCount:int32 conditions:[StatefulSetCondition#type]+type currentReplicas:int32 currentRevision:string observedGeneration:int64 readyReplicas:int32 replicas!:int32 updateRevision:string updatedReplicas:int32
StatefulSetUpdateStrategy rollingUpdate:RollingUpdateStatefulSetStrategy type:string
SuccessPolicy rules!:[SuccessPolicyRule]
SuccessPolicyRule succeededCount:int32 succeededIndexes:string
UncountedTerminatedPods failed:[string#set] succeeded:[string#set]
discovery.EndpointPort* appProtocol:string name:string port:int32 protocol:string
events.Event action:string apiVersion:string deprecatedCount:int32 deprecatedFirstTimestamp:time deprecatedLastTimestamp:time deprecatedSource:EventSource eventTime!:time kind:string metadata:ObjectMeta note:string reason:string regarding:ObjectReference related:ObjectReference reportingController:string reportingInstance:string series:events.EventSeries type:string
events.EventSeries count!:int32 lastObservedTime!:time
`
