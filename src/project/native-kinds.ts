import type { Kind } from '../kube/object.ts'
import { type NeutralOutputs, outputKinds } from '../mesh/outputs.ts'
import type { CustomParameter, Project } from './project.ts'

/** Outputs that every mesh understands. They are also inputs: then they are what the mesh's objects say, read back. */
const neutralNames: readonly string[] = Object.keys(outputKinds)

/** The input that is no object of the cluster. */
export const metricsInput = 'metrics'

/** Kinds that phases may read and write by their plural, without being declared. Those of a mesh bind the phase to it. */
const nativeKinds: ReadonlyMap<string, Kind> = new Map(
  [
    // Those of the original.
    kind('', 'v1', 'Event', 'events'),
    kind('', 'v1', 'ConfigMap', 'configmaps'),
    kind('', 'v1', 'Service', 'services'),
    kind('', 'v1', 'Pod', 'pods'),
    kind('batch', 'v1', 'Job', 'jobs'),
    kind('apps', 'v1', 'Deployment', 'deployments'),
    kind('apps', 'v1', 'ReplicaSet', 'replicasets'),
    kind('networking.istio.io', 'v1', 'VirtualService', 'virtualservices'),
    kind('networking.istio.io', 'v1', 'Gateway', 'gateways'),
    // What workflows needed customParameters for.
    kind('', 'v1', 'Namespace', 'namespaces', false),
    kind('', 'v1', 'Secret', 'secrets'),
    kind('', 'v1', 'ServiceAccount', 'serviceaccounts'),
    kind('apps', 'v1', 'DaemonSet', 'daemonsets'),
    kind('apps', 'v1', 'StatefulSet', 'statefulsets'),
    kind('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
    kind('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
    kind('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
    kind('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
    kind('gateway.networking.k8s.io', 'v1', 'HTTPRoute', 'httproutes'),
    kind('networking.istio.io', 'v1', 'DestinationRule', 'destinationrules'),
  ].map((entry) => [entry.plural, entry]),
)

/** Whether a name of an input or output belongs to the mesh-neutral model. */
export function isNeutral(name: string): name is keyof NeutralOutputs {
  return neutralNames.includes(name)
}

/**
 * Every kind that a project's phases may name, by the name they use. A custom parameter of a built-in's name takes its
 * place (files of the original declare kinds that are built in here).
 */
export function kindsOf({ customParameters }: Pick<Project, 'customParameters'>): Map<string, Kind> {
  return new Map([...nativeKinds, ...customParameters.map(toKind)])
}

/** Every name that may stand in `inputs` or `outputs`; `metrics` only in `inputs`. */
export function parameterNames(side: 'inputs' | 'outputs', custom: readonly string[]): string[] {
  const names = [...neutralNames, ...nativeKinds.keys(), ...custom]
  return side === 'inputs' ? [metricsInput, ...names] : names
}

function toKind(custom: CustomParameter): [string, Kind] {
  const plural = custom.pluralName.toLowerCase()
  return [custom.lowerName, kind(custom.apiGroup, custom.version, custom.singleName, plural, custom.namespaced)]
}

function kind(group: string, version: string, name: string, plural: string, namespaced = true): Kind {
  return { group, version, kind: name, plural, namespaced }
}
