import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ap-lint-deploy-'))
  await mkdir(join(folder, 'src'))
  await write(
    'autopilot.yaml',
    `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
phases:
- {name: Working, initial: true, inputs: [deployments], outputs: [trafficsplits]}
- {name: Finished, final: true}
`,
  )
  await write('autopilot-operator.yaml', 'meshProvider: istio\n')
  await write('package.json', '{"type":"module"}')
  const zod = JSON.stringify(join(process.cwd(), 'node_modules', 'zod', 'index.js'))
  await write(
    'src/spec.ts',
    `import { z } from ${zod}\nexport const spec = z.object({})\nexport const status = z.object({})\n`,
  )
  expect((await callAp(['generate'], '', folder)).stderr).toBe('')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const read = (path: string) => readFile(join(folder, path), 'utf8')
const write = (path: string, text: string) => writeFile(join(folder, path), text)

/** Warnings of `ap lint`; what the code of the workers is found fault with is another matter. */
async function warnings(): Promise<string[]> {
  const { stdout } = await callAp(['lint'], '', folder)
  return stdout.split('\n').filter((line) => line.startsWith('warning: '))
}

describe('ap lint of what is generated', () => {
  test('finds nothing where it is as it was generated', async () => {
    expect(await warnings()).toEqual([])
  })

  test('finds nothing of meshes that were left out', async () => {
    await callAp(['generate', '--mesh', 'linkerd'], '', folder)
    expect(await warnings()).toEqual([])
  })

  test('warns of what is stale, is needed no more, or was changed by hand', async () => {
    await write('autopilot.yaml', (await read('autopilot.yaml')).replace('outputs: [trafficsplits]', 'outputs: []'))
    await write(
      'deploy/base/deployment.yaml',
      (await read('deploy/base/deployment.yaml')).replace('replicas: 1', 'replicas: 2'),
    )
    const found = await warnings()
    expect(found).toContain(
      'warning: src/generated/phases.ts:1:1 AP1223 src/generated/phases.ts is not what the files of the project give now. Run `ap generate`.',
    )
    expect(found.filter((line) => line.includes('AP1225'))).toEqual([
      expect.stringContaining(
        'deploy/base/deployment.yaml:1:1 AP1225 deploy/base/deployment.yaml is generated and was changed by hand.',
      ),
    ])
  })
})

describe('ap lint of rights', () => {
  test('warns, with file and line, of those that no phase needs', async () => {
    await write(
      'deploy/extra.yaml',
      `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: extra}
rules:
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list]
- apiGroups: [apps]
  resources:
  - deployments
  verbs: [get, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [get, patch]
- apiGroups: ["*"]
  resources: ["*"]
  verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: extra}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: extra}
subjects: [{kind: ServiceAccount, name: example-operator, namespace: example-operator}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: for-people}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
`,
    )
    expect((await warnings()).map((line) => line.split(' Take ')[0])).toEqual([
      'warning: deploy/extra.yaml:6:15 AP1222 ClusterRole extra lets the operator get, list secrets, which no phase needs.',
      'warning: deploy/extra.yaml:10:5 AP1222 ClusterRole extra lets the operator delete deployments.apps, which no phase needs.',
      // On Istio the routes of others are read, and not written.
      'warning: deploy/extra.yaml:13:15 AP1222 ClusterRole extra lets the operator patch httproutes.gateway.networking.k8s.io, which no phase needs.',
      'warning: deploy/extra.yaml:16:15 AP1222 ClusterRole extra lets the operator * *.*, which no phase needs.',
    ])
  })

  test('takes the rights to the mesh of an overlay for needed in that overlay', async () => {
    const role = await read('deploy/overlays/linkerd/mesh-role.yaml')
    expect(role).toContain('httproutes')
    expect(await warnings()).toEqual([])
    await write('deploy/base/copied.yaml', role)
    expect(await warnings()).not.toEqual([])
  })
})
