/** The types every object shares (meta.k8s.io/v1). Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const metaTypes = `
Condition lastTransitionTime!:time@4 message!:string@6 observedGeneration:int64@3 reason!:string@5 status!:string@2 type!:string@1
DeleteOptions apiVersion:string dryRun:[string]@5 gracePeriodSeconds:int64?@1 ignoreStoreReadErrorWithClusterBreakingPotential:bool?@6 kind:string orphanDependents:bool?@3 preconditions:Preconditions@2 propagationPolicy:string?@4
FieldSelectorRequirement key!:string@1 operator!:string@2 values:[string]@3
LabelSelector* matchExpressions:[LabelSelectorRequirement]@2 matchLabels:{string}@1
LabelSelectorRequirement key!:string@1 operator!:string@2 values:[string]@3
ManagedFieldsEntry apiVersion:string@3 fieldsType:string@6 fieldsV1:any@7 manager:string@1 operation:string@2 subresource:string@8 time:time@4
ObjectMeta annotations:{string}@12 creationTimestamp:time@8 deletionGracePeriodSeconds:int64?@10 deletionTimestamp:time@9 finalizers:[string#set]+@14 generateName:string@2 generation:int64@7 labels:{string}@11 managedFields:[ManagedFieldsEntry]@17 name:string@1 namespace:string@3 ownerReferences:[OwnerReference#uid]+uid@13 resourceVersion:string@6 selfLink:string@4 uid:string@5
OwnerReference* apiVersion!:string@5 blockOwnerDeletion:bool?@7 controller:bool?@6 kind!:string@1 name!:string@3 uid!:string@4
Preconditions resourceVersion:string?@2 uid:string?@1
`
