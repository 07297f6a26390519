import { defineConfig } from 'vitest/config'

/**
 * Projects as users have them: in empty folders, with the packed library and what npm installs beside it. Each step goes on where the one
 * before it ended; files have folders and control planes of their own, and two of them at a time leave none waiting for a processor.
 */
export default defineConfig({
  test: {
    include: ['test/new-project/**/*.test.ts'],
    globalSetup: ['test/support/new-project/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    bail: 1,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
