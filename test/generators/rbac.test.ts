import { describe, expect, test } from 'vitest'
import { boundRole, clusterRules, meshRules, projectRules } from '../../generators/rbac.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { annotatedKinds, consultedKinds, grantedKinds, kindsFor, readKinds } from '../../src/mesh/adapter-kinds.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { gatewayApi, istio, istioAmbient, linkerd } from '../adapters/adapters.ts'

function projectWith(phases: string, more = '') {
  const text = `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
phases:
- ${phases}
- {name: Finished, description: ends, final: true}
${more}`
  return parseProject(text, 'autopilot.yaml').project
}
const route = { group: 'mesh.io', version: 'v1', kind: 'Route', plural: 'routes', namespaced: true }
const read = ['get', 'list', 'watch']
const write = [...read, 'create', 'patch', 'delete']

/** Verbs of a resource, by all rules. */
function verbs(rules: ReturnType<typeof projectRules>, group: string, resource: string): string[] {
  return rules
    .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource))
    .flatMap((rule) => rule.verbs)
}

describe('rights come from what the project declares', () => {
  test('a project that touches nothing has its own resource and Events', () => {
    expect(projectRules(projectWith('{name: A, description: a, initial: true, inputs: [metrics]}'))).toEqual([
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: ['examples.io'], resources: ['examples'], verbs: [...read, 'patch'] },
      { apiGroups: ['examples.io'], resources: ['examples/finalizers'], verbs: ['update'] },
      { apiGroups: ['examples.io'], resources: ['examples/status'], verbs: ['patch'] },
    ])
  })

  test('inputs are read, outputs are written, each resource once', () => {
    const rules = projectRules(
      projectWith(
        '{name: A, description: a, initial: true, inputs: [pods, deployments], outputs: [deployments, configmaps]}',
      ),
    )
    expect(verbs(rules, '', 'pods')).toEqual(read)
    expect(verbs(rules, 'apps', 'deployments')).toEqual(write)
    expect(verbs(rules, '', 'configmaps')).toEqual(write)
    expect(verbs(rules, '', 'services')).toEqual([])
  })

  test('custom kinds are named by their group and plural', () => {
    const rules = projectRules(
      projectWith(
        '{name: A, description: a, initial: true, outputs: [widgets]}',
        'customParameters:\n- {lowerName: widgets, singleName: Widget, pluralName: Widgets, apiGroup: w.io}\n',
      ),
    )
    expect(verbs(rules, 'w.io', 'widgets')).toEqual(write)
  })

  test('routing needs the kinds of the mesh to write, those of others to read, and Services to read', () => {
    const project = projectWith('{name: A, description: a, initial: true, outputs: [trafficsplits]}')
    const others = { ...route, kind: 'Override', plural: 'overrides' }
    expect(meshRules(project, [route], [route, others], [])).toEqual([
      { apiGroups: ['mesh.io'], resources: ['overrides'], verbs: read },
      { apiGroups: ['mesh.io'], resources: ['routes'], verbs: write },
    ])
    expect(verbs(projectRules(project), '', 'services')).toEqual(read)
  })

  test('a mesh that is told about breakers by annotations of Services may patch them where breakers are asked for, and nowhere else', () => {
    const rightsTo = (output: string) => {
      const project = projectWith(`{name: A, description: a, initial: true, outputs: [${output}]}`)
      return verbs(
        meshRules(project, [route], readKinds(linkerd, [output]), annotatedKinds(linkerd, [output])),
        '',
        'services',
      )
    }
    expect(rightsTo('circuitbreakers')).toEqual(['patch'])
    expect(rightsTo('trafficsplits')).toEqual([])
  })

  test('a mesh that limits pods may read what makes them where limits are asked for', () => {
    const rightsTo = (adapter: MeshAdapter) => {
      const project = projectWith('{name: A, description: a, initial: true, outputs: [ratelimits]}')
      const rules = meshRules(project, kindsFor(adapter, ['ratelimits']), readKinds(adapter, ['ratelimits']), [])
      return ['deployments', 'servers', 'httplocalratelimitpolicies'].map((resource) => {
        return verbs(rules, resource === 'deployments' ? 'apps' : 'policy.linkerd.io', resource)
      })
    }
    expect(rightsTo(linkerd)).toEqual([read, write, write])
    expect(rightsTo(istio)).toEqual([[], [], []])
  })

  test('looking at traffic needs them to read, and a project without traffic nothing of any mesh', () => {
    expect(
      meshRules(projectWith('{name: A, description: a, initial: true, inputs: [trafficsplits]}'), [route], [route], []),
    ).toEqual([{ apiGroups: ['mesh.io'], resources: ['routes'], verbs: read }])
    expect(
      meshRules(projectWith('{name: A, description: a, initial: true, outputs: [pods]}'), [route], [route], []),
    ).toEqual([])
  })
})

test('who routes may read by name the definitions that tell what a mesh can hold, and nobody else', () => {
  const name = 'routes.mesh.io'
  const project = projectWith('{name: A, description: a, initial: true, outputs: [trafficsplits]}')
  expect(clusterRules(project, { annotatedCrds: [name], readsNamespaces: false, consulted: [] })).toEqual([
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions'],
      resourceNames: [name],
      verbs: ['get'],
    },
  ])
  expect(clusterRules(project, { annotatedCrds: [], readsNamespaces: false, consulted: [] })).toEqual([])
  const looking = projectWith('{name: A, description: a, initial: true, inputs: [trafficsplits]}')
  expect(clusterRules(looking, { annotatedCrds: [name], readsNamespaces: true, consulted: [] })).toEqual([])
})

test('who routes on a mesh that is told by labels what to look after reads Namespaces, and nobody else', () => {
  const project = projectWith('{name: A, description: a, initial: true, outputs: [trafficsplits]}')
  expect(clusterRules(project, { annotatedCrds: [], readsNamespaces: true, consulted: [] })).toEqual([
    { apiGroups: [''], resources: ['namespaces'], verbs: read },
  ])
})

test('who says whose pods may be called on a mesh with waypoints reads Gateways and Namespaces, also where it only looks', () => {
  for (const phase of ['outputs: [traffictargets]', 'inputs: [traffictargets]']) {
    const project = projectWith(`{name: A, description: a, initial: true, ${phase}}`)
    const consulted = consultedKinds(istioAmbient, ['traffictargets'])
    const rules = meshRules(project, [route], [], [], consulted)
    expect(verbs(rules, 'gateway.networking.k8s.io', 'gateways')).toEqual(read)
    expect(verbs(rules, '', 'namespaces')).toEqual([])
    const needs = { annotatedCrds: [], readsNamespaces: false, consulted }
    expect(clusterRules(project, needs)).toEqual([{ apiGroups: [''], resources: ['namespaces'], verbs: read }])
  }
  expect(consultedKinds(istioAmbient, ['trafficsplits', 'mtlspolicies'])).toEqual([])
  expect(consultedKinds(istio, ['traffictargets'])).toEqual([])
})

test('who limits pods reads what they inherit from their Namespace where that counts, and nobody else does', () => {
  const project = projectWith('{name: A, description: a, initial: true, outputs: [ratelimits]}')
  const needs = { annotatedCrds: [], readsNamespaces: false }
  const rights = (adapter: MeshAdapter) =>
    clusterRules(project, { ...needs, consulted: consultedKinds(adapter, ['ratelimits']) })
  expect(rights(linkerd)).toEqual([{ apiGroups: [''], resources: ['namespaces'], verbs: read }])
  expect(rights(istio)).toEqual([])
  expect(consultedKinds(linkerd, ['trafficsplits', 'traffictargets'])).toEqual([])
})

test('who says whose pods may be called reads what tells their labels and ports', () => {
  const project = projectWith('{name: A, description: a, initial: true, outputs: [traffictargets]}')
  expect(verbs(projectRules(project), 'apps', 'deployments')).toEqual(read)
})

describe('what fault backends are made of', () => {
  const asking = projectWith('{name: A, description: a, initial: true, outputs: [faultinjections]}')
  const rights = (project: typeof asking, adapter: MeshAdapter) =>
    meshRules(project, grantedKinds(adapter, project.phases), [], []).filter(({ apiGroups }) =>
      apiGroups.some((group) => group === '' || group === 'apps'),
    )

  test('may be written by who asks for faults on a mesh that has none', () => {
    expect(rights(asking, gatewayApi)).toEqual([
      { apiGroups: [''], resources: ['configmaps', 'services'], verbs: write },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: write },
    ])
  })

  test('is nobody else’s to write', () => {
    expect(rights(asking, istio)).toEqual([])
    const splitting = projectWith('{name: A, description: a, initial: true, outputs: [trafficsplits]}')
    const looking = projectWith(
      '{name: A, description: a, initial: true, inputs: [faultinjections], outputs: [trafficsplits]}',
    )
    expect(rights(splitting, gatewayApi)).toEqual([])
    expect(rights(looking, gatewayApi)).toEqual([])
  })
})

test('one namespace gets a Role, the whole cluster a ClusterRole', () => {
  const account = { name: 'op', namespace: 'system' }
  expect(boundRole('op', [], account, 'shop').map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ['Role', 'shop'],
    ['RoleBinding', 'shop'],
  ])
  const [role, binding] = boundRole('op', [], account)
  expect([role?.kind, role?.metadata.namespace]).toEqual(['ClusterRole', undefined])
  expect(binding).toMatchObject({
    kind: 'ClusterRoleBinding',
    roleRef: { kind: 'ClusterRole', name: 'op' },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  })
})
