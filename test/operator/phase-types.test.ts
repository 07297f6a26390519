import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineOperator } from '../../src/operator/definition.ts'
import type { Deployment } from '../../src/operator/kinds.ts'
import type { PhaseWorker, ResourceOf } from '../../src/operator/phase-types.ts'
import type { Lister, MetricsInput, OwnedOutput } from '../../src/operator/worker.ts'

const spec = z.object({ deployment: z.string(), steps: z.array(z.number()).default([10, 50]) })
const status = z.object({ weight: z.number() })
type Resource = ResourceOf<typeof spec, typeof status>
type Evaluating = PhaseWorker<{
  resource: Resource
  inputs: 'deployments' | 'metrics'
  outputs: 'trafficsplits'
  next: 'Promoting' | 'RollBack'
  status: z.output<typeof status>
}>

const evaluating: Evaluating = {
  async sync({ resource, inputs }) {
    expectTypeOf(resource.spec.steps).toEqualTypeOf<number[]>()
    expectTypeOf(resource.status?.weight).toEqualTypeOf<number | undefined>()
    expectTypeOf(inputs.metrics).toEqualTypeOf<MetricsInput>()
    expectTypeOf(inputs.deployments).toEqualTypeOf<Lister<Deployment>>()
    const replicas = inputs.deployments.get(resource.spec.deployment)?.spec?.replicas
    expectTypeOf(replicas).toEqualTypeOf<number | undefined>()
    // @ts-expect-error the phase does not declare services as an input
    inputs.services
    return { next: 'Promoting', outputs: { trafficsplits: [] }, status: { weight: 5 }, after: '10s' }
  },
}

test('a worker of a phase fits into the definition of an operator', () => {
  const definition = defineOperator({ spec, status, workers: { Evaluating: evaluating } })
  expectTypeOf(definition.workers.Evaluating).toEqualTypeOf<Evaluating>()
})

test('a phase that is not declared as next does not compile', () => {
  // @ts-expect-error Waiting does not follow Evaluating
  const wrong: Evaluating = { sync: () => ({ next: 'Waiting' }) }
  expectTypeOf(wrong).toEqualTypeOf<Evaluating>()
})

test('an output that is not declared does not compile', () => {
  // @ts-expect-error deployments are not an output of the phase
  const wrong: Evaluating = { sync: async () => ({ outputs: { trafficsplits: [], deployments: [] } }) }
  expectTypeOf(wrong).toEqualTypeOf<Evaluating>()
})

test('a status field of the operator or of a wrong type does not compile', () => {
  // @ts-expect-error phase is not a worker's to set
  const reserved: Evaluating = { sync: () => ({ status: { phase: 'Promoting' } }) }
  // @ts-expect-error weight is a number
  const mistyped: Evaluating = { sync: () => ({ status: { weight: 'much' } }) }
  const cleared: Evaluating = { sync: () => ({ status: { weight: null } }) }
  expectTypeOf([reserved, mistyped, cleared]).toEqualTypeOf<Evaluating[]>()
})

test('types of native kinds carry timestamps as strings and ports as numbers or names', () => {
  expectTypeOf<Required<Required<Deployment>['status']>['conditions'][number]['lastTransitionTime']>().toEqualTypeOf<
    string | undefined
  >()
  const owned: OwnedOutput<Deployment> = {
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1', livenessProbe: { httpGet: { port: 'http' } } }] },
        },
      },
    },
  }
  expectTypeOf(owned.object.spec?.replicas).toEqualTypeOf<number | undefined>()
})
