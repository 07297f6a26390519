import { defineConfig } from 'vitest/config'

/** Files that change what the whole cluster serves, or count what is in it. */
const alone = ['canary-refused', 'gateway-releases', 'harness'].map((name) => `test/cluster/${name}.test.ts`)

/**
 * The suites on a real API server. They share one cluster, in which most have room for another: they wait more than they work, each in
 * namespaces of its own, so two files run at a time. The others follow, one by one. Building the cluster's programs the first time
 * happens in the setup, which has no time limit.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/cluster/global-setup.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/cluster/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
})
