import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { type Cluster, describeCluster } from '../support/cluster/cluster.ts'
import { freePort } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { buildRegistry } from '../support/cluster/registry.ts'
import { pullLayout, type RealRegistry, startRealRegistry } from '../support/image-registry/real-registry.ts'
import { answerRoutes } from '../support/live/mesh-controller.ts'
import { type PlayedPod, playPod, type UnpackedImage } from '../support/live/played-pod.ts'
import { Recorder } from '../support/live/recorder.ts'
import { doStep, stepsOf } from '../support/new-project/follow-guide.ts'
import { noRegistry } from '../support/new-project/npm-registry.ts'
import { startSteadyPrometheus } from '../support/new-project/steady-prometheus.ts'
import { Terminal } from '../support/new-project/terminal.ts'
import { unpackImage } from '../support/unpack-image.ts'

const checkout = join(import.meta.dirname, '..', '..')
const operator = 'release-operator'
const repository = 'team/release-operator'
const kind = { group: 'examples.io', version: 'v1', kind: 'Release', plural: 'releases', namespaced: true }
const podKind = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }

/** The guide up to the place where the project is whole. */
const guide = await stepsOf('first-operator.md')
const begun = guide.slice(
  0,
  guide.findIndex((step) => 'command' in step && step.command.startsWith('npx ap switch')),
)
const examples = guide.filter((step) => 'file' in step && step.file === 'examples/web.yaml')

const unreachable = await noRegistry()
if (unreachable !== undefined) process.stderr.write(`from an empty folder to a cluster: skipped, ${unreachable}\n`)

describe.skipIf(unreachable !== undefined)('from an empty folder to an operator on a cluster and back', () => {
  describeCluster('with the packed library', (cluster) => {
    let folder: string
    let terminal: Terminal
    let prometheus: Awaited<ReturnType<typeof startSteadyPrometheus>>
    let registry: RealRegistry
    let image: string
    let resident: string
    let unpacked: UnpackedImage
    let unknown: string[] = []

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ap-chain-'))
      // What `npm link` does.
      await symlink(join(checkout, 'bin', 'ap.js'), join(folder, 'ap'))
      const kinds = builtInMeshes.flatMap(({ name }) => adapterOf(name).kinds)
      unknown = await installMissing(cluster, kinds)
      registry = await startRealRegistry(await buildRegistry(), join(folder, 'registry'))
      prometheus = await startSteadyPrometheus(1)
      terminal = new Terminal(folder, [folder], { KUBECONFIG: cluster.facts.kubeconfig })
    })

    afterAll(async () => {
      await prometheus?.stop()
      await registry?.stop()
      if (unknown.length > 0) await cluster.kubectl(['delete', 'crd', ...unknown])
      await rm(folder, { recursive: true, force: true })
    })

    const type = async (command: string) => {
      const { code, printed } = await terminal.type(command)
      expect({ code, printed }).toEqual({ code: 0, printed: expect.any(String) })
      return printed
    }

    test('the guide’s operator is begun, written, checked and tested', { timeout: 300_000 }, async () => {
      for (const step of [...begun, ...examples]) await doStep(step, { terminal, names: {} })
    })

    test('its image is built, pushed and pulled', async () => {
      const file = join(terminal.folder, 'autopilot-operator.yaml')
      const metricsAddr = `metricsAddr: ":${await freePort()}"`
      const config = (await readFile(file, 'utf8')).replace(/^metricsAddr: .*$/m, metricsAddr)
      await writeFile(file, `${config}prometheus: { url: ${prometheus.url} }\n`)
      await type('npx ap generate && npx ap lint')
      // Keeps the kind in the cluster, which the garbage collector would otherwise have to learn anew for each mesh: every 30 s.
      resident = await cluster.namespace('chain-resident')
      await type(`npx ap deploy registry.example/${repository}:0.9 -n ${resident}`)
      const built = await type(`npx ap build ${registry.address}/${repository}:1.0 --push`)
      image = /^Deploy it with: ap deploy (\S+)$/m.exec(built)?.[1] ?? ''
      const [, digest = ''] = image.split('@')
      await pullLayout(registry, repository, digest, join(folder, 'pulled'))
      const root = join(folder, 'root')
      unpacked = { root, config: await unpackImage(join(folder, 'pulled'), root) }
    })

    for (const { name: mesh } of builtInMeshes) {
      test(`on ${mesh}, with one word changed, a release is finished`, { timeout: 180_000 }, async () => {
        const adapter = adapterOf(mesh)
        await type(`npx ap switch ${mesh} && npx ap lint && npx ap test`)
        const namespace = await cluster.namespace(`chain-${mesh}`, adapter.enrollment?.namespaceLabels)
        const began = await cluster.audit.mark()
        const deployed = await type(`npx ap deploy ${image} -n ${namespace} --wait`)
        expect(deployed).toContain(`available  Deployment ${namespace}/${operator}\n`)

        const recorder = await Recorder.start(cluster.admin, namespace, [kind, podKind, ...adapter.kinds])
        answerRoutes(adapter, recorder, cluster.client)
        let pod: PlayedPod | undefined
        try {
          pod = await playPod(cluster, await podOf(cluster, namespace), unpacked, recorder)
          const processes = [pod.process]
          await waitFor('the operator is ready', pod.isReady, { processes })
          await cluster.kubectl(['apply', '-n', namespace, '-f', join(terminal.folder, 'examples', 'web.yaml')])
          const release = await readFile(join(terminal.folder, 'examples', 'release.yaml'), 'utf8')
          await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], {
            stdin: `${release}  interval: 1s\n  step: 90\n`,
          })
          await waitFor('the release is finished', async () => phasesOf(recorder).at(-1) === 'Finished', { processes })
          expect(phasesOf(recorder)).toEqual(['Initializing', 'Processing', 'Finished'])
          expect(sharesOf(adapter, namespace, recorder)).toEqual({ 'web-v2': 1 })

          expect(await terminal.type(`npx ap undeploy -n ${namespace}`)).toMatchObject({ code: 1 })
          const gone = await type(`npx ap undeploy -n ${namespace} --cascade --traffic restore`)
          expect(gone).toContain(`restored   Release ${namespace}/web\n`)
          expect(gone).toContain(`kept       CustomResourceDefinition releases.examples.io: used from ${resident}\n`)
          const objects = () => adapter.kinds.flatMap((one) => recorder.now.list(one))
          await waitFor('nothing of the mesh is left', async () => objects().length === 0)
        } finally {
          await pod?.process.stop()
          recorder.stop()
        }
        expect(await readFile(pod.process.log, 'utf8')).toContain('"msg":"operator stopped"')
        expect(await leftOf(cluster, namespace)).toBe('')
        const calls = await cluster.audit.calls(began, await cluster.audit.mark())
        const own = calls.filter(({ user }) => user === `system:serviceaccount:${namespace}:${operator}`)
        expect(own.length).toBeGreaterThan(10)
        expect(own.filter(({ status }) => status === 403)).toEqual([])
      })
    }

    test('the last one that goes takes the kind along', async () => {
      await type(`npx ap undeploy -n ${resident}`)
      expect(await leftOf(cluster, resident)).toBe('')
      await waitFor('the kind is gone', async () => {
        return (await cluster.client.call('GET', `${definitions}/releases.examples.io`)).status === 404
      })
    })
  })
})

function adapterOf(mesh: string) {
  const provider = builtInMeshes.find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`no mesh ${mesh}`)
  return provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** What no package registry has the definitions of is stored without a schema of its fields. Gives their names. */
async function installMissing(cluster: Cluster, kinds: readonly Kind[]): Promise<string[]> {
  const installed: string[] = []
  for (const definition of meshCrds(kinds)) {
    const { name } = definition.metadata
    if ((await cluster.client.call('GET', `${definitions}/${name}`)).status !== 404) continue
    await cluster.client.ask('POST', definitions, definition)
    installed.push(name)
  }
  await cluster.established(...installed)
  return installed
}

/** The pod that the controllers made of the Deployment. */
async function podOf(cluster: Cluster, namespace: string): Promise<KubeObject> {
  const list = JSON.parse(await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'json']))
  expect(list.items).toHaveLength(1)
  return list.items[0]
}

function phasesOf(recorder: Recorder): string[] {
  const { phaseHistory } = fieldsOf(recorder.now.get(kind, 'web')?.['status'])
  return listOf(phaseHistory).map((visit) => String(fieldsOf(visit)['phase']))
}

/** Shares of the requests to the service by what the mesh's objects say; those without any are left out. */
function sharesOf(adapter: MeshAdapter, namespace: string, { now }: Recorder): Record<string, number> {
  const objects = adapter.kinds.flatMap((one) => now.list(one))
  const rule = adapter
    .observe(objects, { namespace, name: 'web' }, { ports: () => [80] })
    .traffic?.ports[0]?.rules.at(-1)
  const backends = (rule?.backends ?? []).filter(({ weight }) => weight > 0)
  const all = backends.reduce((sum, { weight }) => sum + weight, 0)
  return Object.fromEntries(backends.map(({ service, weight }) => [service.name, weight / all]))
}

/** Names of what an installation is made of. */
function leftOf(cluster: Cluster, namespace: string): Promise<string> {
  const kinds = 'role,rolebinding,configmap,service,deployment,serviceaccount,networkpolicy,poddisruptionbudget'
  return cluster.kubectl(['get', kinds, '-n', namespace, '-l', `app.kubernetes.io/name=${operator}`, '-o', 'name'])
}
