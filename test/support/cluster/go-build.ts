import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './command.ts'
import type { Progress } from './progress.ts'
import { versions } from './versions.ts'

/** Go's answer to `go mod download -json`. */
interface DownloadedModule {
  readonly Dir: string
  readonly GoMod: string
}

function isDownloadedModule(value: unknown): value is DownloadedModule {
  return (
    typeof value === 'object' &&
    value !== null &&
    'Dir' in value &&
    typeof value.Dir === 'string' &&
    'GoMod' in value &&
    typeof value.GoMod === 'string'
  )
}

const goVariables = { CGO_ENABLED: '0', GOWORK: 'off' }

/** Downloads a module into Go's own cache and tells where it is. Nothing is fetched when it is there already. */
export async function downloadModule(module: string, version: string): Promise<DownloadedModule> {
  const answer: unknown = JSON.parse(
    await command('go', ['mod', 'download', '-json', `${module}@${version}`], { variables: goVariables }),
  )
  if (!isDownloadedModule(answer)) throw new Error(`go mod download gave no folder for ${module}@${version}`)
  return answer
}

/** A Go module made to build some programs of other modules at exact versions. */
export interface GoProgram {
  readonly goMod: string
  /** Further files of the module by path. */
  readonly files: Readonly<Record<string, string>>
  /** Commands to run in the module before it is built. */
  readonly prepare: readonly (readonly string[])[]
  readonly packages: readonly string[]
  readonly ldflags: string
}

/**
 * Builds into `target`, which appears only when everything in it is built: a build that was stopped leaves nothing to be mistaken
 * for a good one. `scratch` holds the generated module.
 */
export async function buildGo(program: GoProgram, scratch: string, target: string, progress: Progress): Promise<void> {
  await rm(scratch, { recursive: true, force: true })
  for (const [path, text] of Object.entries({ ...program.files, 'go.mod': program.goMod })) {
    const file = join(scratch, path)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, text)
  }
  const options = { folder: scratch, variables: goVariables }
  progress.say('resolving modules')
  for (const args of program.prepare) await command('go', args, options)
  let compiled = 0
  const output = join(scratch, 'bin')
  await mkdir(output)
  await command(
    'go',
    ['build', '-v', '-trimpath', '-ldflags', program.ldflags, '-o', `${output}/`, ...program.packages],
    {
      ...options,
      onLine: () => {
        compiled += 1
        progress.say(`compiling, ${compiled} packages so far`)
      },
    },
  )
  await mkdir(join(target, '..'), { recursive: true })
  await rm(target, { recursive: true, force: true })
  await rename(output, target)
  await rm(scratch, { recursive: true, force: true })
}

/**
 * etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl in one module, so that Go compiles what they share once.
 *
 * `k8s.io/kubernetes` finds its staging modules by replaces to local folders, which count only in the main module; the same
 * modules are published with a version of their own (v1.34.4 has v0.34.4), so the replaces are repeated with that.
 */
export function kubernetesProgram(upstreamGoMod: string): GoProgram {
  const { kubernetes, etcd } = versions
  const kept = upstreamGoMod.split('\n').filter((line) => /^go \S+$/.test(line) || /^godebug /.test(line))
  const godebug = /^godebug \([^)]*\)/m.exec(upstreamGoMod)?.[0]
  const replaces = [...upstreamGoMod.matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \.\/staging\//gm)].map(
    ([, name]) => `replace ${name} => ${name} ${kubernetes.staging}`,
  )
  if (replaces.length === 0) throw new Error(`${kubernetes.module}@${kubernetes.version} has no staging modules`)
  const tools = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'].map(
    (name) => `${kubernetes.module}/cmd/${name}`,
  )
  const stamp = 'k8s.io/component-base/version'
  const client = 'k8s.io/client-go/pkg/version'
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(kubernetes.version) ?? []
  const facts = { gitVersion: kubernetes.version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  return {
    goMod: [
      'module controlplane',
      ...kept,
      ...(godebug === undefined ? [] : [godebug]),
      `tool (\n${tools.map((tool) => `\t${tool}`).join('\n')}\n)`,
      `require (\n\t${kubernetes.module} ${kubernetes.version}\n\t${etcd.module} ${etcd.version}\n)`,
      ...replaces,
      '',
    ].join('\n\n'),
    files: {
      'cmd/etcd/main.go': `package main\n\nimport (\n\t"os"\n\n\t"${etcd.module}/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n`,
    },
    prepare: [['mod', 'tidy']],
    packages: ['tool', './cmd/etcd'],
    ldflags: [
      '-s -w',
      ...[stamp, client].flatMap((path) => Object.entries(facts).map(([k, v]) => `-X ${path}.${k}=${v}`)),
    ].join(' '),
  }
}

/** kwok, which plays the kubelets. A module of its own: it needs other versions of Kubernetes' modules. */
export function kwokProgram(): GoProgram {
  const { module, version } = versions.kwok
  return {
    goMod: 'module fakenodes\n\ngo 1.24.0\n',
    files: {},
    prepare: [['get', '-tool', `${module}/cmd/kwok@${version}`]],
    packages: ['tool'],
    ldflags: `-s -w -X ${module}/pkg/consts.Version=${version}`,
  }
}

/** istiod, as the program `pilot-discovery`: what turns VirtualServices and HTTPRoutes into a proxy's configuration. */
export function istiodProgram(): GoProgram {
  const { module, version, pins } = versions.istiod
  const program = `${module}/pilot/cmd/pilot-discovery`
  return {
    goMod: 'module meshcontrol\n\ngo 1.26.0\n',
    files: {},
    prepare: [['get', `${program}@${version}`, ...pins]],
    packages: [program],
    ldflags: '-s -w',
  }
}

/** Helm, which renders the chart. */
export function helmProgram(): GoProgram {
  const { module, version } = versions.helm
  return {
    goMod: 'module charttool\n\ngo 1.24.0\n',
    files: {},
    prepare: [['get', '-tool', `${module}/cmd/helm@${version}`]],
    packages: ['tool'],
    ldflags: `-s -w -X ${module}/internal/version.version=${version}`,
  }
}

/** The registry of the CNCF project Distribution, without its drivers for the storage of cloud providers, which are most of its modules. */
export function registryProgram(): GoProgram {
  const { module, version } = versions.registry
  const drivers = ['registry/auth/htpasswd', 'registry/auth/token', 'registry/storage/driver/inmemory']
  const imports = drivers.map((path) => `\t_ "${module}/${path}"\n`).join('')
  return {
    goMod: 'module imageregistry\n\ngo 1.25.0\n',
    files: {
      'cmd/registry/main.go': `package main\n\nimport (\n\t"${module}/registry"\n${imports})\n\nfunc main() { _ = registry.RootCmd.Execute() }\n`,
    },
    prepare: [['get', ...['registry', ...drivers].map((path) => `${module}/${path}@${version}`)]],
    packages: ['./cmd/registry'],
    ldflags: '-s -w',
  }
}
