import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import definition from '../operators/canary/src/operator.ts'
// biome-ignore lint/style/noRestrictedImports: this is the caller that hands the adapters in.
import { createContainer, meshProviders } from '../src/container.ts'
import { loadOperatorConfig, loadProject } from '../src/project/load.ts'
import { deployFiles } from './kustomize.ts'

const source = 'operators/canary'

/** The files of `deploy/`, by their paths in it: the canary operator on every mesh. */
export async function canaryDeployFiles(): Promise<Map<string, string>> {
  const providers = meshProviders(createContainer())
  const folder = fileURLToPath(new URL(`../${source}`, import.meta.url))
  const configFile = join(folder, 'autopilot-operator.yaml')
  const { project } = await loadProject(folder)
  const config = await loadOperatorConfig(configFile, { knownMeshes: providers.map(({ name }) => name) })
  const meshes = providers.map((provider) => ({
    name: provider.name,
    kinds: provider.create({ clusterDomain: config.clusterDomain, apiVersions: config.meshApiVersions }).kinds,
  }))
  return deployFiles({ project, definition, config, configText: await readFile(configFile, 'utf8'), meshes, source })
}
