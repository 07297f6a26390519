import type { Labels } from './access.ts'
import { labelText } from './access.ts'

/** `strict` refuses what comes without a mesh identity, `permissive` takes both, `disable` keeps mutual TLS off. */
export const mtlsModes = ['strict', 'permissive', 'disable'] as const
export type MtlsMode = (typeof mtlsModes)[number]

/**
 * Whether pods demand mutual TLS. One with labels goes before the one for the whole namespace; no two with labels may
 * share pods and disagree.
 */
export interface MtlsPolicy {
  readonly namespace: string
  /** Of the pods; empty for all pods of the namespace. */
  readonly labels: Labels
  readonly mode: MtlsMode
  /** Ports of the pods that have another mode; none where the policy is for a whole namespace. */
  readonly ports: Readonly<Record<string, MtlsMode>>
}

/** The same policy without what goes without saying, ports ascending. */
export function normalMtls({ namespace, labels, mode, ports }: MtlsPolicy): MtlsPolicy {
  const others = Object.entries(ports).filter(([, own]) => own !== mode)
  return { namespace, labels, mode, ports: Object.fromEntries(others.sort(([a], [b]) => Number(a) - Number(b))) }
}

/** How messages call the pods of a policy. */
export function describePods({ namespace, labels }: Pick<MtlsPolicy, 'namespace' | 'labels'>): string {
  const text = labelText(labels)
  return text === '' ? `all pods of ${namespace}` : `the pods of ${namespace} with ${text}`
}
