import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import type { ServiceRef, ServiceTraffic } from '../../mesh/traffic.ts'

/** What some objects ask of one apex. */
export interface FoundTraffic {
  readonly traffic: ServiceTraffic
  /** The objects that ask for it. */
  readonly sources: readonly Manifest[]
  /** What other objects in their place would ask for; absent where that cannot be told. */
  readonly reread?: (objects: readonly KubeObject[]) => ServiceTraffic | undefined
}

/** What one way of reading found in all files. */
export interface ReadTraffic {
  readonly found: readonly FoundTraffic[]
  readonly problems: readonly Diagnostic[]
  readonly notes: readonly Diagnostic[]
  /** Objects about an apex of which nothing is asked but to leave its requests to it. */
  readonly silent?: readonly { readonly apex: ServiceRef; readonly source: Manifest }[]
}
