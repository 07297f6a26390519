import type { TestProject } from 'vitest/node'
import { noRegistry } from './npm-registry.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Whether npm can install what projects need. */
    registry: boolean
  }
}

/** A user without a way to npm's registry gets one line that says so, and skipped suites; in CI that is an error. */
export default async function setup(project: TestProject): Promise<void> {
  const missing = await noRegistry()
  if (missing !== undefined) process.stderr.write(`project suites skipped: ${missing}\n`)
  project.provide('registry', missing === undefined)
}
