import { TestRunner } from 'vitest'
import type { Evidence } from '../../generators/proof-table.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** What of the neutral model this test shows on which mesh, when it passes. */
    proves?: readonly Evidence[]
  }
}

/** Says in the report that the running test, if it passes, shows these features on a mesh: docs/reference/proof.md is made of that. */
export function proves(mesh: string, by: Evidence['by'], features: Iterable<Feature>): void {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) throw new Error('only a running test proves anything')
  test.meta.proves = [...(test.meta.proves ?? []), { mesh, by, features: [...features] }]
}
