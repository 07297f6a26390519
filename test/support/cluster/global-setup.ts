import type { TestProject } from 'vitest/node'
import { CounterpartMissing } from './binaries.ts'
import { clusterEnvironment } from './environment.ts'
import { type ClusterFacts, startCluster } from './start-cluster.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The running cluster, or why there is none. */
    cluster: ClusterFacts | { readonly missing: string }
  }
}

/**
 * One real cluster for all files of a run. It is stopped when the run is over, failed or interrupted. A user without the means to
 * build one gets one line that says what to install, and skipped suites; in CI that is an error.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const environment = clusterEnvironment()
  try {
    const cluster = await startCluster(environment)
    project.provide('cluster', cluster.facts)
    return cluster.stop
  } catch (error) {
    if (environment.ci || !(error instanceof CounterpartMissing)) throw error
    process.stderr.write(`cluster suites skipped: ${error.message}\n`)
    project.provide('cluster', { missing: error.message })
    return async () => {}
  }
}
