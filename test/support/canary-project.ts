import { mkdtemp } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeFiles } from '../../generators/project/project-files.ts'
import { canary } from '../../generators/templates/canary.ts'
import type { ProjectIdentity } from '../../generators/templates/template.ts'
import { libraryFor } from '../../src/cli/generate/library.ts'
import { writeFiles } from '../../src/cli/generate/write-files.ts'
import { loadProject } from '../../src/project/load.ts'

const identity: ProjectIdentity = {
  kind: 'Canary',
  group: 'examples.io',
  version: 'v1',
  operatorName: 'canary-operator',
  mesh: 'istio',
}

/** The canary template's project with its generated code, in a new folder `.canary-…` of a folder `test/<part>`, where its libraries are found. */
export async function canaryProject(part: string): Promise<string> {
  if (basename(dirname(part)) !== 'test') throw new Error(`${part} is not in the folder of the tests`)
  const folder = await mkdtemp(join(part, '.canary-'))
  const write = (files: readonly { path: string; text: string }[]) =>
    writeFiles(
      folder,
      files.map(({ path, text }) => {
        const up = path.split('/').map(() => '..')
        const library = `'${[...up, '..', '..', 'src', 'index.ts'].join('/')}'`
        return { path, text: text.replace("'mesh-autopilot'", library), state: 'created' }
      }),
    )
  await write([...canary.files(identity), { path: 'autopilot-operator.yaml', text: 'meshProvider: istio\n' }])
  const { project } = await loadProject(folder)
  const library = { library: libraryFor(folder, 2).main, testing: libraryFor(folder, 1).testing, typedKinds: [] }
  const code = await codeFiles(project, library)
  await write(code.filter(({ owner }) => owner === 'generated'))
  return folder
}
