import { defineConfig } from 'vitest/config'

/**
 * Files that wait more than they work, each in namespaces and on kinds that no other file changes. Whoever installs or removes kinds that
 * others use, has an operator for all namespaces, or counts what is in the cluster is not one of them.
 */
const sideBySide = ['attachments', 'canary', 'commands', 'new-project'].map((name) => `test/cluster/${name}.test.ts`)

/**
 * The suites on a real API server. They share one cluster: a few files run two at a time, the others follow one by one. Building the
 * cluster's programs the first time happens in the setup, which has no time limit.
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
        test: { name: 'side by side', include: sideBySide, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/cluster/**/*.test.ts'],
          exclude: sideBySide,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
