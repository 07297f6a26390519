import type { KubeObject } from '../../src/kube/object.ts'

/** On a Server that is there for a rate limit alone: what it says about who may call is what holds without it. */
export const repeatsDefault = 'mesh-autopilot.dev/repeats-default-inbound-policy'

/** Whether a Server says nothing of its own about who may call. */
export function saysNothingOfAccess({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[repeatsDefault] === 'true'
}
