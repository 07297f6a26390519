import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MetricQueries } from '../../src/mesh/metric-queries.ts'
import { label, requireName } from '../../src/mesh/promql.ts'
import type { MetricQuery } from '../../src/metrics/metrics.ts'
import { PrometheusSource } from '../../src/metrics/prometheus-source.ts'
import type { PrometheusConfig } from '../../src/project/project.ts'
import { type Asked, type FakePrometheus, prometheusServer, send, vector } from '../support/prometheus-server.ts'
import { ScriptedClock } from './scripted-clock.ts'

const nameOf = (target: Parameters<MetricQueries['successRate']>[0]) =>
  label(requireName('workload', 'workload' in target ? target.workload.name : 'elsewhere'))
const queries: MetricQueries = {
  successRate: (target, window) => `success{w=${nameOf(target)}}[${window}]`,
  errorRate: (target, window) => `errors{w=${nameOf(target)}}[${window}]`,
  requestRate: (target, window) => `requests{w=${nameOf(target)}}[${window}]`,
  latency: (target, window, quantile) => `latency{w=${nameOf(target)},q="${quantile}"}[${window}]`,
}
const target = { workload: { namespace: 'shop', name: 'web' } }
const successRate: MetricQuery = { metric: 'successRate', target, window: 60_000 }
const custom: MetricQuery = { metric: 'custom', name: 'error-share', promql: 'sum(x)' }

let clock: ScriptedClock
let opened: { close(): Promise<void> }[]
beforeEach(() => {
  clock = new ScriptedClock()
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()))
})

function sourceOf(url: string, config: Partial<PrometheusConfig> = {}): PrometheusSource {
  const source = new PrometheusSource({ url, timeout: 5_000, insecureSkipVerify: false, ...config }, queries, clock)
  opened.push(source)
  return source
}

/** Measures once at a server that gives these answers, one after the other and the last one again. */
async function measureAt(
  answers: ((response: ServerResponse) => void)[],
  query: MetricQuery = successRate,
): Promise<{ state: string; text: string; asked: Asked[]; url: string }> {
  await using server = await prometheusServer((response) => {
    const next = answers[Math.min(server.asked.length, answers.length) - 1]
    next?.(response)
  })
  const result = await sourceOf(server.url).measure(query)
  return {
    ...result,
    text: result.text.replaceAll(server.url, 'http://prometheus'),
    asked: server.asked,
    url: server.url,
  }
}
const body =
  (text: string, status = 200, headers?: Record<string, string>) =>
  (response: ServerResponse) =>
    send(response, status, text, headers)
const failure = (errorType: string, error: string) => JSON.stringify({ status: 'error', errorType, error })

describe('what Prometheus knows', () => {
  test.each([
    [successRate, '0.9983', 0.9983, '99.8 %'],
    [successRate, '0.99999', 0.99999, '99.99 %'],
    [successRate, '0.9996', 0.9996, '99.96 %'],
    [successRate, '1', 1, '100 %'],
    [successRate, '0', 0, '0 %'],
    [{ ...successRate, metric: 'requestRate' }, '12.345', 12.345, '12.3 requests/s'],
    [{ ...successRate, metric: 'latency', quantile: 0.99 }, '211.7', 211.7, '212 ms'],
    [{ ...successRate, metric: 'latency', quantile: 0.5 }, '1.25e0', 1.25, '1.3 ms'],
    [custom, '0.123456', 0.123456, '0.1235'],
  ] satisfies [MetricQuery, string, number, string][])('%j of %s', async (query, sample, value, text) => {
    expect(await measureAt([body(vector(sample))], query)).toMatchObject({ state: 'ok', value, text })
  })

  test('a scalar is a value too', async () => {
    const answer = JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '42'] } })
    expect(await measureAt([body(answer)], custom)).toMatchObject({ state: 'ok', value: 42 })
  })

  test.each([
    ['no sample', vector()],
    ['0/0', vector('NaN')],
    ['a division by zero', vector('+Inf')],
    ['a negative division by zero', vector('-Inf')],
  ])('%s is no traffic, which is no failure', async (_what, answer) => {
    expect(await measureAt([body(answer)])).toMatchObject({ state: 'no-data', text: 'no traffic in the last 1m' })
    expect(await measureAt([body(answer)], custom)).toMatchObject({
      state: 'no-data',
      text: 'no data for the query error-share',
    })
  })

  test('warnings are passed on beside the value', async () => {
    const answer = JSON.stringify({ ...JSON.parse(vector('1')), warnings: ['store a is down', 'store b is down'] })
    expect(await measureAt([body(answer)])).toMatchObject({
      state: 'ok',
      text: '100 % (Prometheus warns: store a is down; store b is down)',
    })
  })

  test('the window is asked for as a whole number of one unit, and a path of the address is kept', async () => {
    await using server = await prometheusServer((response) => send(response, 200, vector('1')))
    const source = sourceOf(`${server.url}/prometheus/`)
    for (const window of [60_000, 90_000, 1_500, 7_200_000, 0.4]) await source.measure({ ...successRate, window })
    expect(server.asked.map(({ query }) => query?.replace(/^.*\[/, '['))).toEqual([
      '[1m]',
      '[90s]',
      '[1500ms]',
      '[2h]',
      '[1ms]',
    ])
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/prometheus/api/v1/query' })
  })
})

describe('what Prometheus gets wrong', () => {
  test.each([
    [
      'a query that it does not understand',
      body(failure('bad_data', 'invalid parameter "query": 1:8: parse error: unexpected "["'), 400),
      'Prometheus at http://prometheus refused the query: bad_data: invalid parameter "query": 1:8: parse error: unexpected "[", in success{w="web"}[1m]',
    ],
    [
      'a query that it cannot carry out',
      body(failure('execution', 'found duplicate series'), 422),
      'Prometheus at http://prometheus refused the query: execution: found duplicate series, in success{w="web"}[1m]',
    ],
    [
      'no identity',
      body('', 401),
      'Prometheus at http://prometheus does not know who asks (HTTP 401); check prometheus.bearerTokenFile',
    ],
    [
      'no right',
      body('Forbidden', 403),
      'Prometheus at http://prometheus does not allow the query (HTTP 403); check the rights of the token in prometheus.bearerTokenFile',
    ],
    [
      'another server',
      body('404 page not found', 404),
      'Prometheus at http://prometheus has no /api/v1/query (HTTP 404); check that prometheus.url is its base address',
    ],
    [
      'a login page',
      body('', 302, { location: 'https://login.example.com/' }),
      'Prometheus at http://prometheus sends elsewhere (HTTP 302, https://login.example.com/); give the final address as prometheus.url',
    ],
    [
      'a page',
      body('<!doctype html><html>'),
      `Prometheus at http://prometheus cannot say: the answer is not Prometheus' (it starts with "<!doctype html><html>")`,
    ],
    [
      'half an answer',
      body('{"status":"succ'),
      `Prometheus at http://prometheus cannot say: the answer is not Prometheus' (it starts with "{\\"status\\":\\"succ")`,
    ],
    [
      'an answer without data',
      body('{"status":"success"}'),
      'Prometheus at http://prometheus cannot say: the answer holds no data',
    ],
    [
      'a sample without a value',
      body('{"status":"success","data":{"resultType":"vector","result":[{}]}}'),
      'Prometheus at http://prometheus cannot say: the answer holds no value',
    ],
    [
      'a value that is no number',
      body(vector('many')),
      'Prometheus at http://prometheus cannot say: the answer holds "many", which is no number',
    ],
    [
      'several series',
      body(vector('1', '2', '3')),
      'Prometheus at http://prometheus cannot say: the query gives 3 series where one is needed; aggregate them, for example with sum()',
    ],
    [
      'a range',
      body('{"status":"success","data":{"resultType":"matrix","result":[]}}'),
      'Prometheus at http://prometheus cannot say: the query gives a matrix, not a number at one instant',
    ],
    [
      'a histogram',
      body('{"status":"success","data":{"resultType":"vector","result":[{"histogram":[1,{}]}]}}'),
      'Prometheus at http://prometheus cannot say: the query gives a histogram, not a number',
    ],
    ['a bug', body('oops', 500), 'Prometheus at http://prometheus answered HTTP 500'],
  ])('%s is an error, asked for once', async (_what, answer, text) => {
    const { asked, ...result } = await measureAt([answer])
    expect(result).toMatchObject({ state: 'error', text })
    expect(asked).toHaveLength(1)
  })

  test.each([429, 502, 503, 504])('HTTP %d passes: the next attempt counts', async (status) => {
    const { asked, state } = await measureAt([body('busy', status), body(vector('1'))])
    expect([state, asked.length]).toEqual(['ok', 2])
    expect(clock.pauses).toEqual([250])
  })

  test('three attempts are enough', async () => {
    const { asked, text } = await measureAt([body(failure('timeout', 'query timed out'), 503)])
    expect(text).toBe('Prometheus at http://prometheus answered HTTP 503: timeout: query timed out')
    expect(asked).toHaveLength(3)
    expect(clock.pauses).toEqual([250, 500])
  })

  test('Retry-After is kept', async () => {
    await measureAt([body('', 429, { 'retry-after': '2' }), body(vector('1'))])
    expect(clock.pauses).toEqual([2_000])
  })

  test('a broken connection is tried again', async () => {
    const { state, asked } = await measureAt([(response) => response.destroy(), body(vector('1'))])
    expect([state, asked.length]).toEqual(['ok', 2])
  })

  test('a connection that breaks in the middle of the answer is tried again', async () => {
    const half = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': '500' })
      response.write('{"status"', () => response.destroy())
    }
    expect(await measureAt([half])).toMatchObject({
      state: 'error',
      text: 'Prometheus at http://prometheus broke the connection',
    })
  })

  test('an endless answer is cut', async () => {
    const { text } = await measureAt([body('x'.repeat(2_000_000))])
    expect(text).toBe('Prometheus at http://prometheus answered more than a measurement can be')
  })

  test('nobody there', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await sourceOf(`http://127.0.0.1:${port}`).measure(successRate)).toEqual({
      state: 'error',
      text: `Prometheus at http://127.0.0.1:${port} cannot be reached: the connection was refused`,
    })
  })

  test('a server that never answers costs the timeout and no more', async () => {
    await using server = await prometheusServer(() => clock.expire())
    expect(await sourceOf(server.url).measure(successRate)).toEqual({
      state: 'error',
      text: `Prometheus at ${server.url} gave no answer within 5s`,
    })
    expect(server.asked).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('the timeout holds for all attempts together, and the trouble before it is told', async () => {
    await using server = await prometheusServer((response) => {
      if (server.asked.length === 1) send(response, 503, '')
      else clock.expire()
    })
    expect((await sourceOf(server.url).measure(successRate)).text).toBe(
      `Prometheus at ${server.url} gave no answer within 5s; Prometheus at ${server.url} answered HTTP 503`,
    )
  })

  test('a caller that stops is not kept waiting, nor one after the end', async () => {
    const stop = new AbortController()
    await using server = await prometheusServer(() => stop.abort())
    const source = sourceOf(server.url)
    const stopped = { state: 'error', text: 'the measurement was stopped' }
    expect(await source.measure(successRate, stop.signal)).toEqual(stopped)
    await source.close()
    expect(await source.measure(successRate)).toEqual(stopped)
    expect(server.asked).toHaveLength(1)
  })

  test('a proxy that lets only GET pass is asked by GET from then on', async () => {
    await using server = await prometheusServer((response, { method }) => {
      if (method === 'POST') send(response, 405, '')
      else send(response, 200, vector('1'))
    })
    const source = sourceOf(server.url)
    expect(await source.measure(successRate)).toMatchObject({ state: 'ok' })
    expect(await source.measure(successRate)).toMatchObject({ state: 'ok' })
    expect(server.asked.map(({ method, query }) => [method, query])).toEqual([
      ['POST', 'success{w="web"}[1m]'],
      ['GET', 'success{w="web"}[1m]'],
      ['GET', 'success{w="web"}[1m]'],
    ])
  })
})

describe('questions that are not asked', () => {
  test.each([
    [
      { ...successRate, target: { workload: { namespace: 'shop', name: 'web"} or vector(1) #' } } },
      /^AP5001 workload "web\\"} or vector\(1\) #" cannot stand in a metrics query/,
    ],
    [{ ...successRate, window: 0 }, /^0 ms is no window to look back on$/],
    [{ ...successRate, metric: 'latency', quantile: 99 }, /^the quantile 99 is not between 0 and 1$/],
  ] satisfies [MetricQuery, RegExp][])('%j', async (query, text) => {
    await using server: FakePrometheus = await prometheusServer((response) => send(response, 200, vector('1')))
    expect(await sourceOf(server.url).measure(query)).toEqual({ state: 'error', text: expect.stringMatching(text) })
    expect(server.asked).toEqual([])
  })
})
