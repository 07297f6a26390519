import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { istioAmbientProvider } from '../../adapters/istio-ambient/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import type { MeshProvider } from '../../src/mesh/adapter.ts'
import type { MetricQueries, MetricTarget } from '../../src/mesh/metric-queries.ts'
import {
  type Calls,
  type Exporter,
  inputSeries,
  istioSidecars,
  istioWaypoint,
  linkerdProxies,
} from './exported-series.ts'

const program = process.env['PROMTOOL_BIN'] ?? 'promtool'
const missing = spawnSync(program, ['--version']).status !== 0
const skipped = missing && process.env['CI'] !== 'true'
if (skipped)
  console.warn('promtool is not here: what Prometheus makes of the queries is not tested (apt-get install prometheus)')

const web: MetricTarget = { workload: { namespace: 'shop', name: 'web' } }
const clientToWeb: MetricTarget = {
  edge: { from: { namespace: 'shop', name: 'client' }, to: { namespace: 'shop', name: 'web' } },
}

/** What one query gives over the series of some calls; undefined: no sample at all. */
interface Case {
  readonly what: string
  readonly calls: readonly Calls[]
  readonly expected: Partial<Record<'successRate' | 'requestRate' | 'p50' | 'p90' | 'p99', number | undefined>>
}

const good = { from: 'client', to: 'web', perScrape: 98 }
const bad = { ...good, perScrape: 2, status: 503 }
const noise: Calls[] = [
  { from: 'client', to: 'web', namespace: 'other', perScrape: 50, status: 500 },
  { from: 'client', to: 'web-canary', perScrape: 50, status: 500 },
  { from: 'client', to: 'xweb', perScrape: 50, status: 500 },
]
const nothing = { successRate: undefined, requestRate: undefined, p99: undefined }

/** What holds for a workload and, as all calls come from one caller, for the edge to it. */
const cases: readonly Case[] = [
  { what: 'two of a hundred fail', calls: [good, bad], expected: { successRate: 0.98, requestRate: 100 / 15 } },
  { what: 'nothing fails', calls: [good], expected: { successRate: 1, requestRate: 98 / 15 } },
  { what: 'everything fails', calls: [{ ...good, status: 500 }], expected: { successRate: 0 } },
  {
    what: 'a redirect and a client error are no failures',
    calls: [
      { ...good, status: 302 },
      { ...bad, status: 404 },
    ],
    expected: { successRate: 1 },
  },
  {
    what: 'workloads of like names do not count',
    calls: [good, bad, ...noise],
    expected: { successRate: 0.98, requestRate: 100 / 15 },
  },
  {
    what: 'the pods of a workload count together',
    calls: [
      { ...good, pod: 'web-0' },
      { ...good, pod: 'web-1', status: 500 },
    ],
    expected: { successRate: 0.5, requestRate: 196 / 15 },
  },
  {
    what: 'gRPC failures travel over HTTP 200',
    calls: [
      { ...good, grpcStatus: 0 },
      { ...bad, status: 200, grpcStatus: 14 },
    ],
    expected: { successRate: 0.98 },
  },
  {
    what: 'NOT_FOUND of gRPC is no failure',
    calls: [
      { ...good, grpcStatus: 0 },
      { ...bad, status: 200, grpcStatus: 5 },
    ],
    expected: { successRate: 1 },
  },
  { what: 'there are no series', calls: [], expected: nothing },
  { what: 'only other workloads have series', calls: noise, expected: nothing },
  {
    what: 'the counters stand still',
    calls: [
      { ...good, perScrape: 0 },
      { ...bad, perScrape: 0 },
    ],
    expected: nothing,
  },
  {
    what: 'most are fast and some are slow',
    calls: [{ ...good, perScrape: 100, buckets: { '100': 50, '250': 90, '500': 99, '1000': 100, '+Inf': 100 } }],
    expected: { p50: 100, p90: 250, p99: 500 },
  },
  {
    what: 'the buckets of all pods count together',
    calls: [
      { ...good, pod: 'web-0', perScrape: 90, buckets: { '100': 90, '1000': 90, '+Inf': 90 } },
      { ...good, pod: 'web-1', perScrape: 10, buckets: { '100': 0, '1000': 10, '+Inf': 10 } },
    ],
    expected: { p90: 100, p99: 910 },
  },
]

const meshes: readonly { name: string; provider: MeshProvider; exported: Exporter; edges: boolean }[] = [
  { name: 'istio', provider: istioProvider, exported: istioSidecars, edges: true },
  { name: 'gateway-api on sidecars', provider: gatewayApiProvider, exported: istioSidecars, edges: true },
  { name: 'gateway-api on a waypoint', provider: gatewayApiProvider, exported: istioWaypoint, edges: false },
  { name: 'istio-ambient', provider: istioAmbientProvider, exported: istioWaypoint, edges: true },
  { name: 'linkerd', provider: linkerdProvider, exported: linkerdProxies, edges: true },
  { name: 'smi', provider: smiProvider, exported: linkerdProxies, edges: true },
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'autopilot-promtool-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What promtool says about what these expressions give, in millionths; nothing when it agrees. */
function disagreement(calls: readonly Calls[], exported: Exporter, expected: [string, number | undefined][]): string {
  const file = join(folder, 'test.json')
  const samples = (value: number | undefined) =>
    value === undefined ? [] : [{ labels: '{}', value: Math.round(value * 1e6) }]
  const tests = {
    evaluation_interval: '15s',
    tests: [
      {
        interval: '15s',
        input_series: inputSeries(calls, exported),
        promql_expr_test: expected.map(([expr, value]) => ({
          // Sums of floats differ in the last bits, and promtool compares exactly.
          expr: `round((${expr}) * 1e6)`,
          eval_time: '5m',
          exp_samples: samples(value),
        })),
      },
    ],
  }
  writeFileSync(file, JSON.stringify(tests))
  const { status, stdout, stderr, error } = spawnSync(program, ['test', 'rules', file], { encoding: 'utf8' })
  if (error !== undefined) return `${program} cannot be started: ${error.message}`
  return status === 0 ? '' : `${stdout}${stderr}`
}

function expressions(queries: MetricQueries, target: MetricTarget, { expected }: Case): [string, number | undefined][] {
  const expression = {
    successRate: () => queries.successRate(target, '1m'),
    requestRate: () => queries.requestRate(target, '1m'),
    p50: () => queries.latency(target, '1m', 0.5),
    p90: () => queries.latency(target, '1m', 0.9),
    p99: () => queries.latency(target, '1m', 0.99),
  }
  const rates: [string, number | undefined][] = (['successRate', 'requestRate', 'p50', 'p90', 'p99'] as const)
    .filter((metric) => metric in expected)
    .map((metric) => [expression[metric](), expected[metric]])
  if (!('successRate' in expected)) return rates
  const { successRate } = expected
  return [...rates, [queries.errorRate(target, '1m'), successRate === undefined ? undefined : 1 - successRate]]
}

describe.each(meshes)('the queries of $name', ({ provider, exported, edges }) => {
  const { queries } = provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })

  test.skipIf(skipped).each(cases)('when $what', (example) => {
    const expected = expressions(queries, web, example)
    if (edges) expected.push(...expressions(queries, clientToWeb, example))
    expect(disagreement(example.calls, exported, expected)).toBe('')
  })

  test.skipIf(skipped || !edges)('calls of others do not count on an edge, but do for the workload', () => {
    const calls = [good, { ...good, from: 'batch', status: 500 }]
    const expected: [string, number][] = [
      [queries.successRate(clientToWeb, '1m'), 1],
      [queries.requestRate(clientToWeb, '1m'), 98 / 15],
      [queries.successRate(web, '1m'), 0.5],
    ]
    expect(disagreement(calls, exported, expected)).toBe('')
  })

  test('parse as PromQL by the grammar of Prometheus, whatever the names allow', () => {
    for (const name of ['web', 'web.v2', '0', `${'a'.repeat(63)}.b`]) {
      const workload = { namespace: 'shop', name }
      for (const target of [{ workload }, { edge: { from: workload, to: workload } }]) {
        for (const promql of [
          queries.successRate(target, '90s'),
          queries.requestRate(target, '1500ms'),
          queries.latency(target, '1m', 0.99),
        ]) {
          const errors: string[] = []
          parser.parse(promql).iterate({
            enter: ({ type, from }) => {
              if (type.isError) errors.push(`${promql} at ${from}`)
            },
          })
          expect(errors).toEqual([])
        }
      }
    }
  })

  test.each(['web"} or vector(1) #', 'web|.*', '', 'Web', 'web\n'])('refuse the name %j', (name) => {
    for (const target of [{ workload: { namespace: 'shop', name } }, { workload: { namespace: name, name: 'web' } }]) {
      expect(() => queries.successRate(target, '1m')).toThrow(/^AP5001 /)
      expect(() => queries.requestRate(target, '1m')).toThrow(/^AP5001 /)
      expect(() => queries.latency(target, '1m', 0.9)).toThrow(/^AP5001 /)
    }
  })
})

describe('what only the proxies of Istio can tell', () => {
  const { queries } = istioProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })

  test.skipIf(skipped)('calls that never arrived fail on the edge and do not count for the workload', () => {
    const calls = [good, { ...bad, lost: true }]
    const expected: [string, number][] = [
      [queries.successRate(clientToWeb, '1m'), 0.98],
      [queries.requestRate(clientToWeb, '1m'), 100 / 15],
      [queries.successRate(web, '1m'), 1],
    ]
    expect(disagreement(calls, istioSidecars, expected)).toBe('')
  })
})
