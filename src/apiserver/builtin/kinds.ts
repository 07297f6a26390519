import { at, numberOf } from '../json.ts'
import type { Resource, ScalePaths, Strategy } from '../resource.ts'
import { builtinType } from '../schema/builtin.ts'
import type { Store } from '../store.ts'
import { builtinColumns, defaultColumns } from './columns.ts'
import * as defaults from './defaults.ts'
import { fromCoreEvent, toCoreEvent } from './events.ts'
import { eventFields, podFields, read } from './selectable-fields.ts'
import { completeService, ServiceAllocator, validateService } from './service.ts'
import * as validation from './validation.ts'

/** One built-in kind: `group/version Kind plural shortNames…` and what it does beyond storing. */
interface Declaration extends Partial<Strategy> {
  readonly gv: string
  readonly kind: string
  readonly plural: string
  readonly short?: string
  readonly cluster?: boolean
  readonly status?: boolean
  readonly scaled?: boolean
  readonly all?: boolean
  readonly deprecation?: string
  /** The name of its type, where it differs from the kind. */
  readonly type?: string
}

const plainScale: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
}

const { validateWorkload, validateData } = validation

const declarations: readonly Declaration[] = [
  {
    gv: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    short: 'ns',
    cluster: true,
    status: true,
    names: 'label',
    complete: defaults.completeNamespace,
    prepare: defaults.prepareNamespace,
    selectable: { 'status.phase': read('status', 'phase') },
  },
  { gv: 'v1', kind: 'ConfigMap', plural: 'configmaps', short: 'cm', validate: validateData },
  {
    gv: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    complete: defaults.completeSecret,
    validate: validateData,
    selectable: { type: read('type') },
  },
  {
    gv: 'v1',
    kind: 'Pod',
    plural: 'pods',
    short: 'po',
    status: true,
    all: true,
    generation: true,
    returnsDeleted: true,
    complete: defaults.completePod,
    prepare: defaults.preparePod,
    validate: validation.validatePod,
    selectable: podFields,
  },
  { gv: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', short: 'sa', returnsDeleted: true },
  {
    gv: 'v1',
    kind: 'Endpoints',
    plural: 'endpoints',
    deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    complete: defaults.completeEndpoints,
    short: 'ep',
    createOnUpdate: true,
  },
  {
    gv: 'v1',
    kind: 'Event',
    plural: 'events',
    short: 'ev',
    createOnUpdate: true,
    validate: validation.validateEvent,
    selectable: eventFields,
  },
  {
    gv: 'v1',
    kind: 'Node',
    plural: 'nodes',
    short: 'no',
    cluster: true,
    status: true,
    selectable: { 'spec.unschedulable': (object) => String(at(object.spec, 'unschedulable') === true) },
  },
  {
    gv: 'v1',
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    short: 'pv',
    cluster: true,
    status: true,
    returnsDeleted: true,
  },
  {
    gv: 'v1',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    short: 'pvc',
    status: true,
    returnsDeleted: true,
  },
  { gv: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', short: 'quota', status: true, returnsDeleted: true },
  { gv: 'v1', kind: 'LimitRange', plural: 'limitranges', short: 'limits', createOnUpdate: true },
  { gv: 'v1', kind: 'PodTemplate', plural: 'podtemplates', generation: true, returnsDeleted: true },
  {
    gv: 'v1',
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    short: 'rc',
    status: true,
    all: true,
    generation: true,
  },
  {
    gv: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    short: 'deploy',
    status: true,
    scaled: true,
    all: true,
    generation: true,
    complete: defaults.completeDeployment,
    validate: validateWorkload,
  },
  {
    gv: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    short: 'rs',
    status: true,
    scaled: true,
    all: true,
    generation: true,
    complete: defaults.completeReplicaSet,
    validate: validateWorkload,
  },
  {
    gv: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    short: 'sts',
    status: true,
    scaled: true,
    all: true,
    generation: true,
    complete: defaults.completeStatefulSet,
    validate: validateWorkload,
  },
  {
    gv: 'apps/v1',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    short: 'ds',
    status: true,
    all: true,
    generation: true,
    complete: defaults.completeDaemonSet,
    validate: validateWorkload,
  },
  { gv: 'apps/v1', kind: 'ControllerRevision', plural: 'controllerrevisions' },
  {
    gv: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    short: 'hpa',
    status: true,
    all: true,
    complete: defaults.completeAutoscaler,
    validate: validation.validateAutoscaler,
  },
  {
    gv: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    status: true,
    all: true,
    generation: true,
    selectable: { 'status.successful': (object) => String(numberOf(at(object.status, 'succeeded'))) },
    complete: defaults.completeJob,
  },
  {
    gv: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    short: 'cj',
    status: true,
    all: true,
    generation: true,
    complete: defaults.completeCronJob,
  },
  {
    gv: 'coordination.k8s.io/v1',
    kind: 'Lease',
    plural: 'leases',
    conditionalUpdate: true,
    createOnUpdate: true,
    validate: validation.validateLease,
  },
  {
    gv: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    generation: true,
    complete: defaults.completeEndpointSlice,
    validate: validation.validateEndpointSlice,
  },
  {
    gv: 'policy/v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    conditionalUpdate: true,
    short: 'pdb',
    status: true,
    generation: true,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    plural: 'roles',
    createOnUpdate: true,
    names: 'path',
    validate: validation.validateRole,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    plural: 'rolebindings',
    createOnUpdate: true,
    names: 'path',
    complete: defaults.completeBinding,
    validate: validation.validateBinding,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    cluster: true,
    createOnUpdate: true,
    names: 'path',
    validate: validation.validateRole,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    cluster: true,
    createOnUpdate: true,
    names: 'path',
    complete: defaults.completeBinding,
    validate: validation.validateBinding,
  },
  { gv: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', short: 'ing', status: true, generation: true },
  { gv: 'networking.k8s.io/v1', kind: 'IngressClass', plural: 'ingressclasses', cluster: true, generation: true },
  { gv: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies', short: 'netpol', generation: true },
  {
    gv: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    short: 'pc',
    cluster: true,
    createOnUpdate: true,
    generation: true,
  },
  {
    gv: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    plural: 'storageclasses',
    short: 'sc',
    cluster: true,
    returnsDeleted: true,
  },
  {
    gv: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    conditionalUpdate: true,
    cluster: true,
    generation: true,
  },
  {
    gv: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    conditionalUpdate: true,
    cluster: true,
    generation: true,
  },
]

/** Every built-in resource of a new control plane, with buckets of its store. CustomResourceDefinitions come with `crd.ts`. */
export function builtinResources(store: Store): Resource[] {
  const services = new ServiceAllocator()
  const bucket = store.bucket('services')
  store.onCommit((changed, change) => {
    if (changed === bucket) services.observe(change)
  })
  const service: Declaration = {
    gv: 'v1',
    kind: 'Service',
    plural: 'services',
    short: 'svc',
    status: true,
    all: true,
    createOnUpdate: true,
    returnsDeleted: true,
    names: 'label1035',
    selectable: { 'spec.clusterIP': read('spec', 'clusterIP'), 'spec.type': read('spec', 'type') },
    complete: completeService,
    prepare: (object, old) => services.prepare(object, old),
    validate: validateService,
  }
  const event: Declaration = {
    gv: 'events.k8s.io/v1',
    kind: 'Event',
    plural: 'events',
    short: 'ev',
    type: 'events.Event',
    createOnUpdate: true,
    validate: validation.validateEvent,
    selectable: eventFields,
  }
  const [namespaces, ...others] = [...declarations, service].map((one) => declare(store, one))
  const events = declare(store, event, { toStored: toCoreEvent, fromStored: fromCoreEvent })
  return namespaces === undefined ? [] : [namespaces, ...others, events]
}

function declare(store: Store, declared: Declaration, conversion = {}): Resource {
  const { gv, kind, plural, short, cluster, status, scaled, all, type, deprecation, ...strategy } = declared
  const slash = gv.indexOf('/')
  const group = slash < 0 ? '' : gv.slice(0, slash)
  const version = gv.slice(slash + 1)
  return {
    group,
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: short === undefined ? [] : [short],
    categories: all === true ? ['all'] : [],
    namespaced: cluster !== true,
    bucket: store.bucket(plural),
    custom: false,
    strategy: { ...strategy, generation: strategy.generation === true },
    versions: new Map([
      [
        version,
        {
          name: version,
          apiVersion: gv,
          served: true,
          get schema() {
            return builtinType(type ?? kind)
          },
          status: status === true,
          columns: builtinColumns[plural] ?? defaultColumns,
          ...(scaled === true ? { scale: plainScale } : {}),
          ...(deprecation === undefined ? {} : { deprecation }),
          ...conversion,
        },
      ],
    ]),
  }
}
