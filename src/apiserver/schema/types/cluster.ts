/** Networking, rights, storage, admission and the definition of custom resources. Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const clusterTypes = `
AggregationRule clusterRoleSelectors:[LabelSelector]
ClusterRole aggregationRule:AggregationRule apiVersion:string kind:string metadata:ObjectMeta rules:[PolicyRule]
ClusterRoleBinding apiVersion:string kind:string metadata:ObjectMeta roleRef!:RoleRef subjects:[Subject]
CustomResourceColumnDefinition description:string format:string jsonPath!:string name!:string priority:int32 type!:string
CustomResourceConversion strategy!:string webhook:WebhookConversion
CustomResourceDefinition apiVersion:string kind:string metadata:ObjectMeta spec!:CustomResourceDefinitionSpec status:CustomResourceDefinitionStatus
CustomResourceDefinitionCondition lastTransitionTime:time message:string reason:string status!:string type!:string
CustomResourceDefinitionNames categories:[string] kind!:string listKind:string plural!:string shortNames:[string] singular:string
CustomResourceDefinitionSpec conversion:CustomResourceConversion group!:string names!:CustomResourceDefinitionNames preserveUnknownFields:bool scope!:string versions!:[CustomResourceDefinitionVersion]
CustomResourceDefinitionStatus acceptedNames:CustomResourceDefinitionNames conditions:[CustomResourceDefinitionCondition#type] storedVersions:[string]
CustomResourceDefinitionVersion additionalPrinterColumns:[CustomResourceColumnDefinition] deprecated:bool deprecationWarning:string name!:string schema:CustomResourceValidation selectableFields:[SelectableField] served!:bool storage!:bool subresources:CustomResourceSubresources
CustomResourceSubresourceScale labelSelectorPath:string specReplicasPath!:string statusReplicasPath!:string
CustomResourceSubresources scale:CustomResourceSubresourceScale status:json
CustomResourceValidation openAPIV3Schema:JSONSchemaProps
ExternalDocumentation description:string url:string
FieldSelectorAttributes rawSelector:string requirements:[FieldSelectorRequirement]
HTTPIngressPath backend!:IngressBackend path:string pathType!:string
HTTPIngressRuleValue paths!:[HTTPIngressPath]
IPBlock cidr!:string except:[string]
Ingress apiVersion:string kind:string metadata:ObjectMeta spec:IngressSpec status:IngressStatus
IngressBackend resource:TypedLocalObjectReference service:IngressServiceBackend
IngressClass apiVersion:string kind:string metadata:ObjectMeta spec:IngressClassSpec
IngressClassParametersReference apiGroup:string kind!:string name!:string namespace:string scope:string
IngressClassSpec controller:string parameters:IngressClassParametersReference
IngressLoadBalancerIngress hostname:string ip:string ports:[IngressPortStatus]
IngressLoadBalancerStatus ingress:[IngressLoadBalancerIngress]
IngressPortStatus error:string port!:int32 protocol!:string
IngressRule host:string http:HTTPIngressRuleValue
IngressServiceBackend name!:string port:ServiceBackendPort
IngressSpec defaultBackend:IngressBackend ingressClassName:string rules:[IngressRule] tls:[IngressTLS]
IngressStatus loadBalancer:IngressLoadBalancerStatus
IngressTLS hosts:[string] secretName:string
JSONSchemaProps $ref:string $schema:string additionalItems:json additionalProperties:json allOf:[JSONSchemaProps] anyOf:[JSONSchemaProps] default:json definitions:{JSONSchemaProps} dependencies:{json} description:string enum:[json] example:json exclusiveMaximum:bool exclusiveMinimum:bool externalDocs:ExternalDocumentation format:string id:string items:json maxItems:int64 maxLength:int64 maxProperties:int64 maximum:number minItems:int64 minLength:int64 minProperties:int64 minimum:number multipleOf:number not:JSONSchemaProps nullable:bool oneOf:[JSONSchemaProps] pattern:string patternProperties:{JSONSchemaProps} properties:{JSONSchemaProps} required:[string] title:string type:string uniqueItems:bool x-kubernetes-embedded-resource:bool x-kubernetes-int-or-string:bool x-kubernetes-list-map-keys:[string] x-kubernetes-list-type:string x-kubernetes-map-type:string x-kubernetes-preserve-unknown-fields:bool x-kubernetes-validations:[ValidationRule#rule]+rule
LabelSelectorAttributes rawSelector:string requirements:[LabelSelectorRequirement]
MatchCondition expression!:string name!:string
MutatingWebhook admissionReviewVersions!:[string] clientConfig!:WebhookClientConfig failurePolicy:string matchConditions:[MatchCondition#name]+name matchPolicy:string name!:string namespaceSelector:LabelSelector objectSelector:LabelSelector reinvocationPolicy:string rules:[RuleWithOperations] sideEffects!:string timeoutSeconds:int32
MutatingWebhookConfiguration apiVersion:string kind:string metadata:ObjectMeta webhooks:[MutatingWebhook#name]+name
NetworkPolicy apiVersion:string kind:string metadata:ObjectMeta spec:NetworkPolicySpec
NetworkPolicyEgressRule ports:[NetworkPolicyPort] to:[NetworkPolicyPeer]
NetworkPolicyIngressRule from:[NetworkPolicyPeer] ports:[NetworkPolicyPort]
NetworkPolicyPeer ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
NetworkPolicyPort endPort:int32 port:intOrString protocol:string
NetworkPolicySpec egress:[NetworkPolicyEgressRule] ingress:[NetworkPolicyIngressRule] podSelector:LabelSelector policyTypes:[string]
NonResourceAttributes path:string verb:string
PolicyRule apiGroups:[string] nonResourceURLs:[string] resourceNames:[string] resources:[string] verbs!:[string]
PriorityClass apiVersion:string description:string globalDefault:bool kind:string metadata:ObjectMeta preemptionPolicy:string value!:int32
ResourceAttributes fieldSelector:FieldSelectorAttributes group:string labelSelector:LabelSelectorAttributes name:string namespace:string resource:string subresource:string verb:string version:string
Role apiVersion:string kind:string metadata:ObjectMeta rules:[PolicyRule]
RoleBinding apiVersion:string kind:string metadata:ObjectMeta roleRef!:RoleRef subjects:[Subject]
RoleRef* apiGroup!:string kind!:string name!:string
RuleWithOperations apiGroups:[string] apiVersions:[string] operations:[string] resources:[string] scope:string
SelectableField jsonPath!:string
SelfSubjectAccessReview apiVersion:string kind:string metadata:ObjectMeta spec!:SelfSubjectAccessReviewSpec status:SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec nonResourceAttributes:NonResourceAttributes resourceAttributes:ResourceAttributes
SelfSubjectReview apiVersion:string kind:string metadata:ObjectMeta status:SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo:UserInfo
ServiceBackendPort* name:string number:int32
ServiceReference name!:string namespace!:string path:string port:int32
ServiceReference name!:string namespace!:string path:string port:int32
StorageClass allowVolumeExpansion:bool allowedTopologies:[TopologySelectorTerm] apiVersion:string kind:string metadata:ObjectMeta mountOptions:[string] parameters:{string} provisioner!:string reclaimPolicy:string volumeBindingMode:string
Subject* apiGroup:string kind!:string name!:string namespace:string
SubjectAccessReviewStatus allowed!:bool denied:bool evaluationError:string reason:string
UserInfo extra:{[string]} groups:[string] uid:string username:string
ValidatingWebhook admissionReviewVersions!:[string] clientConfig!:WebhookClientConfig failurePolicy:string matchConditions:[MatchCondition#name]+name matchPolicy:string name!:string namespaceSelector:LabelSelector objectSelector:LabelSelector rules:[RuleWithOperations] sideEffects!:string timeoutSeconds:int32
ValidatingWebhookConfiguration apiVersion:string kind:string metadata:ObjectMeta webhooks:[ValidatingWebhook#name]+name
ValidationRule fieldPath:string message:string messageExpression:string optionalOldSelf:bool reason:string rule!:string
WebhookClientConfig caBundle:bytes service:ServiceReference url:string
WebhookClientConfig caBundle:bytes service:ServiceReference url:string
WebhookConversion clientConfig:WebhookClientConfig conversionReviewVersions!:[string]
`
