import { defineConfig } from 'vitest/config'

/**
 * The suites on a real istiod and a real Envoy. They share one mesh, so files run one after another; building its programs the first
 * time happens in the setup, which has no time limit.
 */
export default defineConfig({
  test: {
    include: ['test/dataplane/**/*.test.ts'],
    globalSetup: ['test/support/dataplane/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
})
