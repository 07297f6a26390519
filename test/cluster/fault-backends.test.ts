import { expect, onTestFinished, test } from 'vitest'
import { boundRole, meshRules, projectRules } from '../../generators/rbac.ts'
import type { Kind } from '../../src/kube/object.ts'
import { faultBackendKinds, grantedKinds, kindsFor } from '../../src/mesh/adapter-kinds.ts'
import { fieldsOf } from '../../src/mesh/fields.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { gatewayApi } from '../adapters/adapters.ts'
import { definition, specOf } from '../operator/support/flows.ts'
import { defaultConfig, flowKind, flowProject, phase } from '../operator/support/world.ts'
import { type Cluster, describeMesh } from '../support/cluster/cluster.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { answerRoutes } from '../support/live/mesh-controller.ts'
import { Recorder } from '../support/live/recorder.ts'
import { runOperator } from '../support/live/running-operator.ts'

// With a finalizer the operator takes the routes away itself, and does not wait for the garbage collector to hear of the kind.
const project = flowProject(
  [phase('Running', { initial: true, outputs: ['faultinjections'] }), phase('Finished', { final: true })],
  { enableFinalizer: true },
)
/** A fifth of the requests to the apex of the spec fail. */
const failing = definition(
  {
    Running: (context) => {
      const { apex } = specOf<{ apex: string }>(context)
      const fault = { name: 'chaos', service: apex, abort: { status: 503, percent: 20 } }
      return { outputs: { faultinjections: [fault] }, after: '1h' }
    },
  },
  { finalizer: { sync: () => ({ done: true }) } },
)

const parts = Object.values(faultBackendKinds)
const account = 'flow-operator'
const httpRoutes = kindNamed('HTTPRoute')

const rightsTo = (kinds: readonly Kind[]) => [
  ...projectRules(project),
  ...meshRules(project, kinds, gatewayApi.rivals, []),
]
const generated = rightsTo(grantedKinds(gatewayApi, project.phases))
const withoutBackends = rightsTo(kindsFor(gatewayApi, ['faultinjections']))

describeMesh('gateway-api', (cluster) => {
  test('a fault backend is made with the generated rights, has a ready pod before a route leads there, and goes with the last fault', async () => {
    const { flow, recorder, until, backends, routed } = await begin(cluster, generated)
    await flow('apply', 'one', 'web')
    await until('a route leads there', () => routed('web'))
    await flow('apply', 'two', 'api')
    await until('the other leads there too', () => routed('api'))
    expect(backends()).toEqual(['ConfigMap fault-503', 'Deployment fault-503', 'Service fault-503'])
    const all = recorder.changes()
    const available = all.findIndex(({ kind, object }) => {
      const isDeployment = kind === faultBackendKinds.deployment && object.metadata.name === 'fault-503'
      return isDeployment && Number(fieldsOf(object.status)['availableReplicas']) > 0
    })
    const leads = all.findIndex(({ kind, object }) => {
      return kind === httpRoutes && JSON.stringify(object['spec']).includes('"fault-503"')
    })
    expect(available).toBeGreaterThan(-1)
    expect(leads).toBeGreaterThan(available)
    await flow('delete', 'one', 'web')
    await until('the first route is gone', () => recorder.now.get(httpRoutes, 'web-80') === undefined)
    expect(backends()).toHaveLength(3)
    await flow('delete', 'two', 'api')
    await until('all of it is gone', () => backends().length === 0)
  })

  test('without the right a fault is refused with what is missing, and in effect once it is granted', async () => {
    const { namespace, flow, until, backends, condition, routed, grant } = await begin(cluster, withoutBackends)
    await flow('apply', 'one', 'web')
    await until('it is refused', () => condition('one').includes('AP2145'))
    expect(condition('one')).toMatch(/which the operator cannot make: .*(configmaps|deployments|services)/)
    expect(condition('one')).toContain(namespace)
    expect(backends()).toEqual([])
    await grant(generated)
    await until('a route leads there', () => routed('web'))
  })
})

function kindNamed(name: string): Kind {
  const found = gatewayApi.kinds.find(({ kind }) => kind === name)
  if (found === undefined) throw new Error(`the Gateway API has no ${name}`)
  return found
}

/** A namespace with two Services and an operator that watches it under an account of its own. */
async function begin(cluster: Cluster, rules: ReturnType<typeof projectRules>) {
  const [crd] = meshCrds([flowKind])
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: JSON.stringify(crd) })
  await cluster.established('flows.flows.example.io')
  const namespace = await cluster.namespace('faults')
  const apply = (items: readonly object[]) => {
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    return cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin })
  }
  const grant = (granted: typeof rules) => apply(boundRole(account, granted, { name: account, namespace }, namespace))
  await apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } },
    ...['web', 'api'].map((name) => {
      const spec = { selector: { app: name }, ports: [{ name: 'http', port: 80 }] }
      return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }
    }),
  ])
  await grant(rules)
  const { kubeconfig } = await cluster.serviceAccount(namespace, account)
  const recorder = await Recorder.start(cluster.admin, namespace, [flowKind, httpRoutes, ...parts])
  answerRoutes(gatewayApi, recorder, cluster.client)
  // After the operator has ended.
  onTestFinished(() => recorder.stop())
  await runOperator(kubeconfig, account, {
    project,
    definition: failing,
    config: { ...defaultConfig, watchNamespace: namespace, workInterval: 1_000 },
    adapter: gatewayApi,
  })
  return {
    namespace,
    recorder,
    grant,
    until: (what: string, holds: () => boolean) => waitFor(what, async () => holds(), { timeout: 30_000 }),
    flow: (verb: 'apply' | 'delete', name: string, apex: string) => {
      const flow = { apiVersion: 'flows.example.io/v1', kind: 'Flow', metadata: { name }, spec: { apex } }
      return cluster.kubectl(['-n', namespace, verb, '-f', '-'], { stdin: JSON.stringify(flow) })
    },
    /** What there is of fault backends. */
    backends: () =>
      parts.flatMap((kind) =>
        recorder.now
          .list(kind)
          .filter(({ metadata }) => metadata.name.startsWith('fault-'))
          .map(({ metadata }) => `${kind.kind} ${metadata.name}`),
      ),
    condition: (name: string) => JSON.stringify(fieldsOf(recorder.now.get(flowKind, name)?.status)['conditions'] ?? []),
    routed: (apex: string) =>
      JSON.stringify(recorder.now.get(httpRoutes, `${apex}-80`)?.['spec'] ?? {}).includes('"fault-503"'),
  }
}
