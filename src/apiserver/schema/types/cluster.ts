/** Networking, rights, storage, admission and the definition of custom resources. Facts of the published API of Kubernetes 1.34, in the notation of `../builtin.ts`. */
export const clusterTypes = `
AggregationRule clusterRoleSelectors:[LabelSelector]@1
ClusterRole aggregationRule:AggregationRule@3 apiVersion:string kind:string metadata:ObjectMeta&@1 rules:[PolicyRule]@2
ClusterRoleBinding apiVersion:string kind:string metadata:ObjectMeta&@1 roleRef!:RoleRef&@3 subjects:[Subject]@2
CustomResourceColumnDefinition description:string@4 format:string@3 jsonPath!:string@6 name!:string@1 priority:int32@5 type!:string@2
CustomResourceConversion strategy!:string@1 webhook:WebhookConversion@2
CustomResourceDefinition apiVersion:string kind:string metadata:ObjectMeta&@1 spec!:CustomResourceDefinitionSpec&@2 status:CustomResourceDefinitionStatus&@3
CustomResourceDefinitionCondition lastTransitionTime:time@3 message:string@5 reason:string@4 status!:string@2 type!:string@1
CustomResourceDefinitionNames categories:[string]@6 kind!:string@4 listKind:string@5 plural!:string@1 shortNames:[string]@3 singular:string@2
CustomResourceDefinitionSpec conversion:CustomResourceConversion@9 group!:string@1 names!:CustomResourceDefinitionNames&@3 preserveUnknownFields:bool@10 scope!:string@4 versions!:[CustomResourceDefinitionVersion]@7
CustomResourceDefinitionStatus acceptedNames:CustomResourceDefinitionNames&@2 conditions:[CustomResourceDefinitionCondition#type]@1 storedVersions:[string]@3
CustomResourceDefinitionVersion additionalPrinterColumns:[CustomResourceColumnDefinition]@6 deprecated:bool@7 deprecationWarning:string?@8 name!:string@1 schema:CustomResourceValidation@4 selectableFields:[SelectableField]@9 served!:bool@2 storage!:bool@3 subresources:CustomResourceSubresources@5
CustomResourceSubresourceScale labelSelectorPath:string?@3 specReplicasPath!:string@1 statusReplicasPath!:string@2
CustomResourceSubresources scale:CustomResourceSubresourceScale@2 status:json@1
CustomResourceValidation openAPIV3Schema:JSONSchemaProps@1
ExternalDocumentation description:string@1 url:string@2
FieldSelectorAttributes rawSelector:string@1 requirements:[FieldSelectorRequirement]@2
HTTPIngressPath backend!:IngressBackend&@2 path:string@1 pathType!:string?@3
HTTPIngressRuleValue paths!:[HTTPIngressPath]@1
IPBlock cidr!:string@1 except:[string]@2
Ingress apiVersion:string kind:string metadata:ObjectMeta&@1 spec:IngressSpec&@2 status:IngressStatus&@3
IngressBackend resource:TypedLocalObjectReference@3 service:IngressServiceBackend@4
IngressClass apiVersion:string kind:string metadata:ObjectMeta&@1 spec:IngressClassSpec&@2
IngressClassParametersReference apiGroup:string?@1 kind!:string@2 name!:string@3 namespace:string?@5 scope:string?@4
IngressClassSpec controller:string@1 parameters:IngressClassParametersReference@2
IngressLoadBalancerIngress hostname:string@2 ip:string@1 ports:[IngressPortStatus]@4
IngressLoadBalancerStatus ingress:[IngressLoadBalancerIngress]@1
IngressPortStatus error:string?@3 port!:int32@1 protocol!:string@2
IngressRule host:string@1 http:HTTPIngressRuleValue@2.1
IngressServiceBackend name!:string@1 port:ServiceBackendPort&@2
IngressSpec defaultBackend:IngressBackend@1 ingressClassName:string?@4 rules:[IngressRule]@3 tls:[IngressTLS]@2
IngressStatus loadBalancer:IngressLoadBalancerStatus&@1
IngressTLS hosts:[string]@1 secretName:string@2
JSONSchemaProps $ref:string?@3 $schema:string@2 additionalItems:json@33 additionalProperties:json@30 allOf:[JSONSchemaProps]@25 anyOf:[JSONSchemaProps]@27 default:json@8 definitions:{JSONSchemaProps}@34 dependencies:{json}@32 description:string@4 enum:[json]@20 example:json@36 exclusiveMaximum:bool@10 exclusiveMinimum:bool@12 externalDocs:ExternalDocumentation@35 format:string@6 id:string@1 items:json@24 maxItems:int64?@16 maxLength:int64?@13 maxProperties:int64?@21 maximum:number?@9 minItems:int64?@17 minLength:int64?@14 minProperties:int64?@22 minimum:number?@11 multipleOf:number?@19 not:JSONSchemaProps@28 nullable:bool@37 oneOf:[JSONSchemaProps]@26 pattern:string@15 patternProperties:{JSONSchemaProps}@31 properties:{JSONSchemaProps}@29 required:[string]@23 title:string@7 type:string@5 uniqueItems:bool@18 x-kubernetes-embedded-resource:bool@39 x-kubernetes-int-or-string:bool@40 x-kubernetes-list-map-keys:[string]@41 x-kubernetes-list-type:string?@42 x-kubernetes-map-type:string?@43 x-kubernetes-preserve-unknown-fields:bool?@38 x-kubernetes-validations:[ValidationRule#rule]+rule@44
LabelSelectorAttributes rawSelector:string@1 requirements:[LabelSelectorRequirement]@2
MatchCondition expression!:string@2 name!:string@1
MutatingWebhook admissionReviewVersions!:[string]@8 clientConfig!:WebhookClientConfig&@2 failurePolicy:string?@4 matchConditions:[MatchCondition#name]+name@12 matchPolicy:string?@9 name!:string@1 namespaceSelector:LabelSelector@5 objectSelector:LabelSelector@11 reinvocationPolicy:string?@10 rules:[RuleWithOperations]@3 sideEffects!:string?@6 timeoutSeconds:int32?@7
MutatingWebhookConfiguration apiVersion:string kind:string metadata:ObjectMeta&@1 webhooks:[MutatingWebhook#name]+name@2
NetworkPolicy apiVersion:string kind:string metadata:ObjectMeta&@1 spec:NetworkPolicySpec&@2
NetworkPolicyEgressRule ports:[NetworkPolicyPort]@1 to:[NetworkPolicyPeer]@2
NetworkPolicyIngressRule from:[NetworkPolicyPeer]@2 ports:[NetworkPolicyPort]@1
NetworkPolicyPeer ipBlock:IPBlock@3 namespaceSelector:LabelSelector@2 podSelector:LabelSelector@1
NetworkPolicyPort endPort:int32?@3 port:intOrString@2 protocol:string?@1
NetworkPolicySpec egress:[NetworkPolicyEgressRule]@3 ingress:[NetworkPolicyIngressRule]@2 podSelector:LabelSelector&@1 policyTypes:[string]@4
NonResourceAttributes path:string@1 verb:string@2
NonResourceRule nonResourceURLs:[string]@2 verbs!:[string]@1
PolicyRule apiGroups:[string]@2 nonResourceURLs:[string]@5 resourceNames:[string]@4 resources:[string]@3 verbs!:[string]@1
PriorityClass apiVersion:string description:string@4 globalDefault:bool@3 kind:string metadata:ObjectMeta&@1 preemptionPolicy:string?@5 value!:int32@2
ResourceAttributes fieldSelector:FieldSelectorAttributes@8 group:string@3 labelSelector:LabelSelectorAttributes@9 name:string@7 namespace:string@1 resource:string@5 subresource:string@6 verb:string@2 version:string@4
ResourceRule apiGroups:[string]@2 resourceNames:[string]@4 resources:[string]@3 verbs!:[string]@1
Role apiVersion:string kind:string metadata:ObjectMeta&@1 rules:[PolicyRule]@2
RoleBinding apiVersion:string kind:string metadata:ObjectMeta&@1 roleRef!:RoleRef&@3 subjects:[Subject]@2
RoleRef* apiGroup!:string@1 kind!:string@2 name!:string@3
RuleWithOperations apiGroups:[string]@2.1 apiVersions:[string]@2.2 operations:[string]@1 resources:[string]@2.3 scope:string?@2.4
SelectableField jsonPath!:string@1
SelfSubjectAccessReview apiVersion:string kind:string metadata:ObjectMeta&@1 spec!:SelfSubjectAccessReviewSpec&@2 status:SubjectAccessReviewStatus&@3
SelfSubjectAccessReviewSpec nonResourceAttributes:NonResourceAttributes@2 resourceAttributes:ResourceAttributes@1
SelfSubjectReview apiVersion:string kind:string metadata:ObjectMeta&@1 status:SelfSubjectReviewStatus&@2
SelfSubjectReviewStatus userInfo:UserInfo&@1
SelfSubjectRulesReview apiVersion:string kind:string metadata:ObjectMeta&@1 spec!:SelfSubjectRulesReviewSpec&@2 status:SubjectRulesReviewStatus&@3
SelfSubjectRulesReviewSpec namespace:string@1
ServiceBackendPort* name:string@1 number:int32@2
ServiceReference name!:string@2 namespace!:string@1 path:string?@3 port:int32?@4
ServiceReference name!:string@2 namespace!:string@1 path:string?@3 port:int32?@4
StorageClass allowVolumeExpansion:bool?@6 allowedTopologies:[TopologySelectorTerm]@8 apiVersion:string kind:string metadata:ObjectMeta&@1 mountOptions:[string]@5 parameters:{string}@3 provisioner!:string@2 reclaimPolicy:string?@4 volumeBindingMode:string?@7
Subject* apiGroup:string@2 kind!:string@1 name!:string@3 namespace:string@4
SubjectAccessReview apiVersion:string kind:string metadata:ObjectMeta&@1 spec!:SubjectAccessReviewSpec&@2 status:SubjectAccessReviewStatus&@3
SubjectAccessReviewSpec extra:{[string]}@5 groups:[string]@4 nonResourceAttributes:NonResourceAttributes@2 resourceAttributes:ResourceAttributes@1 uid:string@6 user:string@3
SubjectAccessReviewStatus allowed!:bool@1 denied:bool@4 evaluationError:string@3 reason:string@2
SubjectRulesReviewStatus evaluationError:string@4 incomplete!:bool@3 nonResourceRules!:[NonResourceRule]@2 resourceRules!:[ResourceRule]@1
UserInfo extra:{[string]}@4 groups:[string]@3 uid:string@2 username:string@1
ValidatingWebhook admissionReviewVersions!:[string]@8 clientConfig!:WebhookClientConfig&@2 failurePolicy:string?@4 matchConditions:[MatchCondition#name]+name@11 matchPolicy:string?@9 name!:string@1 namespaceSelector:LabelSelector@5 objectSelector:LabelSelector@10 rules:[RuleWithOperations]@3 sideEffects!:string?@6 timeoutSeconds:int32?@7
ValidatingWebhookConfiguration apiVersion:string kind:string metadata:ObjectMeta&@1 webhooks:[ValidatingWebhook#name]+name@2
ValidationRule fieldPath:string@5 message:string@2 messageExpression:string@3 optionalOldSelf:bool?@6 reason:string?@4 rule!:string@1
WebhookClientConfig caBundle:bytes@2 service:ServiceReference@1 url:string?@3
WebhookClientConfig caBundle:bytes@2 service:ServiceReference@1 url:string?@3
WebhookConversion clientConfig:WebhookClientConfig@2 conversionReviewVersions!:[string]@3
`
