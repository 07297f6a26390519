import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { simulateProject } from '../../src/testing/simulate-project.ts'
import { callAp } from '../support/call-ap.ts'
import { typeErrors } from '../support/type-errors.ts'

let folder: string

/** As the original's generator of Go code wanted them. */
const goFields = `customParameters:
- {lowerName: gateway, singleName: Gateway, pluralName: Gateways, importPrefix: istio, isCrd: true, package: istio.io/client-go/pkg/apis/networking/v1, apiGroup: networking.istio.io}
`

const worker = `import type { InitializingResult, InitializingWorker } from '../generated/phases.ts'

export const initializing: InitializingWorker = {
  sync({ resource }): InitializingResult {
    const { service } = resource.spec
    const object = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: service },
      spec: { hosts: [service], http: [{ route: [{ destination: { host: service } }] }] },
    }
    return { outputs: { virtualservices: [{ object }] }, next: 'Processing' }
  },
}
`

const processing = `import type { ProcessingResult, ProcessingWorker } from '../generated/phases.ts'

export const processing: ProcessingWorker = {
  sync(): ProcessingResult {
    return { next: 'Finished' }
  },
}
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ap-original-'))
  await cp('test/fixtures/original/example', folder, { recursive: true })
  const file = join(folder, 'autopilot.yaml')
  await writeFile(file, (await readFile(file, 'utf8')) + goFields)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  // The library of this checkout, as it would be installed.
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'mesh-autopilot'), { recursive: true })
  await symlink(join(process.cwd(), 'node_modules', 'zod'), join(modules, 'zod'))
  const library = JSON.stringify(pathToFileURL(join(process.cwd(), 'src', 'index.ts')).href)
  await writeFile(join(modules, 'mesh-autopilot', 'package.json'), '{"type":"module","exports":"./index.js"}')
  await writeFile(join(modules, 'mesh-autopilot', 'index.js'), `export * from ${library}\n`)
  const { code, stderr } = await callAp(['generate'], '', folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await writeFile(join(folder, 'src', 'workers', 'initializing.ts'), worker)
  await writeFile(join(folder, 'src', 'workers', 'processing.ts'), processing)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('a project of the original compiles, with workers that write VirtualServices', async () => {
  const source = join(folder, 'src')
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(
    files.map(async (file) => [relative(folder, file).split(sep).join('/'), await readFile(file, 'utf8')]),
  )
  expect(texts.length).toBeGreaterThan(4)
  expect(await typeErrors(Object.fromEntries(texts))).toEqual([])
})

test('may write VirtualServices and nothing of other meshes', async () => {
  const role = await readFile(join(folder, 'deploy', 'base', 'role.yaml'), 'utf8')
  expect(role).toContain('virtualservices')
  const mesh = parse(await readFile(join(folder, 'deploy', 'chart', 'meshes', 'linkerd.yaml'), 'utf8'))
  expect(mesh).toEqual([])
})

test('runs: its resource goes through its phases, and its VirtualService is there', async () => {
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'virtualservices.networking.istio.io' },
    spec: {
      group: 'networking.istio.io',
      scope: 'Namespaced',
      names: {
        kind: 'VirtualService',
        plural: 'virtualservices',
        singular: 'virtualservice',
        listKind: 'VirtualServiceList',
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
  const resource = {
    apiVersion: 'examples.io/v1',
    kind: 'Example',
    metadata: { name: 'web', namespace: 'default' },
    spec: { service: 'web' },
  }
  await using simulation = await simulateProject(pathToFileURL(`${folder}/`), {
    resource,
    crds: [crd],
    mesh: 'linkerd',
  })
  await simulation.apply([resource])
  await simulation.runUntil(() => simulation.timeline.phase === 'Finished', 60_000)
  // The first phase is left as soon as it begins, perhaps before anybody looks.
  expect(simulation.timeline.phases.map(({ phase }) => phase).slice(-2)).toEqual(['Processing', 'Finished'])
  const route = simulation.object(
    { group: 'networking.istio.io', kind: 'VirtualService' },
    { namespace: 'default', name: 'web' },
  )
  expect(route?.spec).toMatchObject({ hosts: ['web'] })
})
