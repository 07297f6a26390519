import type { ObservedTraffic } from '../../../src/mesh/adapter.ts'
import type { Deployment, Service } from '../../../src/operator/kinds.ts'
import type { EditOutput } from '../../../src/operator/worker.ts'
import { copyDeployment, copyLabels, copyService, namesOf, runs, selectorEdit } from './copies.ts'
import type { CanaryDeploymentFinalizer } from './generated/phases.ts'
import { mergePatch } from './merge-patch.ts'
import { isComplete, progressOf, wantedReplicas } from './rollout.ts'
import { sameLabels } from './situation.ts'
import type { Adopted, Version } from './spec.ts'
import { carriesTraffic, type SplitNames, split } from './split.ts'
import { templateOf, versionOf } from './template.ts'
import { confirmAfter, drainTime, remaining, timestamp } from './time.ts'

/**
 * Gives everything back, the adoption in reverse: the target is available again, then the Service selects it, then the mesh's
 * route goes, and only then the copies. It waits as long as that takes, because until then the primary serves.
 *
 * The target gets the template that was promoted last: one that was rolled back, or is not tried to its end, would
 * otherwise be shipped to everybody by deleting the very resource that guards against it.
 */
export const finalizer: CanaryDeploymentFinalizer = {
  sync({ resource, inputs, now }) {
    const { adopted, promoted, candidate, replicas = 1, releasedSince } = resource.status ?? {}
    if (adopted === undefined) return { done: true }
    const names = namesOf(adopted)
    const observed = inputs.trafficsplits.observed(names.service)
    // Before there is a promoted version there is a route at most; nothing of the user's has been touched.
    if (promoted === undefined) return unroute(names, observed, releasedSince, now)
    const target = inputs.deployments.get(adopted.deployment)
    const apex = inputs.services.get(adopted.service)
    if (!isThere(target)) {
      const ours = isThere(apex) && apex.spec?.selector?.[adopted.label] === names.primary
      return { done: true, ...(ours && { outputs: { services: [selectorEdit(apex, adopted.selector)] } }) }
    }

    if (releasedSince === undefined && carriesTraffic(names.canary, observed))
      return {
        done: false,
        outputs: { trafficsplits: [split(names, 0)] },
        status: { weight: 0 },
        after: drainTime,
        reason: `draining ${names.canary}`,
      }

    const primary = inputs.deployments.get(names.primary)
    const canary = inputs.deployments.get(names.canary)
    const capacity = Math.max(1, primary ? wantedReplicas(primary) : replicas)
    const restoration = restore(target, promoted, capacity, now)
    if (restoration || !isComplete(target)) {
      const running = candidate && runs(primary, candidate) ? candidate : promoted
      const copies = [
        ...(primary ? [copyDeployment(target, adopted, 'primary', running, capacity)] : []),
        ...(canary && candidate && runs(canary, candidate)
          ? [copyDeployment(target, adopted, 'canary', candidate, capacity)]
          : []),
      ]
      return {
        done: false,
        outputs: { deployments: [...copies, ...(restoration ? [restoration] : [])] },
        reason: `giving the traffic back: ${progressOf(adopted.deployment, target)}`,
      }
    }

    if (isThere(apex) && sameLabels(apex.spec?.selector, copyLabels(target, adopted, 'primary')))
      return {
        done: false,
        outputs: {
          services: [
            copyService(apex, target, adopted, 'primary'),
            copyService(apex, target, adopted, 'canary'),
            selectorEdit(apex, originalSelector(adopted, target)),
          ],
        },
        after: confirmAfter,
        reason: `giving the traffic back: Service ${names.service} selects ${adopted.deployment}`,
      }
    return unroute(names, observed, releasedSince, now)
  },
}

/** Takes the route away, and keeps the copies a little longer for proxies that follow late. */
function unroute(names: SplitNames, observed: ObservedTraffic, since: string | undefined, now: number) {
  const outputs = { trafficsplits: [] }
  const reason = `giving the traffic back: the route of ${names.service} goes`
  if (carriesTraffic(names.primary, observed)) return { done: false, outputs, after: drainTime, reason }
  if (since === undefined)
    return { done: false, outputs, status: { releasedSince: timestamp(now) }, after: drainTime, reason }
  const wait = remaining(since, drainTime, now)
  if (wait > 0) return { done: false, outputs, after: wait, reason }
  return { done: true, outputs, reason: `Service ${names.service} is left to itself again` }
}

function isThere<T extends Deployment | Service>(object: T | undefined): object is T {
  return object !== undefined && object.metadata.deletionTimestamp === undefined
}

/** What the target needs to serve again, or undefined when it has that already. */
function restore(target: Deployment, promoted: Version, capacity: number, now: number): EditOutput | undefined {
  const spec = {
    ...(wantedReplicas(target) === 0 && { replicas: capacity }),
    ...(versionOf(target, now).hash !== promoted.hash && {
      template: mergePatch(target.spec?.template, templateOf(promoted)),
    }),
  }
  return Object.keys(spec).length === 0 ? undefined : { edit: { name: target.metadata.name, fields: { spec } } }
}

/** The selector the Service had, unless the promoted template has outgrown it: then the target's own. */
function originalSelector({ selector }: Adopted, target: Deployment): Readonly<Record<string, string>> {
  const labels = target.spec?.template.metadata?.labels ?? {}
  const fits = Object.entries(selector).every(([key, value]) => labels[key] === value)
  return fits ? selector : (target.spec?.selector.matchLabels ?? selector)
}
