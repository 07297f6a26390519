import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findProgram, isExecutable } from './command.ts'
import { type ClusterEnvironment, clusterEnvironment } from './environment.ts'
import { buildGo, downloadModule, type GoProgram, kubernetesProgram, kwokProgram } from './go-build.ts'
import { withLock } from './lock.ts'
import { type Progress, startProgress } from './progress.ts'
import { versions } from './versions.ts'

/** The programs that a real control plane is made of, by path. */
export interface Binaries {
  readonly etcd: string
  readonly apiserver: string
  readonly controllerManager: string
  readonly scheduler: string
  readonly kubectl: string
  readonly kwok: string
}

/** There is no real control plane to be had here; `message` is one line that says what to install. */
export class CounterpartMissing extends Error {
  override readonly name = 'CounterpartMissing'
}

/** Part of the name of everything in the cache that runs on one kind of machine only. */
export const platform = `${process.platform}-${process.arch}`

/**
 * Finds the binaries in this order: `KUBEBUILDER_ASSETS`, the cache, a build with Go into the cache (about ten minutes on two cores the
 * first time, with progress on standard error). Throws `CounterpartMissing` when none of the three is possible.
 */
export async function findBinaries(environment: ClusterEnvironment = clusterEnvironment()): Promise<Binaries> {
  const { kubernetes, etcd, kwok } = versions
  const bin = join(environment.cache, 'bin')
  const kubernetesFolder = join(bin, `kubernetes-${kubernetes.version}-etcd-${etcd.version}-${platform}`)
  const kwokFolder = join(bin, `kwok-${kwok.version}-${platform}`)
  const built = {
    etcd: join(kubernetesFolder, 'etcd'),
    apiserver: join(kubernetesFolder, 'kube-apiserver'),
    controllerManager: join(kubernetesFolder, 'kube-controller-manager'),
    scheduler: join(kubernetesFolder, 'kube-scheduler'),
    kubectl: join(kubernetesFolder, 'kubectl'),
    kwok: join(kwokFolder, 'kwok'),
  }
  const { kwok: nodes, ...rest } = {
    ...built,
    ...(environment.assets === undefined ? {} : await assets(environment.assets)),
  }
  const controlPlane = Object.values(rest)
  await buildOnce(environment, 'etcd and Kubernetes', controlPlane, kubernetesFolder, async () => {
    const { GoMod } = await downloadModule(kubernetes.module, kubernetes.version)
    return kubernetesProgram(await readFile(GoMod, 'utf8'))
  })
  await buildOnce(environment, 'kwok', [nodes], kwokFolder, async () => kwokProgram())
  return { ...rest, kwok: nodes }
}

/** What `KUBEBUILDER_ASSETS` holds. etcd and kube-apiserver must be there; the others are found elsewhere if they are not. */
async function assets(folder: string): Promise<Partial<Binaries>> {
  const required = { etcd: join(folder, 'etcd'), apiserver: join(folder, 'kube-apiserver') }
  for (const file of Object.values(required)) {
    if (!(await isExecutable(file))) throw new CounterpartMissing(`KUBEBUILDER_ASSETS is set, but there is no ${file}`)
  }
  const optional = {
    controllerManager: join(folder, 'kube-controller-manager'),
    scheduler: join(folder, 'kube-scheduler'),
    kubectl: join(folder, 'kubectl'),
  }
  const found = await Promise.all(
    Object.entries(optional).map(async ([name, file]) => ((await isExecutable(file)) ? [[name, file]] : [])),
  )
  return { ...required, ...Object.fromEntries(found.flat()) }
}

/** Builds `program` with Go into `target` unless all of `files` are there. `remedy` is for who has no Go. */
export async function buildOnce(
  environment: ClusterEnvironment,
  name: string,
  files: readonly string[],
  target: string,
  program: () => Promise<GoProgram>,
  remedy = 'install Go 1.24 or later to build it once (KUBEBUILDER_ASSETS can name a folder that has kube-apiserver and etcd already)',
): Promise<void> {
  const make = async (scratch: string, progress: Progress) => {
    await buildGo(await program(), scratch, target, progress)
  }
  await makeOnce(environment, `building ${name}`, files, target, make, { program: 'go', remedy })
}

/**
 * Makes `files` in the cache, unless all of them are there: one process at a time, with lines of progress. `make` gets a scratch
 * folder of its own. `tool` is what cannot be missing to make them: `CounterpartMissing` names it.
 */
export async function makeOnce(
  environment: ClusterEnvironment,
  what: string,
  files: readonly string[],
  target: string,
  make: (scratch: string, progress: Progress) => Promise<void>,
  tool: { readonly program: string; readonly remedy: string },
): Promise<void> {
  if (await allExecutable(files)) return
  if ((await findProgram(tool.program)) === undefined) {
    throw new CounterpartMissing(`${what} is not possible here: ${tool.remedy}`)
  }
  const progress = startProgress(what)
  const scratch = join(environment.cache, 'build', basename(target))
  try {
    await withLock(
      `${scratch}.lock`,
      () => progress.say('waiting for another process that makes it'),
      async () => {
        // Whoever held the lock before may have made it.
        if (!(await allExecutable(files))) await make(scratch, progress)
      },
    )
    progress.end('ready')
  } catch (error) {
    progress.end('failed')
    throw error
  }
}

async function allExecutable(files: readonly string[]): Promise<boolean> {
  return (await Promise.all(files.map(isExecutable))).every((found) => found)
}

if (import.meta.main) console.log(JSON.stringify(await findBinaries(), undefined, 2))
