import { join } from 'node:path'
import { buildOnce, platform } from './binaries.ts'
import { isExecutable } from './command.ts'
import { type ClusterEnvironment, clusterEnvironment } from './environment.ts'
import { registryProgram } from './go-build.ts'
import { versions } from './versions.ts'

/** The registry that was built into the cache; `undefined` where there is none. */
export async function findRegistry(
  environment: ClusterEnvironment = clusterEnvironment(),
): Promise<string | undefined> {
  const { file } = inCache(environment)
  return (await isExecutable(file)) ? file : undefined
}

/** Builds the registry with Go into the cache (about two minutes on two cores the first time), unless it is there. Gives its path. */
export async function buildRegistry(environment: ClusterEnvironment = clusterEnvironment()): Promise<string> {
  const { file, folder } = inCache(environment)
  await buildOnce(
    environment,
    'an image registry',
    [file],
    folder,
    async () => registryProgram(),
    'install Go 1.25 or later',
  )
  return file
}

function inCache({ cache }: ClusterEnvironment): { readonly file: string; readonly folder: string } {
  const folder = join(cache, 'bin', `registry-${versions.registry.version}-${platform}`)
  return { folder, file: join(folder, 'registry') }
}

if (import.meta.main) console.log(await buildRegistry())
