/** The types every object shares (meta.k8s.io/v1). Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const metaTypes = `
Condition lastTransitionTime!:time message!:string observedGeneration:int64 reason!:string status!:string type!:string
FieldSelectorRequirement key!:string operator!:string values:[string]
LabelSelector* matchExpressions:[LabelSelectorRequirement] matchLabels:{string}
LabelSelectorRequirement key!:string operator!:string values:[string]
ManagedFieldsEntry apiVersion:string fieldsType:string fieldsV1:any manager:string operation:string subresource:string time:time
ObjectMeta annotations:{string} creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time finalizers:[string#set]+ generateName:string generation:int64 labels:{string} managedFields:[ManagedFieldsEntry] name:string namespace:string ownerReferences:[OwnerReference#uid]+uid resourceVersion:string selfLink:string uid:string
OwnerReference* apiVersion!:string blockOwnerDeletion:bool controller:bool kind!:string name!:string uid!:string
`
