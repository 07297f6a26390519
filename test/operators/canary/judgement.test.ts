import { describe, expect, test } from 'vitest'
import { judge } from '../../../operators/canary/src/analysis.ts'
import { mergePatch } from '../../../operators/canary/src/merge-patch.ts'
import { readPlan } from '../../../operators/canary/src/plan.ts'
import { spec } from '../../../operators/canary/src/spec.ts'
import { relabel, versionOf } from '../../../operators/canary/src/template.ts'
import { podinfo } from '../../support/podinfo.ts'
import { metricsOf, milliseconds, percentage } from '../../support/worker-inputs.ts'

const of = (fields: object) => ({ ...spec.parse({ deployment: 'podinfo' }), ...fields })

describe('a plan is read from a spec', () => {
  test.each([
    [{}, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50]],
    [{ stepWeight: 20, maxWeight: 50 }, [20, 40, 50]],
    [{ stepWeight: 60 }, [50]],
    [{ maxWeight: 100, stepWeight: 50 }, [50, 100]],
    [{ steps: [1, 2, 10, 80] }, [1, 2, 10, 80]],
  ])('%j goes by %j', (fields, steps) => {
    expect(readPlan(of(fields))).toMatchObject({ steps })
  })

  test.each([
    [{ steps: [10, 10] }, 'spec.steps must rise, but steps[1] is 10 after 10'],
    [{ steps: [0, 10] }, 'spec.steps[0] is 0, not a whole percentage from 1 to 100'],
    [{ steps: [-5] }, 'spec.steps[0] is -5, not a whole percentage from 1 to 100'],
    [{ steps: [1e9] }, 'spec.steps[0] is 1000000000, not a whole percentage from 1 to 100'],
    [{ steps: [] }, 'spec.steps is empty'],
    [{ stepWeight: 0 }, 'spec.stepWeight is 0, not a whole percentage from 1 to 100'],
    [{ maxWeight: 101 }, 'spec.maxWeight is 101, not a whole percentage from 1 to 100'],
    [
      { steps: [5], maxWeight: 50 },
      'spec.steps cannot be combined with spec.stepWeight and spec.maxWeight: give one form',
    ],
    [{ analysisPeriod: 'soon' }, 'spec.analysisPeriod is "soon", not a positive duration such as 10s'],
    [{ progressDeadline: '0s' }, 'spec.progressDeadline is "0s", not a positive duration such as 10s'],
    [{ successThreshold: Number.NaN }, 'spec.successThreshold is NaN, not a percentage'],
  ])('%j is refused', (fields, problem) => {
    expect(readPlan(of(fields))).toEqual({ problems: [problem] })
  })

  test('with everything that is wrong at once', () => {
    expect(readPlan(of({ steps: [5, 3], maxLatency: '-1s' }))).toEqual({
      problems: [
        'spec.steps must rise, but steps[1] is 3 after 5',
        'spec.maxLatency is "-1s", not a positive duration such as 10s',
      ],
    })
  })
})

describe('a verdict', () => {
  const plan = readPlan(of({ successThreshold: 99, maxLatency: '500ms' }))
  if ('problems' in plan) throw new Error('a good plan')

  test.each([
    ['at the threshold', percentage(99), milliseconds(500), 'passed'],
    ['below it', percentage(98.99), milliseconds(500), 'failed'],
    ['too slow', percentage(100), milliseconds(501), 'failed'],
    ['slow, and no success rate', { state: 'error', text: 'down' } as const, milliseconds(501), 'failed'],
    ['no latency', percentage(100), { state: 'error', text: 'down' } as const, 'unknown'],
    ['infinite', percentage(100), milliseconds(Number.POSITIVE_INFINITY), 'unknown'],
    [
      'no traffic',
      { state: 'no-data', text: 'no traffic' } as const,
      { state: 'no-data', text: 'no traffic' } as const,
      'no-traffic',
    ],
    [
      'no traffic and an error',
      { state: 'no-data', text: 'no traffic' } as const,
      { state: 'error', text: 'down' } as const,
      'unknown',
    ],
  ])('%s', async (_, successRate, latency, state) => {
    expect(await judge(plan, 'podinfo-canary', metricsOf({ successRate, latency }))).toMatchObject({ state })
  })

  test('needs no latency when none is asked for', async () => {
    const { maxLatency: _, ...rest } = plan
    const verdict = await judge(
      { ...rest, maxLatency: undefined },
      'podinfo-canary',
      metricsOf({ successRate: percentage(100), latency: { state: 'error', text: 'down' } }),
    )
    expect(verdict).toEqual({ state: 'passed', text: 'success rate 100 %' })
  })
})

describe('a version', () => {
  test('does not depend on the order of fields, on nulls, or on anything but the template', () => {
    const target = podinfo()
    const template = target.spec?.template
    const shuffled = podinfo({ replicas: 7 })
    if (shuffled.spec)
      shuffled.spec.template = JSON.parse(
        JSON.stringify({ spec: template?.spec, metadata: { creationTimestamp: null, ...template?.metadata } }),
      )
    expect(versionOf(shuffled, 0).hash).toBe(versionOf(target, 1).hash)
    expect(versionOf(podinfo({ image: 'podinfo:6.0.1' }), 0).hash).not.toBe(versionOf(target, 0).hash)
  })
})

test('a copy keeps its own pods apart, not those of the target', () => {
  const term = (value: string) => ({ topologyKey: 'zone', labelSelector: { matchLabels: { app: value } } })
  const template = (value: string) => ({
    metadata: { labels: { app: value, tier: 'web' } },
    spec: {
      containers: [{ name: 'podinfod' }],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [term(value), term('database')],
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term(value) }],
        },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: [value, 'other'] }] },
        },
      ],
    },
  })
  expect(relabel(template('podinfo'), { key: 'app', from: 'podinfo', to: 'podinfo-primary' })).toEqual(
    template('podinfo-primary'),
  )
})

test('a merge patch says what has to go as well as what has to come', () => {
  const live = { a: 1, b: { c: 2, d: 3 }, e: [1, 2], f: null }
  expect(mergePatch(live, { b: { c: 2, x: 4 }, e: [3] })).toEqual({ a: null, b: { c: 2, d: null, x: 4 }, e: [3] })
})
