import { afterAll, beforeAll, describe } from 'vitest'
import { applyTests } from './apply.ts'
import { applyEdgeTests } from './apply-edges.ts'
import { builtinTests } from './builtin.ts'
import { type ApiAccess, ApiClient } from './client.ts'
import { definitionRefusalTests } from './definition-refusals.ts'
import { definitionTests } from './definitions.ts'
import { deletionTests } from './deletion.ts'
import { discoveryTests } from './discovery.ts'
import { listTests } from './lists.ts'
import { objectTests } from './objects.ts'
import { patchTests } from './patches.ts'
import { refusalTests } from './refusals.ts'
import { schemaTests } from './schemas.ts'
import { watchTests } from './watches.ts'

/** What the cluster around an API server can do. */
export interface Capabilities {
  /** Something collects garbage and empties namespaces: kube-controller-manager, or the embedded control plane's own. */
  readonly controllers: boolean
}

/** Gives the client of the suite; only valid inside tests. */
export type Connected = () => ApiClient

/**
 * What Kubernetes' API does, as tests over HTTP: the embedded control plane passes them, and so does a kube-apiserver 1.34.
 * Every test makes a namespace or an API group of its own and leaves it behind.
 */
export function apiSuite(name: string, connect: () => Promise<ApiAccess>, capabilities: Capabilities): void {
  describe(name, () => {
    let client: ApiClient | undefined
    beforeAll(async () => {
      client = new ApiClient(await connect())
    }, 120_000)
    afterAll(async () => {
      await client?.close()
    })
    const api: Connected = () => {
      if (client === undefined) throw new Error('the suite is not connected yet')
      return client
    }
    for (const tests of [
      objectTests,
      builtinTests,
      patchTests,
      applyTests,
      applyEdgeTests,
      listTests,
      watchTests,
      definitionTests,
      schemaTests,
      discoveryTests,
      refusalTests,
      definitionRefusalTests,
    ]) {
      tests(api)
    }
    deletionTests(api, capabilities)
  })
}
