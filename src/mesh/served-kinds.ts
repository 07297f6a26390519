import { apiVersionOf } from '../kube/object.ts'
import type { MeshAdapter, MeshKind } from './adapter.ts'
import { type Capabilities, type Support, unsupported } from './capabilities.ts'

/**
 * The adapter for a cluster that does not serve some of its optional kinds: it neither writes nor watches them, and its table
 * refuses what they carry.
 */
export function withoutKinds(adapter: MeshAdapter, missing: readonly MeshKind[]): MeshAdapter {
  if (missing.length === 0) return adapter
  const lost = missing.flatMap((kind) =>
    (kind.carries ?? []).map((feature): [string, Support] => {
      const support = adapter.capabilities[feature]
      return [feature, support.support === 'unsupported' ? support : notServed(kind)]
    }),
  )
  const { podLimits, ...rest } = adapter
  const limits = podLimits?.kinds.every((kind) => !missing.includes(kind)) === true ? { podLimits } : {}
  const capabilities: Capabilities = { ...adapter.capabilities, ...Object.fromEntries(lost) }
  return { ...rest, ...limits, capabilities, kinds: adapter.kinds.filter((kind) => !missing.includes(kind)) }
}

/** The adapter for whoever never asks for rate limits, and need not look at what makes the pods. */
export function withoutIdleLimits(adapter: MeshAdapter, names: readonly string[]): MeshAdapter {
  if (names.includes('ratelimits')) return adapter
  const { podLimits: _limits, ...rest } = adapter
  return rest
}

function notServed(kind: MeshKind): Support {
  return unsupported(
    `the cluster does not serve ${kind.kind} (${apiVersionOf(kind)})`,
    `Install the CustomResourceDefinition ${kind.plural}.${kind.group} and start the operator again, or do without what it carries.`,
  )
}
