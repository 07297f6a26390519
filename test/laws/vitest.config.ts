import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { builtInMeshes } from '../../src/meshes.ts'

/**
 * The laws of every adapter over many more cases than the fast suites try: LAW_RUNS of each law, 10,000 unless set. A project for each
 * mesh, so that they run side by side.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: availableParallelism(),
    projects: builtInMeshes.map(({ name }) => ({
      test: {
        name,
        include: ['test/laws/**/*.test.ts'],
        env: { LAW_MESH: name, LAW_RUNS: process.env['LAW_RUNS'] ?? '10000' },
      },
    })),
  },
})
