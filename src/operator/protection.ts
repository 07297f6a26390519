import type { KubeObject } from '../kube/object.ts'
import { destinationName, type WorkloadAccess } from '../mesh/access.ts'
import type { MtlsPolicy } from '../mesh/mtls.ts'
import type { ServiceRef } from '../mesh/traffic.ts'

/** Tells what the pods are that an object of ours protects, so that it can be found without any other record. */
const label = 'mesh-autopilot.dev/protects'

/** What a policy is about, as a value of a label that no other policy of its namespace has. */
export function protectionOf(what: WorkloadAccess | MtlsPolicy): string {
  if ('destination' in what) return `access.${destinationName(what.destination)}`.slice(0, 63)
  return `mtls.${destinationName(what)}`.slice(0, 63)
}

/** The same for the rate limit of an apex. */
export function limitProtection({ name }: ServiceRef): string {
  return `limit.${name}`.slice(0, 63)
}

/** What an object protects; undefined for all others. */
export function protectedBy({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[label]
}

export function labelledAs(protection: string, object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [label]: protection } } }
}
