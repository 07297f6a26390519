import type { Deployment, HorizontalPodAutoscaler, Service } from '../../../src/operator/kinds.ts'
import type { EditOutput, OwnedOutput } from '../../../src/operator/worker.ts'
import { mergePatch } from './merge-patch.ts'
import type { Adopted, Version } from './spec.ts'
import type { SplitNames } from './split.ts'
import { relabel, templateOf } from './template.ts'

/** Annotation of a copy that tells which version it runs. */
const versionAnnotation = 'autopilot.examples.io/version'

/**
 * What belongs to the way an object was written and not to what it is: a copy that carried it would be taken for a part of
 * a Helm release, of a Flux or Argo CD application, or of another operator.
 */
const foreignMetadata =
  /^(app\.kubernetes\.io\/managed-by$|(kubectl|deployment)\.kubernetes\.io\/|meta\.helm\.sh\/|helm\.sh\/|argocd\.argoproj\.io\/|([^/]+\.)?toolkit\.fluxcd\.io\/|autopilot\.examples\.io\/)/

type Role = 'primary' | 'canary'

/** Names of everything about one adopted target. */
export function namesOf({ deployment, service, route }: Pick<Adopted, 'deployment' | 'service' | 'route'>): SplitNames {
  return { service, primary: `${deployment}-primary`, canary: `${deployment}-canary`, route }
}

/** The labels by which a copy's pods are found: the target's own with one value changed. */
export function copyLabels(target: Deployment, adopted: Adopted, role: Role): Record<string, string> {
  return { ...target.spec?.selector.matchLabels, [adopted.label]: `${adopted.deployment}-${role}` }
}

/**
 * A copy of the target that runs one version. Everything is the target's but the name, the label that tells the copies
 * apart, and the replicas, which are given at its creation and belong to its users and autoscalers from then on.
 */
export function copyDeployment(
  target: Deployment,
  adopted: Adopted,
  role: Role,
  version: Version,
  replicas: number,
): OwnedOutput<Deployment> {
  const name = `${adopted.deployment}-${role}`
  const { strategy, minReadySeconds, revisionHistoryLimit, progressDeadlineSeconds, selector } = target.spec ?? {}
  const from = target.spec?.template.metadata?.labels?.[adopted.label]
  const expressions = selector?.matchExpressions?.filter(({ key }) => key !== adopted.label)
  const { labels = {}, annotations = {} } = target.metadata
  return {
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        ...place(target, name),
        labels: { ...own(labels), ...(labels[adopted.label] !== undefined && { [adopted.label]: name }) },
        annotations: { ...own(annotations), [versionAnnotation]: version.hash },
      },
      spec: {
        replicas,
        selector: {
          matchLabels: copyLabels(target, adopted, role),
          ...(expressions?.length && { matchExpressions: expressions }),
        },
        template: relabel(templateOf(version), { key: adopted.label, from, to: name }),
        ...(strategy && { strategy }),
        ...(minReadySeconds !== undefined && { minReadySeconds }),
        ...(revisionHistoryLimit !== undefined && { revisionHistoryLimit }),
        ...(progressDeadlineSeconds !== undefined && { progressDeadlineSeconds }),
      },
    },
    initially: [['spec', 'replicas']],
  }
}

/** Whether a copy is there and was told to run this version. */
export function runs(copy: Deployment | undefined, version: Version): copy is Deployment {
  return copy?.metadata.annotations?.[versionAnnotation] === version.hash
}

/** Fields of a Service that its copies share; the cluster's own choices (addresses, node ports) stay with the apex. */
const sharedServiceFields = [
  'internalTrafficPolicy',
  'ipFamilies',
  'ipFamilyPolicy',
  'publishNotReadyAddresses',
  'sessionAffinity',
  'sessionAffinityConfig',
  'trafficDistribution',
] as const

/** The Service of one copy, with every port of the apex. */
export function copyService(apex: Service, target: Deployment, adopted: Adopted, role: Role): OwnedOutput<Service> {
  const shared = sharedServiceFields.flatMap((field) => {
    const value = apex.spec?.[field]
    return value === undefined ? [] : [[field, value]]
  })
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...place(apex, `${adopted.deployment}-${role}`), labels: own(apex.metadata.labels ?? {}) },
      spec: {
        ...Object.fromEntries(shared),
        type: 'ClusterIP',
        selector: copyLabels(target, adopted, role),
        ports: (apex.spec?.ports ?? []).map(({ nodePort: _, ...port }) => port),
      },
    },
  }
}

/** The autoscalers of a target. */
export function autoscalersOf(
  name: string,
  autoscalers: readonly HorizontalPodAutoscaler[],
): HorizontalPodAutoscaler[] {
  return autoscalers.filter(
    ({ spec }) => spec?.scaleTargetRef.kind === 'Deployment' && spec.scaleTargetRef.name === name,
  )
}

/** The target's autoscaler for the primary. The original rests by itself while the target has no replicas. */
export function copyAutoscaler(
  autoscaler: HorizontalPodAutoscaler,
  adopted: Adopted,
): OwnedOutput<HorizontalPodAutoscaler> {
  const { spec } = autoscaler
  if (spec === undefined) throw new Error(`HorizontalPodAutoscaler ${autoscaler.metadata.name} has no spec`)
  return {
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: {
        ...place(autoscaler, `${autoscaler.metadata.name}-primary`),
        labels: own(autoscaler.metadata.labels ?? {}),
      },
      spec: { ...spec, scaleTargetRef: { ...spec.scaleTargetRef, name: `${adopted.deployment}-primary` } },
    },
  }
}

/** Points a Service at pods with exactly these labels. */
export function selectorEdit(service: Service, labels: Readonly<Record<string, string>>): EditOutput {
  return {
    edit: { name: service.metadata.name, fields: { spec: { selector: mergePatch(service.spec?.selector, labels) } } },
  }
}

export function replicasEdit(deployment: Deployment, replicas: number): EditOutput {
  return { edit: { name: deployment.metadata.name, fields: { spec: { replicas } } } }
}

function place({ metadata }: Deployment | Service | HorizontalPodAutoscaler, name: string) {
  return { name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) }
}

function own(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !foreignMetadata.test(key)))
}
