import { accessSync, readFileSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import type { Cluster, Context, User } from '@kubernetes/client-node/dist/config_types.js'
import { newClusters, newContexts, newUsers } from '@kubernetes/client-node/dist/config_types.js'
import { parse } from 'yaml'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { isRecord } from './wire.ts'

/** Where to look for a cluster; everything is optional, and what is absent is looked up as kubectl does. */
export interface ConfigSource {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where a pod has its service account. */
  readonly serviceAccountFolder?: string
}

/** A user of a kubeconfig: client-node's, and what it leaves out. */
export interface KubeUser extends User {
  readonly tokenFile?: string
  readonly impersonateGroups?: readonly string[]
  /** Folder that a relative path of an exec plugin counts from. */
  readonly folder?: string
}

export interface ClusterConfig {
  readonly cluster: Cluster
  readonly user: KubeUser
  /** Namespace of the context or of the pod; absent when neither names one. */
  readonly namespace: string | undefined
  readonly context: string
}

interface Kubeconfig {
  readonly clusters: Cluster[]
  readonly users: KubeUser[]
  readonly contexts: Context[]
  readonly currentContext: string | undefined
}

/**
 * The cluster to talk to: the kubeconfig given, else those of KUBECONFIG, else the pod's service account, else
 * `~/.kube/config`.
 *
 * @throws DiagnosticError naming the file and what is wrong with it.
 */
export function findCluster(source: ConfigSource = {}): ClusterConfig {
  const { env = process.env, serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount' } = source
  if (source.kubeconfig) return pick(readKubeconfigs([source.kubeconfig]), source.context, source.kubeconfig)
  const listed = filesOf(env)
  if (listed.length > 0) return pick(readKubeconfigs(listed), source.context, listed.join(', '))
  const own = inCluster(env, serviceAccountFolder)
  if (own !== undefined && source.context === undefined) return own
  const file = homeFile(env)
  if (exists(file)) return pick(readKubeconfigs([file]), source.context, file)
  const tried = `KUBECONFIG is not set, this is no pod of a cluster, and there is no ${file}`
  throw new DiagnosticError([diagnostic('AP3009', { tried })])
}

/**
 * The contexts that `context` may name, in the order of the files; none where there is no kubeconfig.
 *
 * @throws DiagnosticError naming the file and what is wrong with it.
 */
export function contextNames({ env = process.env, kubeconfig }: ConfigSource = {}): string[] {
  const listed = kubeconfig ? [kubeconfig] : filesOf(env)
  const files = listed.length > 0 ? listed : [homeFile(env)].filter(exists)
  return files.length === 0 ? [] : readKubeconfigs(files).contexts.map(({ name }) => name)
}

/** The files that KUBECONFIG lists. */
function filesOf(env: Readonly<Record<string, string | undefined>>): string[] {
  return (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '')
}

function homeFile(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['HOME'] ?? env['USERPROFILE'] ?? '', '.kube', 'config')
}

/** A pod's own account (the environment and the files that the kubelet gives it), if this runs in one. */
function inCluster(env: Readonly<Record<string, string | undefined>>, folder: string): ClusterConfig | undefined {
  const host = env['KUBERNETES_SERVICE_HOST']
  const tokenFile = join(folder, 'token')
  if (!host || !exists(tokenFile)) return undefined
  const authority = host.includes(':') ? `[${host}]` : host
  const server = `https://${authority}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`
  const namespaceFile = join(folder, 'namespace')
  return {
    cluster: { name: 'in-cluster', server, caFile: join(folder, 'ca.crt'), skipTLSVerify: false },
    user: { name: "the pod's service account", tokenFile },
    namespace: exists(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined,
    context: 'in-cluster',
  }
}

/** Several files count as one, in which the first to say something wins; in a list, files that do not exist are left out. */
function readKubeconfigs(files: readonly string[]): Kubeconfig {
  const present = files.filter(exists)
  const configs = (present.length > 0 ? present : files).map(readKubeconfig)
  return {
    clusters: configs.flatMap(({ clusters }) => clusters),
    users: configs.flatMap(({ users }) => users),
    contexts: configs.flatMap(({ contexts }) => contexts),
    currentContext: configs.map(({ currentContext }) => currentContext).find((name) => name !== undefined),
  }
}

function readKubeconfig(file: string): Kubeconfig {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const problem =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : String(cause)
    throw new DiagnosticError([diagnostic('AP3005', { file, problem })], { cause })
  }
  try {
    const content: unknown = parse(text)
    if (!isRecord(content)) throw new Error('it has no clusters, users and contexts')
    return readContent(content, dirname(file))
  } catch (cause) {
    const problem = cause instanceof Error ? (cause.message.split('\n')[0] ?? '').replace(/:$/, '') : String(cause)
    throw new DiagnosticError([diagnostic('AP3006', { file, problem })], { cause })
  }
}

function readContent(content: Record<string, unknown>, folder: string): Kubeconfig {
  const absolute = (path: string | undefined) => (path === undefined || isAbsolute(path) ? path : join(folder, path))
  const current = content['current-context']
  const clusters = newClusters(content['clusters'])
  for (const cluster of clusters) {
    if (!/^https?:$/.test(URL.parse(cluster.server)?.protocol ?? '')) {
      throw new Error(`the server ${cluster.server} of the cluster ${cluster.name} is no http or https address`)
    }
    if (cluster.caFile !== undefined) cluster.caFile = absolute(cluster.caFile) ?? cluster.caFile
  }
  return {
    clusters,
    users: readUsers(content['users'], folder, absolute),
    contexts: newContexts(content['contexts']),
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
  }
}

/** client-node reads a token file once, and knows nothing of groups: both are kept out of its hands. */
function readUsers(
  value: unknown,
  folder: string,
  absolute: (path: string | undefined) => string | undefined,
): KubeUser[] {
  const entries = Array.isArray(value) ? value : []
  const own = entries.map((entry: unknown) => {
    const user = isRecord(entry) && isRecord(entry['user']) ? entry['user'] : {}
    const { tokenFile = user['token-file'], 'as-groups': groups } = user
    return {
      ...(typeof tokenFile === 'string' && { tokenFile: absolute(tokenFile) ?? tokenFile }),
      ...(Array.isArray(groups) && { impersonateGroups: groups.map(String) }),
      folder,
    }
  })
  const withoutTokenFiles = entries.map((entry: unknown) => {
    if (!isRecord(entry) || !isRecord(entry['user'])) return entry
    const { 'token-file': _, ...user } = entry['user']
    return { ...entry, user }
  })
  return newUsers(withoutTokenFiles).map((user, index) => {
    const certFile = absolute(user.certFile)
    const keyFile = absolute(user.keyFile)
    return { ...user, ...(certFile && { certFile }), ...(keyFile && { keyFile }), ...own[index] }
  })
}

function pick(config: Kubeconfig, wanted: string | undefined, file: string): ClusterConfig {
  const name = wanted ?? config.currentContext
  const known = config.contexts.map((context) => context.name).join(', ') || 'none'
  if (name === undefined) {
    const tried = `${file} has no current-context; its contexts are ${known}`
    throw new DiagnosticError([diagnostic('AP3009', { tried })])
  }
  const context = config.contexts.find((entry) => entry.name === name)
  if (context === undefined) throw new DiagnosticError([diagnostic('AP3007', { context: name, known, file })])
  const cluster = config.clusters.find((entry) => entry.name === context.cluster)
  if (cluster === undefined) throw incomplete(name, 'cluster', context.cluster, file)
  const user = config.users.find((entry) => entry.name === context.user)
  if (user === undefined && context.user) throw incomplete(name, 'user', context.user, file)
  return { cluster, user: user ?? { name: 'anonymous' }, namespace: context.namespace, context: name }
}

function incomplete(context: string, what: 'cluster' | 'user', name: string, file: string): DiagnosticError {
  return new DiagnosticError([diagnostic('AP3008', { context, what, name, file })])
}

function exists(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch {
    return false
  }
}
