import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'

const folder = fileURLToPath(new URL('../../deploy/', import.meta.url))
const meshes = builtInMeshes.map(({ name }) => name)
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
if (!hasKubectl) console.log('kubectl is not installed: the overlays are not rendered')

test('deploy/ and all else that is generated of the canary operator is up to date (renew it with `npm run docs`)', async () => {
  const { code, stdout } = await callAp(['generate', 'operators/canary', '--deploy', '../../deploy', '--check'])
  expect(stdout).toMatch(/^All \d+ files are up to date\n$/)
  expect(code).toBe(0)
})

test('an overlay differs from the base by one word of the configuration', async () => {
  const config = async (path: string) => {
    const [, ...lines] = (await readFile(join(folder, path, 'autopilot-operator.yaml'), 'utf8')).split('\n')
    return lines.join('\n')
  }
  const base = await config('base')
  for (const mesh of meshes)
    expect(await config(`overlays/${mesh}`)).toBe(base.replace('meshProvider: istio', `meshProvider: ${mesh}`))
})

const readsDefinitions = ['linkerd', 'gateway-api', 'istio-ambient']

describe.skipIf(!hasKubectl).concurrent('kubectl renders', () => {
  test.each(meshes)('the overlay for %s', async (mesh) => {
    const objects = await render(`overlays/${mesh}`)
    // To read the annotations of a definition, where the mesh tells its release by them.
    const more = readsDefinitions.includes(mesh) ? ['ClusterRole', 'ClusterRoleBinding'] : []
    const expected = [
      'ClusterRole',
      'ClusterRole',
      'ClusterRoleBinding',
      'ClusterRoleBinding',
      'ConfigMap',
      'CustomResourceDefinition',
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
      ...more,
    ]
    expect(objects.map(({ kind }) => kind).sort()).toEqual(expected.sort())
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

  test('what selects the operator’s pods: its Service, its NetworkPolicy and its PodDisruptionBudget', async () => {
    const objects = await render('base')
    const { template } = specOf(objects, 'Deployment') as { template: { metadata: { labels: object } } }
    const selected = { matchLabels: template.metadata.labels }
    expect(specOf(objects, 'Service')).toMatchObject({ selector: template.metadata.labels, ports: [{ port: 9091 }] })
    expect(specOf(objects, 'PodDisruptionBudget')).toMatchObject({ selector: selected, maxUnavailable: 1 })
    expect(specOf(objects, 'NetworkPolicy')).toMatchObject({ podSelector: selected })
  })

  test('a ServiceMonitor that finds the Service, where the component is added', async () => {
    const objects = await render('components/service-monitor', 'base')
    const service = objects.find(({ kind }) => kind === 'Service')
    expect(specOf(objects, 'ServiceMonitor')).toMatchObject({
      selector: { matchLabels: service?.metadata.labels },
      endpoints: [{ port: 'metrics' }],
    })
  })

  const grpcRoutes = 'gateway.networking.k8s.io/grpcroutes'
  const others = ['tcproutes', 'tlsroutes'].map((plural) => `gateway.networking.k8s.io/${plural}`)
  const httpRoutes = 'gateway.networking.k8s.io/httproutes'

  test.each([
    [
      'istio',
      ['networking.istio.io/destinationrules', 'networking.istio.io/virtualservices'],
      [httpRoutes, grpcRoutes, ...others],
    ],
    ['linkerd', [grpcRoutes, httpRoutes, ...others], ['linkerd.io/serviceprofiles', 'policy.linkerd.io/httproutes']],
    ['smi', ['specs.smi-spec.io/httproutegroups', 'split.smi-spec.io/trafficsplits'], []],
    ['gateway-api', [grpcRoutes, httpRoutes, ...others], ['networking.istio.io/virtualservices']],
    [
      'istio-ambient',
      ['networking.istio.io/destinationrules', grpcRoutes, httpRoutes, others[0] ?? ''],
      ['/namespaces', others[1] ?? '', 'networking.istio.io/virtualservices'],
    ],
    [
      'kuma',
      [
        'kuma.io/meshcircuitbreakers',
        'kuma.io/meshhttproutes',
        'kuma.io/meshloadbalancingstrategies',
        'kuma.io/meshretries',
        'kuma.io/meshtcproutes',
        'kuma.io/meshtimeouts',
      ],
      [httpRoutes, grpcRoutes, ...others],
    ],
  ])('the rights on %s, to write its routes and to see those of others, and no more', async (mesh, routes, seen) => {
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
        ...seen.map((route) => `${route}: get list watch`),
        ...(readsDefinitions.includes(mesh) ? ['apiextensions.k8s.io/customresourcedefinitions: get'] : []),
      ].sort(),
    )
  })
})

function containers(objects: KubeObject[]): Record<string, unknown>[] {
  const spec = specOf(objects, 'Deployment') as
    | { template: { spec: { containers: Record<string, unknown>[] } } }
    | undefined
  return spec?.template.spec.containers ?? []
}

function specOf(objects: readonly KubeObject[], kind: string): unknown {
  return objects.find((object) => object.kind === kind)?.spec
}

/** A folder of `deploy/` rendered; a component is rendered together with what it is added to. */
async function render(path: string, resources?: string): Promise<KubeObject[]> {
  if (resources === undefined) return kustomize(join(folder, path))
  const user = await mkdtemp(join(tmpdir(), 'ap-component-'))
  try {
    const up = (part: string) => relative(user, join(folder, part))
    await writeFile(join(user, 'kustomization.yaml'), stringify({ resources: [up(resources)], components: [up(path)] }))
    return await kustomize(user)
  } finally {
    await rm(user, { recursive: true })
  }
}

async function kustomize(path: string): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)('kubectl', ['kustomize', path])
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject)
}
