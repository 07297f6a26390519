import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
// biome-ignore-start lint/style/noRestrictedImports: this is the caller that hands the adapters in.
import { gatewayApiProvider } from '../adapters/gateway-api/index.ts'
import { istioProvider } from '../adapters/istio/index.ts'
import { linkerdProvider } from '../adapters/linkerd/index.ts'
import { smiProvider } from '../adapters/smi/index.ts'
// biome-ignore-end lint/style/noRestrictedImports: see above.
import definition from '../operators/canary/src/operator.ts'
import { loadOperatorConfig, loadProject } from '../src/project/load.ts'
import { deployFiles } from './kustomize.ts'

const providers = [istioProvider, linkerdProvider, smiProvider, gatewayApiProvider]
const source = 'operators/canary'

/** The files of `deploy/`, by their paths in it: the canary operator on every mesh. */
export async function canaryDeployFiles(): Promise<Map<string, string>> {
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
