import { defineConfig } from 'vitest/config'

/**
 * The suites on a real API server. They share one cluster, so files run one after another in one process; building its programs
 * the first time happens in the setup, which has no time limit.
 */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/support/cluster/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
  },
})
