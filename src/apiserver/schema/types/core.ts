/** The kinds of the core group besides pods. Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const coreTypes = `
AttachedVolume devicePath!:string@2 name!:string@1
AzureFilePersistentVolumeSource readOnly:bool@3 secretName!:string@1 secretNamespace:string?@4 shareName!:string@2
CSIPersistentVolumeSource controllerExpandSecretRef:SecretReference@9 controllerPublishSecretRef:SecretReference@6 driver!:string@1 fsType:string@4 nodeExpandSecretRef:SecretReference@10 nodePublishSecretRef:SecretReference@8 nodeStageSecretRef:SecretReference@7 readOnly:bool@3 volumeAttributes:{string}@5 volumeHandle!:string@2
CephFSPersistentVolumeSource monitors!:[string]@1 path:string@2 readOnly:bool@6 secretFile:string@4 secretRef:SecretReference@5 user:string@3
CinderPersistentVolumeSource fsType:string@2 readOnly:bool@3 secretRef:SecretReference@4 volumeID!:string@1
ClientIPConfig timeoutSeconds:int32?@1
ConfigMap apiVersion:string binaryData:{bytes}@3 data:{string}@2 immutable:bool?@4 kind:string metadata:ObjectMeta&@1
ConfigMapNodeConfigSource kubeletConfigKey!:string@5 name!:string@2 namespace!:string@1 resourceVersion:string@4 uid:string@3
ContainerExtendedResourceRequest containerName!:string@1 requestName!:string@3 resourceName!:string@2
ContainerImage names:[string]@1 sizeBytes:int64@2
ContainerState running:ContainerStateRunning@2 terminated:ContainerStateTerminated@3 waiting:ContainerStateWaiting@1
ContainerStateRunning startedAt:time@1
ContainerStateTerminated containerID:string@7 exitCode!:int32@1 finishedAt:time@6 message:string@4 reason:string@3 signal:int32@2 startedAt:time@5
ContainerStateWaiting message:string@2 reason:string@1
ContainerStatus allocatedResources:{quantity}@10 allocatedResourcesStatus:[ResourceStatus#name]+name@14 containerID:string@8 image!:string@6 imageID!:string@7 lastState:ContainerState&@3 name!:string@1 ready!:bool@4 resources:ResourceRequirements@11 restartCount!:int32@5 started:bool?@9 state:ContainerState&@2 stopSignal:string?@15 user:ContainerUser@13 volumeMounts:[VolumeMountStatus#mountPath]+mountPath@12
ContainerUser linux:LinuxContainerUser@1
DaemonEndpoint Port!:int32@1
EndpointAddress* hostname:string@3 ip!:string@1 nodeName:string?@4 targetRef:ObjectReference@2
EndpointPort* appProtocol:string?@4 name:string@1 port!:int32@2 protocol:string@3
EndpointSubset addresses:[EndpointAddress]@1 notReadyAddresses:[EndpointAddress]@2 ports:[EndpointPort]@3
Endpoints apiVersion:string kind:string metadata:ObjectMeta&@1 subsets:[EndpointSubset]@2
Event action:string@12 apiVersion:string count:int32@8 eventTime:microTime@10 firstTimestamp:time@6 involvedObject!:ObjectReference&@2 kind:string lastTimestamp:time@7 message:string@4 metadata!:ObjectMeta&@1 reason:string@3 related:ObjectReference@13 reportingComponent:string@14 reportingInstance:string@15 series:EventSeries@11 source:EventSource&@5 type:string@9
EventSeries count:int32@1 lastObservedTime:microTime@2
EventSource component:string@1 host:string@2
FlexPersistentVolumeSource driver!:string@1 fsType:string@2 options:{string}@5 readOnly:bool@4 secretRef:SecretReference@3
GlusterfsPersistentVolumeSource endpoints!:string@1 endpointsNamespace:string?@4 path!:string@2 readOnly:bool@3
HostIP ip!:string@1
ISCSIPersistentVolumeSource chapAuthDiscovery:bool@8 chapAuthSession:bool@11 fsType:string@5 initiatorName:string?@12 iqn!:string@2 iscsiInterface:string@4 lun!:int32@3 portals:[string]@7 readOnly:bool@6 secretRef:SecretReference@10 targetPortal!:string@1
LimitRange apiVersion:string kind:string metadata:ObjectMeta&@1 spec:LimitRangeSpec&@2
LimitRangeItem default:{quantity}@4 defaultRequest:{quantity}@5 max:{quantity}@2 maxLimitRequestRatio:{quantity}@6 min:{quantity}@3 type!:string@1
LimitRangeSpec limits!:[LimitRangeItem]@1
LinuxContainerUser gid!:int64@2 supplementalGroups:[int64]@3 uid!:int64@1
LoadBalancerIngress hostname:string@2 ip:string@1 ipMode:string?@3 ports:[PortStatus]@4
LoadBalancerStatus ingress:[LoadBalancerIngress]@1
LocalVolumeSource fsType:string?@2 path!:string@1
ModifyVolumeStatus status!:string@2 targetVolumeAttributesClassName:string@1
Namespace apiVersion:string kind:string metadata:ObjectMeta&@1 spec:NamespaceSpec&@2 status:NamespaceStatus&@3
NamespaceCondition lastTransitionTime:time@4 message:string@6 reason:string@5 status!:string@2 type!:string@1
NamespaceSpec finalizers:[string]@1
NamespaceStatus conditions:[NamespaceCondition#type]+type@2 phase:string@1
Node apiVersion:string kind:string metadata:ObjectMeta&@1 spec:NodeSpec&@2 status:NodeStatus&@3
NodeAddress address!:string@2 type!:string@1
NodeCondition lastHeartbeatTime:time@3 lastTransitionTime:time@4 message:string@6 reason:string@5 status!:string@2 type!:string@1
NodeConfigSource configMap:ConfigMapNodeConfigSource@2
NodeConfigStatus active:NodeConfigSource@2 assigned:NodeConfigSource@1 error:string@4 lastKnownGood:NodeConfigSource@3
NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint&@1
NodeFeatures supplementalGroupsPolicy:bool?@1
NodeRuntimeHandler features:NodeRuntimeHandlerFeatures@2 name:string@1
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:bool?@1 userNamespaces:bool?@2
NodeSpec configSource:NodeConfigSource@6 externalID:string@2 podCIDR:string@1 podCIDRs:[string#set]+@7 providerID:string@3 taints:[Taint]@5 unschedulable:bool@4
NodeStatus addresses:[NodeAddress#type]+type@5 allocatable:{quantity}@2 capacity:{quantity}@1 conditions:[NodeCondition#type]+type@4 config:NodeConfigStatus@11 daemonEndpoints:NodeDaemonEndpoints&@6 features:NodeFeatures@13 images:[ContainerImage]@8 nodeInfo:NodeSystemInfo&@7 phase:string@3 runtimeHandlers:[NodeRuntimeHandler]@12 volumesAttached:[AttachedVolume]@10 volumesInUse:[string]@9
NodeSwapStatus capacity:int64?@1
NodeSystemInfo architecture!:string@10 bootID!:string@3 containerRuntimeVersion!:string@6 kernelVersion!:string@4 kubeProxyVersion!:string@8 kubeletVersion!:string@7 machineID!:string@1 operatingSystem!:string@9 osImage!:string@5 swap:NodeSwapStatus@11 systemUUID!:string@2
ObjectReference* apiVersion:string@5 fieldPath:string@7 kind:string@1 name:string@3 namespace:string@2 resourceVersion:string@6 uid:string@4
PersistentVolume apiVersion:string kind:string metadata:ObjectMeta&@1 spec:PersistentVolumeSpec&@2 status:PersistentVolumeStatus&@3
PersistentVolumeClaim apiVersion:string kind:string metadata:ObjectMeta&@1 spec:PersistentVolumeClaimSpec&@2 status:PersistentVolumeClaimStatus&@3
PersistentVolumeClaimCondition lastProbeTime:time@3 lastTransitionTime:time@4 message:string@6 reason:string@5 status!:string@2 type!:string@1
PersistentVolumeClaimStatus accessModes:[string]@2 allocatedResourceStatuses:{string}@7 allocatedResources:{quantity}@5 capacity:{quantity}@3 conditions:[PersistentVolumeClaimCondition#type]+type@4 currentVolumeAttributesClassName:string?@8 modifyVolumeStatus:ModifyVolumeStatus@9 phase:string@1
PersistentVolumeSpec accessModes:[string]@3 awsElasticBlockStore:AWSElasticBlockStoreVolumeSource@2.2 azureDisk:AzureDiskVolumeSource@2.16 azureFile:AzureFilePersistentVolumeSource@2.13 capacity:{quantity}@1 cephfs:CephFSPersistentVolumeSource@2.9 cinder:CinderPersistentVolumeSource@2.8 claimRef:ObjectReference@4 csi:CSIPersistentVolumeSource@2.22 fc:FCVolumeSource@2.10 flexVolume:FlexPersistentVolumeSource@2.12 flocker:FlockerVolumeSource@2.11 gcePersistentDisk:GCEPersistentDiskVolumeSource@2.1 glusterfs:GlusterfsPersistentVolumeSource@2.4 hostPath:HostPathVolumeSource@2.3 iscsi:ISCSIPersistentVolumeSource@2.7 local:LocalVolumeSource@2.20 mountOptions:[string]@7 nfs:NFSVolumeSource@2.5 nodeAffinity:VolumeNodeAffinity@9 persistentVolumeReclaimPolicy:string@5 photonPersistentDisk:PhotonPersistentDiskVolumeSource@2.17 portworxVolume:PortworxVolumeSource@2.18 quobyte:QuobyteVolumeSource@2.15 rbd:RBDPersistentVolumeSource@2.6 scaleIO:ScaleIOPersistentVolumeSource@2.19 storageClassName:string@6 storageos:StorageOSPersistentVolumeSource@2.21 volumeAttributesClassName:string?@10 volumeMode:string?@8 vsphereVolume:VsphereVirtualDiskVolumeSource@2.14
PersistentVolumeStatus lastPhaseTransitionTime:time@4 message:string@2 phase:string@1 reason:string@3
Pod apiVersion:string kind:string metadata:ObjectMeta&@1 spec:PodSpec&@2 status:PodStatus&@3
PodCondition lastProbeTime:time@3 lastTransitionTime:time@4 message:string@6 observedGeneration:int64@7 reason:string@5 status!:string@2 type!:string@1
PodExtendedResourceClaimStatus requestMappings!:[ContainerExtendedResourceRequest]@1 resourceClaimName!:string@2
PodIP ip!:string@1
PodResourceClaimStatus name!:string@1 resourceClaimName:string?@2
PodStatus conditions:[PodCondition#type]+type@2 containerStatuses:[ContainerStatus]@8 ephemeralContainerStatuses:[ContainerStatus]@13 extendedResourceClaimStatus:PodExtendedResourceClaimStatus@18 hostIP:string@5 hostIPs:[HostIP]+ip@16 initContainerStatuses:[ContainerStatus]@10 message:string@3 nominatedNodeName:string@11 observedGeneration:int64@17 phase:string@1 podIP:string@6 podIPs:[PodIP#ip]+ip@12 qosClass:string@9 reason:string@4 resize:string@14 resourceClaimStatuses:[PodResourceClaimStatus#name]+name~@15 startTime:time@7
PodTemplate apiVersion:string kind:string metadata:ObjectMeta&@1 template:PodTemplateSpec&@2
PodTemplateSpec metadata:ObjectMeta&@1 spec:PodSpec&@2
PortStatus error:string?@3 port!:int32@1 protocol!:string@2
RBDPersistentVolumeSource fsType:string@3 image!:string@2 keyring:string@6 monitors!:[string]@1 pool:string@4 readOnly:bool@8 secretRef:SecretReference@7 user:string@5
ReplicationController apiVersion:string kind:string metadata:ObjectMeta&@1 spec:ReplicationControllerSpec&@2 status:ReplicationControllerStatus&@3
ReplicationControllerCondition lastTransitionTime:time@3 message:string@5 reason:string@4 status!:string@2 type!:string@1
ReplicationControllerSpec minReadySeconds:int32@4 replicas:int32?@1 selector:{string}*@2 template:PodTemplateSpec@3
ReplicationControllerStatus availableReplicas:int32@5 conditions:[ReplicationControllerCondition#type]+type@6 fullyLabeledReplicas:int32@2 observedGeneration:int64@3 readyReplicas:int32@4 replicas!:int32@1
ResourceHealth health:string@2 resourceID!:string@1
ResourceQuota apiVersion:string kind:string metadata:ObjectMeta&@1 spec:ResourceQuotaSpec&@2 status:ResourceQuotaStatus&@3
ResourceQuotaSpec hard:{quantity}@1 scopeSelector:ScopeSelector@3 scopes:[string]@2
ResourceQuotaStatus hard:{quantity}@1 used:{quantity}@2
ResourceStatus name!:string@1 resources:[ResourceHealth#resourceID]@2
ScaleIOPersistentVolumeSource fsType:string@9 gateway!:string@1 protectionDomain:string@5 readOnly:bool@10 secretRef!:SecretReference@3 sslEnabled:bool@4 storageMode:string@7 storagePool:string@6 system!:string@2 volumeName:string@8
ScopeSelector* matchExpressions:[ScopedResourceSelectorRequirement]@1
ScopedResourceSelectorRequirement operator!:string@2 scopeName!:string@1 values:[string]@3
Secret apiVersion:string data:{bytes}@2 immutable:bool?@5 kind:string metadata:ObjectMeta&@1 stringData:{string}@4 type:string@3
SecretReference* name:string@1 namespace:string@2
Service apiVersion:string kind:string metadata:ObjectMeta&@1 spec:ServiceSpec&@2 status:ServiceStatus&@3
ServiceAccount apiVersion:string automountServiceAccountToken:bool?@4 imagePullSecrets:[LocalObjectReference]@3 kind:string metadata:ObjectMeta&@1 secrets:[ObjectReference#name]+name@2
ServicePort appProtocol:string?@6 name:string@1 nodePort:int32@5 port!:int32@3 protocol:string@2=TCP targetPort:intOrString@4
ServiceSpec allocateLoadBalancerNodePorts:bool?@20 clusterIP:string@3 clusterIPs:[string]@18 externalIPs:[string]@5 externalName:string@10 externalTrafficPolicy:string@11 healthCheckNodePort:int32@12 internalTrafficPolicy:string?@22 ipFamilies:[string]@19 ipFamilyPolicy:string?@17 loadBalancerClass:string?@21 loadBalancerIP:string@8 loadBalancerSourceRanges:[string]@9 ports:[ServicePort#port,protocol]+port@1 publishNotReadyAddresses:bool@13 selector:{string}*@2 sessionAffinity:string@7 sessionAffinityConfig:SessionAffinityConfig@14 trafficDistribution:string?@23 type:string@4
ServiceStatus conditions:[Condition#type]+type@2 loadBalancer:LoadBalancerStatus&@1
SessionAffinityConfig clientIP:ClientIPConfig@1
StorageOSPersistentVolumeSource fsType:string@3 readOnly:bool@4 secretRef:ObjectReference@5 volumeName:string@1 volumeNamespace:string@2
Taint effect!:string@3 key!:string@1 timeAdded:time@4 value:string@2
TopologySelectorLabelRequirement key!:string@1 values!:[string]@2
TopologySelectorTerm* matchLabelExpressions:[TopologySelectorLabelRequirement]@1
VolumeMountStatus mountPath!:string@2 name!:string@1 readOnly:bool@3 recursiveReadOnly:string?@4
VolumeNodeAffinity required:NodeSelector@1
`
