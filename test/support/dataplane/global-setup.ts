import type { TestProject } from 'vitest/node'
import { CounterpartMissing } from '../cluster/binaries.ts'
import { clusterEnvironment } from '../cluster/environment.ts'
import { type DataPlaneFacts, startDataPlane } from './start-data-plane.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The running mesh, or why there is none. */
    dataPlane: DataPlaneFacts | { readonly missing: string }
  }
}

/**
 * One real mesh for all files of a run. It is stopped when the run is over, failed or interrupted. A user without the means to have
 * one gets one line that says what is needed, and skipped suites; in CI that is an error.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const environment = clusterEnvironment()
  try {
    const mesh = await startDataPlane(environment)
    project.provide('dataPlane', mesh.facts)
    return mesh.stop
  } catch (error) {
    if (environment.ci || !(error instanceof CounterpartMissing)) throw error
    process.stderr.write(`data plane suites skipped: ${error.message}\n`)
    project.provide('dataPlane', { missing: error.message })
    return async () => {}
  }
}
