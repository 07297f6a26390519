import type { MeshAdapter } from '../../mesh/adapter.ts'
import type { FaultBackendPod } from '../../mesh/fault-backend-objects.ts'

/** What translation is done with. */
export interface Translation {
  readonly target: MeshAdapter
  /** Every mesh: each reads its own kinds. */
  readonly adapters: readonly MeshAdapter[]
  /** Of fault backends that are printed; the usual one unless given. */
  readonly faultBackend?: FaultBackendPod
}
