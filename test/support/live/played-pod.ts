import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../../../src/kube/object.ts'
import { type Fields, fieldsOf, listOf, textOf, textsOf } from '../../../src/mesh/fields.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { findProgram } from '../cluster/command.ts'
import { type Running, start } from '../cluster/processes.ts'
import type { ImageConfig } from '../unpack-image.ts'
import type { Recorder } from './recorder.ts'

/** An image on this machine: what is to be run, and the folder that its layers were laid into. */
export interface UnpackedImage {
  readonly config: ImageConfig
  readonly root: string
}

/** The only container of a pod, running. */
export interface PlayedPod {
  readonly process: Running
  /** Asks the container what the kubelet asks it before it sends it requests (`readinessProbe.httpGet`). */
  isReady(): Promise<boolean>
}

const apiAccess = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Does for a pod what a kubelet does: mounts its ConfigMaps and the account's token into the image's file system, then runs the command
 * in it, as the image's user, with the image's and the pod's environment and no other. Nothing else of this machine is in reach of it
 * but the network. A pod that is deleted gets SIGTERM, once. `recorder` sees pods.
 */
export async function playPod(
  cluster: Cluster,
  pod: KubeObject,
  { config, root }: UnpackedImage,
  recorder: Recorder,
): Promise<PlayedPod> {
  const { name, namespace = '' } = pod.metadata
  const spec = fieldsOf(pod['spec'])
  const container = fieldsOf(listOf(spec['containers'])[0])
  for (const mount of listOf(container['volumeMounts']).map(fieldsOf)) {
    const volume = listOf(spec['volumes'])
      .map(fieldsOf)
      .find(({ name }) => name === mount['name'])
    const files = await filesOf(cluster, pod, volume ?? {})
    await mountFiles(join(root, textOf(mount['mountPath']) ?? ''), files)
  }
  // The API server's plugin that writes this mount into pods is off here.
  if (spec['automountServiceAccountToken'] === true) {
    const { access } = await cluster.serviceAccount(namespace, textOf(spec['serviceAccountName']) ?? 'default')
    await mountFiles(join(root, apiAccess), { token: access.token ?? '', 'ca.crt': access.ca, namespace })
  }
  const api = new URL(cluster.admin.url)
  const variables = [
    ...config.Env,
    ...listOf(container['env']).map((entry) => `${fieldsOf(entry)['name']}=${fieldsOf(entry)['value'] ?? ''}`),
    `KUBERNETES_SERVICE_HOST=${api.hostname}`,
    `KUBERNETES_SERVICE_PORT=${api.port}`,
  ]
  const command = container['command'] === undefined ? config.Entrypoint : textsOf(container['command'])
  const args = container['args'] === undefined ? config.Cmd : textsOf(container['args'])
  const unshare = await findProgram('unshare')
  if (unshare === undefined) throw new Error('there is no unshare (util-linux) here to run an image with')
  const isolated = [unshare, ...identityFor(spec, config), `--root=${root}`, `--wd=${config.WorkingDir}`]
  const process = await start(
    `pod-${name}`,
    'env',
    ['-i', ...variables, ...isolated, ...command, ...args],
    cluster.facts.folder,
  )
  let ending = false
  recorder.listen(({ kind, object }) => {
    const isDeleted = kind.plural === 'pods' && object.metadata.name === name && object.metadata.deletionTimestamp
    if (!isDeleted || ending) return
    ending = true
    void process.stop()
  })
  const probe = probeUrl(container)
  const isReady = () =>
    fetch(probe).then(
      ({ ok }) => ok,
      () => false,
    )
  return { process, isReady }
}

/** Whoever is not root here becomes the root of a user namespace, which may change its file system likewise. */
function identityFor({ securityContext }: Fields, { User }: ImageConfig): string[] {
  if (process.getuid?.() !== 0) return ['--map-root-user']
  const [imageUser, imageGroup] = User.split(':')
  const { runAsUser = imageUser, runAsGroup = imageGroup } = fieldsOf(securityContext)
  return [`--setuid=${runAsUser}`, `--setgid=${runAsGroup}`]
}

/** What a volume holds, by path. */
async function filesOf(cluster: Cluster, pod: KubeObject, volume: Fields): Promise<Record<string, string>> {
  const { namespace = '' } = pod.metadata
  if (volume['configMap'] !== undefined) {
    const path = `/api/v1/namespaces/${namespace}/configmaps/${fieldsOf(volume['configMap'])['name']}`
    const { data } = fieldsOf(await cluster.client.ask('GET', path))
    return Object.fromEntries(Object.entries(fieldsOf(data)).map(([name, text]) => [name, String(text)]))
  }
  throw new Error(`the pod has a volume that cannot be played: ${JSON.stringify(volume)}`)
}

async function mountFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o644)
  }
}

function probeUrl({ readinessProbe, ports }: Fields): string {
  const { path, port } = fieldsOf(fieldsOf(readinessProbe)['httpGet'])
  const named = listOf(ports)
    .map(fieldsOf)
    .find(({ name }) => name === port)
  return `http://127.0.0.1:${named?.['containerPort'] ?? port}${path}`
}
