import { join } from 'node:path'
import { buildOnce, platform } from './binaries.ts'
import { findProgram, isExecutable } from './command.ts'
import { type ClusterEnvironment, clusterEnvironment } from './environment.ts'
import { helmProgram } from './go-build.ts'
import { versions } from './versions.ts'

/** The user's own Helm, else the one that was built into the cache; `undefined` where there is neither. */
export async function findHelm(environment: ClusterEnvironment = clusterEnvironment()): Promise<string | undefined> {
  const own = await findProgram('helm')
  if (own !== undefined) return own
  const { file } = inCache(environment)
  return (await isExecutable(file)) ? file : undefined
}

/** Builds Helm with Go into the cache (two to three minutes on two cores the first time), unless it is there. Gives its path. */
async function buildHelm(environment: ClusterEnvironment): Promise<string> {
  const { file, folder } = inCache(environment)
  await buildOnce(environment, 'Helm', [file], folder, async () => helmProgram(), 'install Go 1.26 or later, or Helm')
  return file
}

function inCache({ cache }: ClusterEnvironment): { readonly file: string; readonly folder: string } {
  const folder = join(cache, 'bin', `helm-${versions.helm.version}-${platform}`)
  return { folder, file: join(folder, 'helm') }
}

if (import.meta.main) console.log(await buildHelm(clusterEnvironment()))
