import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { callAp } from '../support/call-ap.ts'
import { runAp } from '../support/run-ap.ts'

let folder: string

const workflow = `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
phases:
- {name: Working, initial: true, inputs: [widgets, deployments], outputs: [widgets]}
- {name: Finished, final: true}
customParameters:
- {lowerName: widgets, singleName: Widget, pluralName: Widgets, apiGroup: shop.io}
`

function crd(version = 'v1') {
  const spec = { type: 'object', required: ['color'], properties: { color: { type: 'string', enum: ['red', 'blue'] } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.shop.io' },
    spec: {
      group: 'shop.io',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ap-crds-'))
  await writeFile(join(folder, 'autopilot.yaml'), workflow)
  await writeFile(join(folder, 'autopilot-operator.yaml'), 'meshProvider: istio\n')
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const read = (path: string) => readFile(join(folder, path), 'utf8')

async function putCrd(text: string): Promise<void> {
  await mkdir(join(folder, 'crds'), { recursive: true })
  await writeFile(join(folder, 'crds', 'shop.yaml'), text)
}

describe('CRDs in the folder crds give types', () => {
  test('to the kinds that phases name', async () => {
    await putCrd(stringify(crd()))
    const { stdout } = await callAp(['generate'], '', folder)
    expect(stdout).toContain('src/generated/kinds.ts  created')
    expect(await read('src/generated/kinds.ts')).toContain("color: 'red' | 'blue'")
    const phases = await read('src/generated/phases.ts')
    expect(phases).toContain("import type { Widget } from './kinds.ts'")
    expect(phases).toContain('kinds: { widgets: Widget }')
  })

  test('and take them away when they go', async () => {
    await putCrd(stringify(crd()))
    await callAp(['generate'], '', folder)
    await rm(join(folder, 'crds'), { recursive: true })
    expect((await callAp(['generate'], '', folder)).stdout).toContain('src/generated/kinds.ts  removed')
    expect(await read('src/generated/phases.ts')).not.toContain('kinds.ts')
  })

  test('and are refused with their place when they lack the version, or are no YAML', async () => {
    await putCrd(stringify(crd('v2')))
    const { code, stderr } = await callAp(['generate'], '', folder)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^crds\/shop\.yaml:14:\d+ AP1220 the CRD of Widget has no version v1; it has v2\./)
    await putCrd('{')
    expect((await callAp(['generate'], '', folder)).stderr).toMatch(/^crds\/shop\.yaml:\d+:\d+ AP1001 /)
  })
})

describe('ap generate --crds-from-cluster', () => {
  test('makes no sense with --check', async () => {
    const { code, stderr } = await callAp(['generate', '--check', '--crds-from-cluster'], '', folder)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ap: --check writes nothing, so --crds-from-cluster makes no sense with it\n',
    })
  })

  test('keeps the CRDs of the cluster in the project, and says which it does not have', async () => {
    const plane = createControlPlane()
    const { url } = await plane.listen()
    try {
      const variables = { KUBECONFIG: join(folder, 'kubeconfig') }
      await writeFile(variables.KUBECONFIG, plane.kubeconfig(url))
      const missing = await runAp(['generate', '--crds-from-cluster'], { cwd: folder, env: variables })
      expect(missing.code).toBe(1)
      expect(missing.stderr).toMatch(/^AP1221 the cluster of the context \S+ has no CRD widgets\.shop\.io\. /)

      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
      const posted = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${plane.token}` },
        body: JSON.stringify(crd()),
      })
      expect(posted.status).toBe(201)
      const { stdout } = await runAp(['generate', '--crds-from-cluster'], { cwd: folder, env: variables })
      expect(stdout).toContain('crds/widgets.shop.io.yaml  created')
      expect(stdout).toContain('src/generated/kinds.ts  created')
      expect(await read('crds/widgets.shop.io.yaml')).not.toContain('managedFields')
      expect((await callAp(['generate', '--check'], '', folder)).stdout).not.toContain('kinds.ts')
    } finally {
      await plane.close()
    }
  })
})
