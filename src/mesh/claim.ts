import type { ServiceRef } from './traffic.ts'

/** What an object has to say about where the requests to a Service go, whoever wrote it. */
export interface Claim {
  readonly service: ServiceRef
  /** Undefined: all ports of the Service. */
  readonly port: number | undefined
  /** What the mesh makes of it beside an object of ours for the same port; one clause without a full stop. */
  readonly because: string
  /** Set when the mesh takes no notice either of what the annotations of the Service say. */
  readonly hidesAnnotations?: true
}
