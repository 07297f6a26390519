import { expect, test } from 'vitest'
import { readObjects, simulateProject } from '../../../src/testing/index.ts'

const root = new URL('..', import.meta.url)

test('a CanaryDeployment begins in Initializing', async () => {
  const [example] = await readObjects(new URL('examples/canarydeployment.yaml', root))
  await using simulation = await simulateProject(root, { resource: example })
  await simulation.apply([example])
  await simulation.runFor(60_000)
  expect(simulation.timeline.phase).toBe('Initializing')
})
