import { fileName } from '../../src/project/code-names.ts'
import type { Project } from '../../src/project/project.ts'
import { exampleResourcePath } from './example-resource.ts'
import { formatTypeScript } from './format.ts'
import { aKind } from './names.ts'
import { type ProjectFile, starter } from './project-file.ts'

/** `test/<kind>.test.ts`: the workflow from its first phase on, in the simulator. */
export async function testStub(project: Project, testing: string): Promise<ProjectFile> {
  const { kind } = project
  const initial = project.phases.find((phase) => phase.initial)?.name ?? ''
  const text = `
    import { expect, test } from 'vitest'
    import { readObjects, simulateProject } from '${testing}'

    const root = new URL('..', import.meta.url)

    test('${aKind(kind)} begins in ${initial}', async () => {
      const [example] = await readObjects(new URL('${exampleResourcePath(project)}', root))
      await using simulation = await simulateProject(root, { resource: example })
      await simulation.apply([example])
      await simulation.runFor(60_000)
      expect(simulation.timeline.phase).toBe('${initial}')
    })`
  return starter(`test/${fileName(kind)}.test.ts`, await formatTypeScript(text))
}
