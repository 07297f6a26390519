import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { linkerd } from '../adapters/adapters.ts'
import { definition, specOf } from '../operator/support/flows.ts'
import { defaultConfig, flowKind, flowProject, phase } from '../operator/support/world.ts'
import { type Cluster, describeMesh } from '../support/cluster/cluster.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { runOperator } from '../support/live/running-operator.ts'

const project = flowProject([
  phase('Running', { initial: true, outputs: ['circuitbreakers', 'ratelimits', 'traffictargets'] }),
  phase('Finished', { final: true }),
])
interface Told {
  readonly errors?: number
  readonly limit?: number
  readonly letIn?: string
}

/** A breaker for as many errors, a limit of as many requests, and access of whom the spec says. */
const asTold = definition({
  Running: (context) => {
    const { errors, limit, letIn } = specOf<Told>(context)
    const web = { name: 'web', service: 'web' }
    const sources = [{ kind: 'ServiceAccount', name: letIn }]
    return {
      outputs: {
        circuitbreakers: errors === undefined ? [] : [{ ...web, consecutiveErrors: errors, ejectionTime: 2000 }],
        ratelimits: limit === undefined ? [] : [{ ...web, requestsPerSecond: limit, perClient: 1 }],
        traffictargets:
          letIn === undefined ? [] : [{ name: 'web', destination: { kind: 'ServiceAccount', name: 'web' }, sources }],
      },
      after: '1h',
    }
  },
})

const prefix = 'balancer.linkerd.io/failure-accrual'
const accrual = (failures: string) => ({
  [prefix]: 'consecutive',
  [`${prefix}-consecutive-max-failures`]: failures,
  [`${prefix}-consecutive-min-penalty`]: '2000ms',
})

/** A Service as its owner keeps it in a file. */
const manifest = (annotations: object) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', annotations },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
  })

describeMesh('linkerd', (cluster) => {
  test('annotations for a breaker come and go, and the owner of the Service goes on applying it', async () => {
    const { namespace, service, flow } = await begin(cluster)
    const apply = (annotations: object, ...more: readonly string[]) =>
      cluster.kubectl(['-n', namespace, 'apply', ...more, '-f', '-'], { stdin: manifest(annotations) })
    await apply({ team: 'shop' })
    const { spec } = await service()
    await flow('apply', { errors: 7 })
    await until('they are set', service, accrual('7'))
    await apply({ team: 'storefront' })
    expect(ofLinkerd(await service())).toEqual(accrual('7'))
    // By server-side apply as well: neither of the two owns what is the other's.
    await apply({ team: 'shop' }, '--server-side', '--force-conflicts')
    await flow('apply', { errors: 3 })
    await until('they are changed', service, accrual('3'))
    await flow('delete')
    await until('they are gone', service, {})
    const { metadata, spec: left } = await service()
    expect(Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith('mesh-autopilot.dev/'))).toEqual([])
    expect(metadata.annotations).toMatchObject({ team: 'shop' })
    expect(left).toEqual(spec)
    const managers = (metadata.managedFields ?? []).map(({ manager = '' }) => manager)
    expect(managers.filter((manager) => manager.startsWith('flow-operator'))).toEqual([])
  })

  test('an annotation that somebody has changed is left to them', async () => {
    const { namespace, service, flow } = await begin(cluster)
    await cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: manifest({}) })
    await flow('apply', { errors: 7 })
    await until('they are set', service, accrual('7'))
    const name = `${prefix}-consecutive-max-failures`
    await cluster.kubectl(['-n', namespace, 'annotate', '--overwrite', 'service/web', `${name}=2`])
    await waitFor('it is refused', async () => {
      const path = ['-n', namespace, 'get', 'flows.flows.example.io', 'guard', '-o', 'jsonpath={.status.conditions}']
      return (await cluster.kubectl(path)).includes('AP2193')
    })
    await flow('delete')
    await until('ours are gone', service, { [name]: '2' })
  })

  test('a rate limit has a Server of its own until an access policy has one', async () => {
    const { namespace, flow } = await begin(cluster)
    await cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: manifest({}) })
    await cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin: JSON.stringify(deployment) })
    const there = async () => {
      const kinds = 'servers.policy.linkerd.io,httplocalratelimitpolicies.policy.linkerd.io'
      const { items } = JSON.parse(await cluster.kubectl(['-n', namespace, 'get', kinds, '-o', 'json'])) as {
        items: { kind: string; spec: { accessPolicy?: string; total?: { requestsPerSecond: number } } }[]
      }
      const said = items.map(({ kind, spec }) => [kind, spec.accessPolicy ?? spec.total?.requestsPerSecond])
      return JSON.stringify(said.toSorted(([a], [b]) => (String(a) < String(b) ? 1 : -1)))
    }
    const untilThere = (what: string, ...wanted: readonly (readonly [string, unknown])[]) =>
      waitFor(what, async () => (await there()) === JSON.stringify(wanted), { timeout: 20_000 })
    await flow('apply', { limit: 100 })
    await untilThere('it is limited', ['Server', 'all-authenticated'], ['HTTPLocalRateLimitPolicy', 100])
    await flow('apply', { limit: 50, letIn: 'client' })
    await untilThere('it is guarded', ['Server', 'deny'], ['HTTPLocalRateLimitPolicy', 50])
    await flow('apply', { limit: 50 })
    await untilThere('it is open again', ['Server', 'all-authenticated'], ['HTTPLocalRateLimitPolicy', 50])
    await flow('delete')
    await untilThere('nothing is left')
  })
})

/** What says by itself who may call it. */
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: {
        labels: { app: 'web' },
        annotations: { 'config.linkerd.io/default-inbound-policy': 'all-authenticated' },
      },
      spec: { serviceAccountName: 'web', containers: [{ name: 'web', image: 'web', ports: [{ containerPort: 80 }] }] },
    },
  },
}

/** A namespace with an operator that watches it. */
async function begin(cluster: Cluster) {
  const [crd] = meshCrds([flowKind])
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: JSON.stringify(crd) })
  await cluster.established('flows.flows.example.io')
  const namespace = await cluster.namespace('annotations')
  await runOperator(cluster.facts.kubeconfig, 'flow-operator', {
    project,
    definition: asTold,
    config: { ...defaultConfig, watchNamespace: namespace },
    adapter: linkerd,
  })
  return {
    namespace,
    service: async () =>
      (await cluster.client.ask('GET', `/api/v1/namespaces/${namespace}/services/web`)) as KubeObject,
    flow: (verb: 'apply' | 'delete', spec?: Told) => {
      const flow = { apiVersion: 'flows.example.io/v1', kind: 'Flow', metadata: { name: 'guard' }, spec }
      return cluster.kubectl(['-n', namespace, verb, '-f', '-'], { stdin: JSON.stringify(flow) })
    },
  }
}

function ofLinkerd({ metadata }: KubeObject): object {
  const all = Object.entries(metadata.annotations ?? {})
  return Object.fromEntries(all.filter(([name]) => name.startsWith(prefix)))
}

async function until(what: string, service: () => Promise<KubeObject>, wanted: object): Promise<void> {
  await waitFor(
    what,
    async () => JSON.stringify(sorted(ofLinkerd(await service()))) === JSON.stringify(sorted(wanted)),
    {
      timeout: 20_000,
    },
  )
}

function sorted(entries: object): [string, unknown][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1))
}
