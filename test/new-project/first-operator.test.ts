import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { type LocalCluster, startLocalCluster } from '../../src/simulator/local-cluster.ts'
import { readObjects } from '../../src/testing/index.ts'
import { findProgram } from '../support/cluster/command.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { followGuide } from '../support/new-project/follow-guide.ts'
import { startSteadyPrometheus } from '../support/new-project/steady-prometheus.ts'
import { Terminal } from '../support/new-project/terminal.ts'

const root = join(import.meta.dirname, '..', '..')
const hasKubectl = (await findProgram('kubectl')) !== undefined

function adapterOf(mesh: string) {
  const provider = builtInMeshes.find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`no mesh ${mesh}`)
  return provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
}

describe.skipIf(!inject('registry'))('the first operator, from an empty folder with the packed library', async () => {
  let folder: string
  let terminal: Terminal
  let prometheus: Awaited<ReturnType<typeof startSteadyPrometheus>>
  let cluster: LocalCluster

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ap-first-'))
    // What `npm link` does.
    await symlink(join(root, 'bin', 'ap.js'), join(folder, 'ap'))
    prometheus = await startSteadyPrometheus(1)
    cluster = await startLocalCluster(adapterOf('linkerd'))
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    terminal = new Terminal(folder, [folder], { KUBECONFIG: kubeconfig })
  })

  afterAll(async () => {
    await terminal?.close()
    await cluster?.stop()
    await prometheus?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  await followGuide(
    'first-operator.md',
    () => ({ terminal, names: { 'http://localhost:9090': prometheus.url } }),
    (step) => 'mode' in step && step.mode === 'cluster' && !hasKubectl,
  )

  describe.each(builtInMeshes.map(({ name }) => name))('with one word changed, on %s', (mesh) => {
    test('only that word is different', async () => {
      const before = await textsOf(terminal.folder)
      expect(await terminal.type(`npx ap switch ${mesh}`)).toMatchObject({ code: 0 })
      const after = await textsOf(terminal.folder)
      const own = [...after].filter(([path]) => !path.startsWith('deploy/'))
      const changed = own.filter(([path, text]) => before.get(path) !== text)
      expect(changed.map(([path]) => path)).toEqual(['autopilot-operator.yaml'])
      const rest = (text = '') => text.replace(/^meshProvider: .*$/m, '')
      expect(rest(changed[0]?.[1])).toBe(rest(before.get('autopilot-operator.yaml')))
      expect([...after.keys()]).toEqual([...before.keys()])
      expect(after.get('autopilot-operator.yaml')).toMatch(new RegExp(`^meshProvider: ${mesh}$`, 'm'))
    })

    test('the project is sound, and its tests pass', async () => {
      expect(await terminal.type('npx ap generate --check')).toMatchObject({ code: 0 })
      expect(await terminal.type('npx ap lint')).toMatchObject({ code: 0 })
      expect(await terminal.type('npx ap test')).toMatchObject({ code: 0 })
    })

    test('the operator takes a release to its end, and ends cleanly itself', async () => {
      const own = await startLocalCluster(adapterOf(mesh))
      try {
        const kubeconfig = join(folder, `kubeconfig-${mesh}`)
        await writeFile(kubeconfig, own.kubeconfig, { mode: 0o600 })
        const read = (path: string) => readObjects(pathToFileURL(join(terminal.folder, path)))
        await own.apply([...(await read('deploy/base/crd.yaml')), ...(await read('examples/web.yaml'))])
        const operator = await terminal.start(
          `exec node_modules/.bin/ap run --metrics-addr "" --kubeconfig ${kubeconfig}`,
          (printed) => printed.includes('operator started'),
        )
        const [release] = await read('examples/release.yaml')
        if (release === undefined) throw new Error('the guide has no example')
        await own.apply([{ ...release, spec: { ...Object(release['spec']), interval: '1s' } }])
        const kind = { group: 'examples.io', kind: 'Release' }
        await operator.until((printed) => printed.includes('"next":"Finished"'))
        await waitFor('it is finished', async () => phasesOf(own.view.get(kind, ref)).includes('Finished'))
        expect(phasesOf(own.view.get(kind, ref))).toEqual(['Initializing', 'Processing', 'Finished'])
        expect(weightsOf(mesh, own)).toEqual({ 'web-v2': 1 })
        expect(await operator.interrupt()).toBe(130)
      } finally {
        await own.stop()
      }
    })
  })
})

const ref = { namespace: 'default', name: 'web' }

/** Every file of a project that is no library, by path. */
async function textsOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/^(node_modules|vendor)\//.test(path))
    .sort()
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  )
}

function phasesOf(release: KubeObject | undefined): string[] {
  const { phaseHistory } = fieldsOf(release?.['status'])
  return listOf(phaseHistory).map((visit) => String(fieldsOf(visit)['phase']))
}

/** Shares of the requests to the service by what the mesh's objects say; those without any are left out. */
function weightsOf(mesh: string, { view }: LocalCluster): Record<string, number> {
  const adapter = adapterOf(mesh)
  const objects = adapter.kinds.flatMap((kind) => view.list(kind))
  const rule = adapter.observe(objects, ref, { ports: () => [80] }).traffic?.ports[0]?.rules.at(-1)
  const backends = (rule?.backends ?? []).filter(({ weight }) => weight > 0)
  const all = backends.reduce((sum, { weight }) => sum + weight, 0)
  return Object.fromEntries(backends.map(({ service, weight }) => [service.name, weight / all]))
}
