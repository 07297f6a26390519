import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * The fast suites: no cluster, no proxies, nothing installed. They share one context per thread, which makes them an order
 * of magnitude quicker; a test that changes the process (environment, working folder) runs a child process instead.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'operators/*/test/**/*.test.ts'],
    exclude: [
      'test/cluster/**',
      'test/dataplane/**',
      'test/laws/**',
      'test/new-project/**',
      'node_modules/**',
      '**/.canary-*/**',
    ],
    pool: 'threads',
    isolate: false,
    // The runner itself has little to do, for which vitest would keep one of the cores.
    maxWorkers: availableParallelism(),
    // No test takes more than a few seconds alone; a busy machine may take ten times as long.
    testTimeout: 30_000,
  },
})
