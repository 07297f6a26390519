import { execFile, spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { canaryDeployFiles } from '../../generators/canary-deploy.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { builtInMeshes } from '../../src/meshes.ts'

const folder = fileURLToPath(new URL('../../deploy/', import.meta.url))
const files = await canaryDeployFiles()
const meshes = builtInMeshes.map(({ name }) => name)
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
if (!hasKubectl) console.log('kubectl is not installed: the overlays are not rendered')

describe('deploy/ is what the generator writes', () => {
  test.each([...files])('%s', async (path, text) => {
    expect(await readFile(join(folder, path), 'utf8')).toBe(text)
  })

  test('and holds nothing else', async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const found = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    expect(found.filter((path) => /^(base|overlays)\//.test(path)).sort()).toEqual([...files.keys()].sort())
  })
})

test('an overlay differs from the base by one word of the configuration', () => {
  const base = files.get('base/autopilot-operator.yaml') ?? ''
  for (const mesh of meshes)
    expect(files.get(`overlays/${mesh}/autopilot-operator.yaml`)).toBe(
      base.replace('meshProvider: istio', `meshProvider: ${mesh}`),
    )
})

describe.skipIf(!hasKubectl).concurrent('kubectl renders', () => {
  test.each(meshes)('the overlay for %s', async (mesh) => {
    const objects = await render(`overlays/${mesh}`)
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      'ClusterRole',
      'ClusterRole',
      'ClusterRoleBinding',
      'ClusterRoleBinding',
      'ConfigMap',
      'CustomResourceDefinition',
      'Deployment',
      'Namespace',
      'Role',
      'RoleBinding',
      'ServiceAccount',
    ])
    const config = objects.find(({ kind }) => kind === 'ConfigMap')
    expect(config?.['data']).toMatchObject({
      'autopilot-operator.yaml': expect.stringContaining(`meshProvider: ${mesh}\n`),
    })
    const [operator] = containers(objects)
    expect(operator?.['image']).toBe('canary-operator:latest')
  })

  test('a Deployment that runs without any privilege', async () => {
    const objects = await render('base')
    const deployment = objects.find(({ kind }) => kind === 'Deployment')
    expect(deployment?.spec).toMatchObject({
      template: { spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } } },
    })
    expect(containers(objects)).toMatchObject([
      {
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' } },
        readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' } },
        ports: [{ name: 'metrics', containerPort: 9091 }],
        env: [{ name: 'NODE_ENV', value: 'production' }],
      },
    ])
  })

  test.each([
    ['istio', ['networking.istio.io/virtualservices']],
    ['linkerd', ['gateway.networking.k8s.io/httproutes']],
    ['smi', ['specs.smi-spec.io/httproutegroups', 'split.smi-spec.io/trafficsplits']],
    ['gateway-api', ['gateway.networking.k8s.io/httproutes']],
    ['kuma', ['kuma.io/meshhttproutes', 'kuma.io/meshretries', 'kuma.io/meshtimeouts']],
  ])('the rights on %s, and no others', async (mesh, routes) => {
    const objects = await render(`overlays/${mesh}`)
    const granted = objects
      .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
      .flatMap(({ rules }) => rules as { apiGroups: string[]; resources: string[]; verbs: string[] }[])
      .flatMap(({ apiGroups, resources, verbs }) =>
        resources.map((resource) => `${apiGroups.join()}/${resource}: ${verbs.join(' ')}`),
      )
    const write = 'get list watch create patch delete'
    expect(granted.sort()).toEqual(
      [
        '/events: create patch',
        `/services: ${write}`,
        `apps/deployments: ${write}`,
        `autoscaling/horizontalpodautoscalers: ${write}`,
        'autopilot.examples.io/canarydeployments: get list watch patch',
        'autopilot.examples.io/canarydeployments/finalizers: update',
        'autopilot.examples.io/canarydeployments/status: patch',
        'coordination.k8s.io/leases: get create update',
        ...routes.map((route) => `${route}: ${write}`),
      ].sort(),
    )
  })
})

function containers(objects: KubeObject[]): Record<string, unknown>[] {
  const spec = objects.find(({ kind }) => kind === 'Deployment')?.spec as
    | { template: { spec: { containers: Record<string, unknown>[] } } }
    | undefined
  return spec?.template.spec.containers ?? []
}

async function render(path: string): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)('kubectl', ['kustomize', join(folder, path)])
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject)
}
