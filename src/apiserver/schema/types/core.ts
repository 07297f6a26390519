/** The kinds of the core group besides pods. Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const coreTypes = `
AttachedVolume devicePath!:string name!:string
AzureFilePersistentVolumeSource readOnly:bool secretName!:string secretNamespace:string shareName!:string
CSIPersistentVolumeSource controllerExpandSecretRef:SecretReference controllerPublishSecretRef:SecretReference driver!:string fsType:string nodeExpandSecretRef:SecretReference nodePublishSecretRef:SecretReference nodeStageSecretRef:SecretReference readOnly:bool volumeAttributes:{string} volumeHandle!:string
CephFSPersistentVolumeSource monitors!:[string] path:string readOnly:bool secretFile:string secretRef:SecretReference user:string
CinderPersistentVolumeSource fsType:string readOnly:bool secretRef:SecretReference volumeID!:string
ClientIPConfig timeoutSeconds:int32
ConfigMap apiVersion:string binaryData:{bytes} data:{string} immutable:bool kind:string metadata:ObjectMeta
ConfigMapNodeConfigSource kubeletConfigKey!:string name!:string namespace!:string resourceVersion:string uid:string
ContainerExtendedResourceRequest containerName!:string requestName!:string resourceName!:string
ContainerImage names:[string] sizeBytes:int64
ContainerState running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting
ContainerStateRunning startedAt:time
ContainerStateTerminated containerID:string exitCode!:int32 finishedAt:time message:string reason:string signal:int32 startedAt:time
ContainerStateWaiting message:string reason:string
ContainerStatus allocatedResources:{quantity} allocatedResourcesStatus:[ResourceStatus#name]+name containerID:string image!:string imageID!:string lastState:ContainerState name!:string ready!:bool resources:ResourceRequirements restartCount!:int32 started:bool state:ContainerState stopSignal:string user:ContainerUser volumeMounts:[VolumeMountStatus#mountPath]+mountPath
ContainerUser linux:LinuxContainerUser
DaemonEndpoint Port!:int32
EndpointAddress* hostname:string ip!:string nodeName:string targetRef:ObjectReference
EndpointPort* appProtocol:string name:string port!:int32 protocol:string
EndpointSubset addresses:[EndpointAddress] notReadyAddresses:[EndpointAddress] ports:[EndpointPort]
Endpoints apiVersion:string kind:string metadata:ObjectMeta subsets:[EndpointSubset]
Event action:string apiVersion:string count:int32 eventTime:time firstTimestamp:time involvedObject!:ObjectReference kind:string lastTimestamp:time message:string metadata!:ObjectMeta reason:string related:ObjectReference reportingComponent:string reportingInstance:string series:EventSeries source:EventSource type:string
EventSeries count:int32 lastObservedTime:time
EventSource component:string host:string
FlexPersistentVolumeSource driver!:string fsType:string options:{string} readOnly:bool secretRef:SecretReference
GlusterfsPersistentVolumeSource endpoints!:string endpointsNamespace:string path!:string readOnly:bool
HostIP ip!:string
ISCSIPersistentVolumeSource chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn!:string iscsiInterface:string lun!:int32 portals:[string] readOnly:bool secretRef:SecretReference targetPortal!:string
LimitRange apiVersion:string kind:string metadata:ObjectMeta spec:LimitRangeSpec
LimitRangeItem default:{quantity} defaultRequest:{quantity} max:{quantity} maxLimitRequestRatio:{quantity} min:{quantity} type!:string
LimitRangeSpec limits!:[LimitRangeItem]
LinuxContainerUser gid!:int64 supplementalGroups:[int64] uid!:int64
LoadBalancerIngress hostname:string ip:string ipMode:string ports:[PortStatus]
LoadBalancerStatus ingress:[LoadBalancerIngress]
LocalVolumeSource fsType:string path!:string
ModifyVolumeStatus status!:string targetVolumeAttributesClassName:string
Namespace apiVersion:string kind:string metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
NamespaceCondition lastTransitionTime:time message:string reason:string status!:string type!:string
NamespaceSpec finalizers:[string]
NamespaceStatus conditions:[NamespaceCondition#type]+type phase:string
Node apiVersion:string kind:string metadata:ObjectMeta spec:NodeSpec status:NodeStatus
NodeAddress address!:string type!:string
NodeCondition lastHeartbeatTime:time lastTransitionTime:time message:string reason:string status!:string type!:string
NodeConfigSource configMap:ConfigMapNodeConfigSource
NodeConfigStatus active:NodeConfigSource assigned:NodeConfigSource error:string lastKnownGood:NodeConfigSource
NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:bool
NodeRuntimeHandler features:NodeRuntimeHandlerFeatures name:string
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:bool userNamespaces:bool
NodeSpec configSource:NodeConfigSource externalID:string podCIDR:string podCIDRs:[string#set]+ providerID:string taints:[Taint] unschedulable:bool
NodeStatus addresses:[NodeAddress#type]+type allocatable:{quantity} capacity:{quantity} conditions:[NodeCondition#type]+type config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints features:NodeFeatures images:[ContainerImage] nodeInfo:NodeSystemInfo phase:string runtimeHandlers:[NodeRuntimeHandler] volumesAttached:[AttachedVolume] volumesInUse:[string]
NodeSwapStatus capacity:int64
NodeSystemInfo architecture!:string bootID!:string containerRuntimeVersion!:string kernelVersion!:string kubeProxyVersion!:string kubeletVersion!:string machineID!:string operatingSystem!:string osImage!:string swap:NodeSwapStatus systemUUID!:string
ObjectReference* apiVersion:string fieldPath:string kind:string name:string namespace:string resourceVersion:string uid:string
PersistentVolume apiVersion:string kind:string metadata:ObjectMeta spec:PersistentVolumeSpec status:PersistentVolumeStatus
PersistentVolumeClaim apiVersion:string kind:string metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:PersistentVolumeClaimStatus
PersistentVolumeClaimCondition lastProbeTime:time lastTransitionTime:time message:string reason:string status!:string type!:string
PersistentVolumeClaimStatus accessModes:[string] allocatedResourceStatuses:{string} allocatedResources:{quantity} capacity:{quantity} conditions:[PersistentVolumeClaimCondition#type]+type currentVolumeAttributesClassName:string modifyVolumeStatus:ModifyVolumeStatus phase:string
PersistentVolumeSpec accessModes:[string] awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFilePersistentVolumeSource capacity:{quantity} cephfs:CephFSPersistentVolumeSource cinder:CinderPersistentVolumeSource claimRef:ObjectReference csi:CSIPersistentVolumeSource fc:FCVolumeSource flexVolume:FlexPersistentVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource glusterfs:GlusterfsPersistentVolumeSource hostPath:HostPathVolumeSource iscsi:ISCSIPersistentVolumeSource local:LocalVolumeSource mountOptions:[string] nfs:NFSVolumeSource nodeAffinity:VolumeNodeAffinity persistentVolumeReclaimPolicy:string photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource quobyte:QuobyteVolumeSource rbd:RBDPersistentVolumeSource scaleIO:ScaleIOPersistentVolumeSource storageClassName:string storageos:StorageOSPersistentVolumeSource volumeAttributesClassName:string volumeMode:string vsphereVolume:VsphereVirtualDiskVolumeSource
PersistentVolumeStatus lastPhaseTransitionTime:time message:string phase:string reason:string
Pod apiVersion:string kind:string metadata:ObjectMeta spec:PodSpec status:PodStatus
PodCondition lastProbeTime:time lastTransitionTime:time message:string observedGeneration:int64 reason:string status!:string type!:string
PodExtendedResourceClaimStatus requestMappings!:[ContainerExtendedResourceRequest] resourceClaimName!:string
PodIP ip!:string
PodResourceClaimStatus name!:string resourceClaimName:string
PodStatus conditions:[PodCondition#type]+type containerStatuses:[ContainerStatus] ephemeralContainerStatuses:[ContainerStatus] extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP:string hostIPs:[HostIP]+ip initContainerStatuses:[ContainerStatus] message:string nominatedNodeName:string observedGeneration:int64 phase:string podIP:string podIPs:[PodIP#ip]+ip qosClass:string reason:string resize:string resourceClaimStatuses:[PodResourceClaimStatus#name]+name~ startTime:time
PodTemplate apiVersion:string kind:string metadata:ObjectMeta template:PodTemplateSpec
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
PortStatus error:string port!:int32 protocol!:string
RBDPersistentVolumeSource fsType:string image!:string keyring:string monitors!:[string] pool:string readOnly:bool secretRef:SecretReference user:string
ReplicationController apiVersion:string kind:string metadata:ObjectMeta spec:ReplicationControllerSpec status:ReplicationControllerStatus
ReplicationControllerCondition lastTransitionTime:time message:string reason:string status!:string type!:string
ReplicationControllerSpec minReadySeconds:int32 replicas:int32 selector:{string}* template:PodTemplateSpec
ReplicationControllerStatus availableReplicas:int32 conditions:[ReplicationControllerCondition#type]+type fullyLabeledReplicas:int32 observedGeneration:int64 readyReplicas:int32 replicas!:int32
ResourceHealth health:string resourceID!:string
ResourceQuota apiVersion:string kind:string metadata:ObjectMeta spec:ResourceQuotaSpec status:ResourceQuotaStatus
ResourceQuotaSpec hard:{quantity} scopeSelector:ScopeSelector scopes:[string]
ResourceQuotaStatus hard:{quantity} used:{quantity}
ResourceStatus name!:string resources:[ResourceHealth#resourceID]
ScaleIOPersistentVolumeSource fsType:string gateway!:string protectionDomain:string readOnly:bool secretRef!:SecretReference sslEnabled:bool storageMode:string storagePool:string system!:string volumeName:string
ScopeSelector* matchExpressions:[ScopedResourceSelectorRequirement]
ScopedResourceSelectorRequirement operator!:string scopeName!:string values:[string]
Secret apiVersion:string data:{bytes} immutable:bool kind:string metadata:ObjectMeta stringData:{string} type:string
SecretReference* name:string namespace:string
Service apiVersion:string kind:string metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus
ServiceAccount apiVersion:string automountServiceAccountToken:bool imagePullSecrets:[LocalObjectReference] kind:string metadata:ObjectMeta secrets:[ObjectReference#name]+name
ServicePort appProtocol:string name:string nodePort:int32 port!:int32 protocol:string=TCP targetPort:intOrString
ServiceSpec allocateLoadBalancerNodePorts:bool clusterIP:string clusterIPs:[string] externalIPs:[string] externalName:string externalTrafficPolicy:string healthCheckNodePort:int32 internalTrafficPolicy:string ipFamilies:[string] ipFamilyPolicy:string loadBalancerClass:string loadBalancerIP:string loadBalancerSourceRanges:[string] ports:[ServicePort#port,protocol]+port publishNotReadyAddresses:bool selector:{string}* sessionAffinity:string sessionAffinityConfig:SessionAffinityConfig trafficDistribution:string type:string
ServiceStatus conditions:[Condition#type]+type loadBalancer:LoadBalancerStatus
SessionAffinityConfig clientIP:ClientIPConfig
StorageOSPersistentVolumeSource fsType:string readOnly:bool secretRef:ObjectReference volumeName:string volumeNamespace:string
Taint effect!:string key!:string timeAdded:time value:string
TopologySelectorLabelRequirement key!:string values!:[string]
TopologySelectorTerm* matchLabelExpressions:[TopologySelectorLabelRequirement]
VolumeMountStatus mountPath!:string name!:string readOnly:bool recursiveReadOnly:string
VolumeNodeAffinity required:NodeSelector
`
