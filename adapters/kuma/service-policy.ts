import { isDeepStrictEqual } from 'node:util'
import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type FieldPath, groupKind } from '../../src/mesh/object-reading.ts'
import { sameService, serviceName } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { policyEntries, policyTargets } from './policies.ts'

/** Takes the path, below `default`, of a field that the neutral model has no words for. */
export type Foreign = (...path: FieldPath) => void

/** Kinds of policies about a Service as a whole. */
export const servicePolicyKinds = ['MeshCircuitBreaker', 'MeshLoadBalancingStrategy'] as const

export function isServicePolicy(object: KubeObject): boolean {
  return servicePolicyKinds.some((kind) => groupKind(object) === `kuma.io/${kind}`)
}

/**
 * What keeps a planned policy from meaning what it says: another of its kind about the same Service, which Kuma merges with it field
 * by field, or, in another namespace, follows in its place for the callers there. One that says the same is no matter.
 */
export function policyConflicts(planned: readonly KubeObject[], others: readonly KubeObject[]): Diagnostic[] {
  return planned.filter(isServicePolicy).flatMap((own) =>
    policyTargets(own).flatMap((service) => {
      const said = confsFor(service, own)
      return others
        .filter((other) => other.kind === own.kind && isServicePolicy(other))
        .filter((other) => confsFor(service, other).some((conf) => !said.some((one) => isDeepStrictEqual(one, conf))))
        .map((other) => {
          const { namespace = 'default', name } = other.metadata
          const object = `${other.kind} ${namespace}/${name}`
          return diagnostic('AP2240', { mesh: 'kuma', object, service: serviceName(service) })
        })
    }),
  )
}

function confsFor(service: ServiceRef, object: KubeObject): unknown[] {
  if (!policyTargets(object).some((one) => sameService(one, service))) return []
  return policyEntries(object, service).map(({ section, conf, isPartial }) => [section, isPartial, conf])
}
