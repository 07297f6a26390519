import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest: begun late, one of them would keep all others waiting for it alone. */
const longest = ['adapters/laws', 'cli/dev', 'simulator/simulation', 'e2e/demo', 'cli/build', 'cli/translate-hostile']

/** Longest first. Vitest itself knows only from a run before how long files take, and a fresh checkout has had none. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
    const first = files.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b))
    return [...first, ...(await super.sort(files.filter((file) => place(file) < 0)))]
  }
}

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
    sequence: { sequencer: LongestFirst },
    // The runner itself has little to do, for which vitest would keep one of the cores.
    maxWorkers: availableParallelism(),
    // No test takes more than a few seconds alone; a busy machine may take ten times as long.
    testTimeout: 30_000,
  },
})
