import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, test } from 'vitest'
import type { MetricTarget } from '../../src/mesh/metric-queries.ts'
import { adapters, istio, linkerd } from './adapters.ts'

const workload: MetricTarget = { workload: { namespace: 'shop', name: 'web-canary' } }
const edge: MetricTarget = {
  edge: { from: { namespace: 'shop', name: 'front' }, to: { namespace: 'shop', name: 'web-canary' } },
}

const service: MetricTarget = { service: { namespace: 'shop', name: 'web-canary' } }
const backend: MetricTarget = {
  backend: { apex: { namespace: 'shop', name: 'web' }, service: { namespace: 'shop', name: 'web-canary' } },
}

/** Where the grammar of PromQL stumbles; empty for an expression that parses. */
function syntaxErrors(expression: string): string[] {
  const errors: string[] = []
  parser
    .parse(expression)
    .iterate({ enter: ({ type, from }) => void (type.isError && errors.push(expression.slice(from, from + 20))) })
  return errors
}

describe.each(adapters)('queries of %s', (_name, { queries }) => {
  test.each([
    ['workload', workload],
    ['edge', edge],
    ['service', service],
    ['backend', backend],
  ] as const)('for a %s are PromQL', (_target, target) => {
    const expressions = [
      queries.successRate(target, '1m'),
      queries.errorRate(target, '1m'),
      queries.requestRate(target, '1m30s'),
      queries.latency(target, '5m', 0.99),
    ]
    expect(expressions.flatMap(syntaxErrors)).toEqual([])
    expect(expressions.every((expression) => expression.includes('web-canary') && expression.includes('shop'))).toBe(
      true,
    )
  })

  test.each(['a"} or up{b="', 'Web', '', 'a\\', 'a\nb', '-a'])('refuse the name %j', (name) => {
    expect(() => queries.requestRate({ workload: { namespace: 'shop', name } }, '1m')).toThrow('AP5001')
    expect(() => queries.latency({ workload: { namespace: name, name: 'web' } }, '1m', 0.5)).toThrow('AP5001')
  })

  test.each(['', '1', '0s', '1m]) or vector(1', '1s1m', '-1m'])('refuse the window %j', (window) => {
    expect(() => queries.successRate(workload, window)).toThrow('AP2124')
  })

  test.each([0, 1, 1.5, -1, Number.NaN])('refuse the quantile %d', (quantile) => {
    expect(() => queries.latency(workload, '1m', quantile)).toThrow('AP2124')
  })
})

test('the grammar does find errors', () => {
  expect(syntaxErrors('sum(rate(a[1m])')).not.toEqual([])
})

test('Istio: server errors, requests without a response and gRPC failures count as failed', () => {
  expect(istio.queries.successRate(workload, '1m')).toBe(
    'clamp_min(1 - ((sum(' +
      'rate(istio_requests_total{reporter=~"destination",destination_workload_namespace="shop",destination_workload="web-canary",response_code=~"0|5.."}[1m])' +
      ' or ' +
      'rate(istio_requests_total{reporter=~"destination",destination_workload_namespace="shop",destination_workload="web-canary",request_protocol="grpc",grpc_response_status=~"2|4|12|13|14|15"}[1m])' +
      ')) or 0 * sum(rate(istio_requests_total{reporter=~"destination",destination_workload_namespace="shop",destination_workload="web-canary"}[1m])))' +
      ' / (sum(rate(istio_requests_total{reporter=~"destination",destination_workload_namespace="shop",destination_workload="web-canary"}[1m])) > 0), 0)',
  )
})

test('Linkerd: an edge is what the caller’s proxy counted', () => {
  expect(linkerd.queries.requestRate(edge, '1m')).toBe(
    'sum(rate(request_total{direction="outbound",namespace="shop",deployment="front",dst_namespace="shop",dst_deployment="web-canary"}[1m])) > 0',
  )
})

test('Istio: a backend is known by the Service that requests were routed to', () => {
  expect(istio.queries.requestRate(backend, '1m')).toBe(
    'sum(rate(istio_requests_total{reporter="source",destination_service_namespace="shop",destination_service_name="web-canary"}[1m])) > 0',
  )
  expect(istio.queries.requestRate(service, '1m')).toBe(istio.queries.requestRate(backend, '1m'))
})

test('Linkerd: a backend is known by the route of its apex, of HTTP or of gRPC', () => {
  const labels =
    'parent_kind="Service",parent_namespace="shop",parent_name="web",backend_kind="Service",backend_namespace="shop",backend_name="web-canary"'
  expect(linkerd.queries.requestRate(backend, '1m')).toBe(
    `sum(rate(outbound_http_route_backend_requests_total{${labels}}[1m]) or rate(outbound_grpc_route_backend_requests_total{${labels}}[1m])) > 0`,
  )
  expect(linkerd.queries.errorRate(backend, '1m')).toContain(`${labels},http_status=~"5.."}`)
})
