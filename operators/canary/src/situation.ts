import type { Deployment, HorizontalPodAutoscaler, Service } from '../../../src/operator/kinds.ts'
import type { NativeOutput } from '../../../src/operator/worker.ts'
import {
  autoscalersOf,
  copyAutoscaler,
  copyDeployment,
  copyLabels,
  copyService,
  namesOf,
  replicasEdit,
  selectorEdit,
} from './copies.ts'
import { wantedReplicas } from './rollout.ts'
import type { Adopted, Version } from './spec.ts'
import { type SplitNames, split } from './split.ts'
import type { CommonContext, Outputs, Patch } from './worker-types.ts'

/** Everything the phases after the adoption look at. */
export interface Situation {
  readonly names: SplitNames
  readonly adopted: Adopted
  readonly promoted: Version
  readonly target: Deployment
  readonly apex: Service
  readonly primary: Deployment | undefined
  readonly canary: Deployment | undefined
  readonly autoscalers: readonly HorizontalPodAutoscaler[]
  /** Replicas for a copy that has to be made: as many as serve now. */
  readonly replicas: number
  /** Replicas that the target's owner asks for, when that is another number than before. */
  readonly asked: number | undefined
}

/** Reads the situation, or tells why the workflow cannot go on now; then everything stays as it is. */
export function readSituation({ resource, inputs }: CommonContext): Situation | { readonly problem: string } {
  const { adopted, promoted, replicas = 1 } = resource.status ?? {}
  if (adopted === undefined || promoted === undefined)
    return { problem: 'the status of this resource was emptied; delete the resource and create it again' }
  const { deployment, service = deployment } = resource.spec
  if (adopted.deployment !== deployment || adopted.service !== service)
    return {
      problem: `the target cannot be changed from ${adopted.deployment} (Service ${adopted.service}); delete this resource and create another one`,
    }
  if (JSON.stringify(adopted.route) !== JSON.stringify(resource.spec.route))
    return { problem: 'the route cannot be changed; delete this resource and create another one' }
  const names = namesOf(adopted)
  const target = inputs.deployments.get(deployment)
  const apex = inputs.services.get(service)
  const primary = inputs.deployments.get(names.primary)
  if (target === undefined)
    return { problem: `Deployment ${deployment} does not exist; ${names.primary} keeps serving` }
  if (apex === undefined) return { problem: `Service ${service} does not exist` }
  if (primary && !sameLabels(primary.spec?.selector.matchLabels, copyLabels(target, adopted, 'primary')))
    return {
      problem: `the selector of Deployment ${deployment} is not the one that was taken over; delete this resource and create it again`,
    }
  return {
    names,
    adopted,
    promoted,
    target,
    apex,
    primary,
    canary: inputs.deployments.get(names.canary),
    autoscalers: autoscalersOf(deployment, inputs.horizontalpodautoscalers.list()),
    replicas: Math.max(1, primary ? wantedReplicas(primary) : replicas),
    asked: askedReplicas(target, replicas),
  }
}

/**
 * Applying an unchanged manifest again asks for the same number as before, and says nothing about what the primary was
 * scaled to since.
 */
function askedReplicas(target: Deployment, known: number): number | undefined {
  const wanted = wantedReplicas(target)
  return wanted === 0 || wanted === known ? undefined : wanted
}

/** The result of a phase, together with what has to be remembered whatever it decided. */
export function remember<Result extends { readonly status?: Patch }>({ asked }: Situation, result: Result): Result {
  return asked === undefined ? result : { ...result, status: { ...result.status, replicas: asked } }
}

export function isProblem<T extends object>(
  value: T | { readonly problem: string },
): value is { readonly problem: string } {
  return 'problem' in value
}

/** What serves, beside the split: the primary with a version, the target at rest, the Services and autoscalers. */
export function serving(
  situation: Situation,
  version: Version,
  ...more: NativeOutput<Deployment>[]
): Required<Pick<Outputs, 'deployments' | 'services' | 'horizontalpodautoscalers'>> {
  const { target, apex, primary, adopted, autoscalers, replicas, asked } = situation
  const rescale = primary && asked !== undefined && autoscalers.length === 0
  return {
    deployments: [
      copyDeployment(target, adopted, 'primary', version, replicas),
      ...more,
      // Capacity is given before it is taken.
      ...(rescale ? [replicasEdit(primary, asked)] : []),
      replicasEdit(target, 0),
    ],
    services: [
      copyService(apex, target, adopted, 'primary'),
      copyService(apex, target, adopted, 'canary'),
      selectorEdit(apex, copyLabels(target, adopted, 'primary')),
    ],
    horizontalpodautoscalers: autoscalers.map((autoscaler) => copyAutoscaler(autoscaler, adopted)),
  }
}

/** The canary with a version; as many replicas as the primary has, so that it can carry any share. */
export function canaryOf({ target, adopted, replicas }: Situation, version: Version): NativeOutput<Deployment> {
  return copyDeployment(target, adopted, 'canary', version, replicas)
}

export function trafficOf({ names }: Situation, weight: number): Required<Pick<Outputs, 'trafficsplits'>> {
  return { trafficsplits: [split(names, weight)] }
}

export function sameLabels(
  a: Readonly<Record<string, string>> | undefined = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
