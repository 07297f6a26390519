import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { crd } from '../../generators/crd.ts'
import { k8s } from '../../src/project/k8s-types.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { describeCluster } from '../support/cluster/cluster.ts'
import { waitFor } from '../support/cluster/processes.ts'

const { project } = parseProject(
  `kind: Rollout
apiVersion: rich.examples.io/v1
operatorName: rich-operator
phases:
- {name: Working, initial: true, outputs: [trafficsplits]}
- {name: Finished, final: true}
`,
  'autopilot.yaml',
)

/** Everything that a spec may have. */
const spec = z
  .object({
    service: z
      .string()
      .regex(/^[a-z]+$/)
      .max(63),
    mode: z.enum(['fast', 'slow']).default('slow'),
    always: z.literal('yes').optional(),
    level: z.literal([1, 2, 'all']).optional(),
    interval: k8s.duration().default('30s'),
    memory: k8s.quantity().optional(),
    port: k8s.intOrString().optional(),
    since: k8s.time().optional().meta({ printerColumn: 'Since' }),
    free: k8s.preserveUnknown().optional(),
    anything: z.unknown().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    limits: z.record(z.string(), z.object({ low: z.int(), high: z.int().optional() })).optional(),
    note: z.string().nullable().optional(),
    share: z.number().gt(0).lte(1).optional(),
    plan: z.object({ steps: z.array(z.int().min(1).max(100)).min(1).default([50, 100]) }).prefault({}),
    open: z.looseObject({ known: z.boolean().optional() }).optional(),
    low: z.int().default(1),
    high: z.int().default(10).meta({ printerColumn: 'High' }),
  })
  .meta({ 'x-kubernetes-validations': [{ rule: 'self.low < self.high', message: 'low must be below high' }] })
const status = z.object({ weight: z.int().optional(), seen: z.array(z.string()).optional() })

describeCluster('the CustomResourceDefinition of a rich spec', (cluster) => {
  const rollouts = (namespace: string) => `/apis/rich.examples.io/v1/namespaces/${namespace}/rollouts`
  const rollout = (fields: object) => ({
    apiVersion: 'rich.examples.io/v1',
    kind: 'Rollout',
    metadata: { generateName: 'web-' },
    spec: { service: 'web', ...fields },
  })

  beforeAll(async () => {
    const stdin = JSON.stringify(crd(project, { spec, status }))
    await cluster.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], { stdin })
    await waitFor('the new kind is served', async () => {
      return (await cluster.client.call('GET', rollouts('default'))).status === 200
    })
  })

  test('is accepted as structural, with the columns that fields ask for', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.rich.examples.io'
    const stored = JSON.stringify(await cluster.client.ask('GET', path))
    expect(stored).not.toContain('NonStructuralSchema')
    await cluster.client.ask('POST', rollouts('default'), rollout({}))
    const [header] = (await cluster.kubectl(['get', 'rollouts.rich.examples.io', '-n', 'default'])).split('\n')
    expect(header?.split(/\s+/).filter((column) => column !== '')).toEqual([
      ...['NAME', 'PHASE', 'WEIGHT', 'SINCE', 'HIGH', 'REASON', 'AGE'],
    ])
  })

  test('fills in what zod fills in', async () => {
    const namespace = await cluster.namespace()
    const { body } = await cluster.client.call('POST', rollouts(namespace), rollout({ port: 'http', note: null }))
    const stored = (body as { spec: unknown }).spec
    expect(stored).toEqual(spec.parse({ service: 'web', port: 'http', note: null }))
  })

  test.each([
    ['a broken rule of CEL', { low: 10, high: 3 }],
    ['a value that is not in the enumeration', { mode: 'medium' }],
    ['a value that is none of those of several types', { level: 'some' }],
    ['a bound', { share: 0 }],
    ['a pattern', { service: 'Web' }],
    ['a duration in words', { interval: 'soon' }],
    ['an empty list', { plan: { steps: [] } }],
    ['a value of a map', { limits: { a: { low: 'x' } } }],
  ])('refuses %s, as zod does', async (_, fields) => {
    const namespace = await cluster.namespace()
    const answer = await cluster.client.call('POST', rollouts(namespace), rollout(fields))
    expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } })
  })
})
