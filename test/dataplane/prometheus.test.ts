import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import {
  findPrometheus,
  type RunningPrometheus,
  type ScrapeTarget,
  startPrometheus,
} from '../support/cluster/prometheus.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'

const programs = await findPrometheus()
const [port = 0] = await freePorts(1)
const v1 = { namespace: 'shop', name: 'count-v1' }
const v2 = { namespace: 'shop', name: 'count-v2' }
const client = { namespace: 'shop', name: 'client' }
const window = '6s'

describe.skipIf(programs === undefined)('a real Prometheus', () => {
  describeDataPlane('asked by the adapter’s queries of what a real proxy counted', (mesh) => {
    let prometheus: RunningPrometheus
    const running: { stop(): Promise<void> }[] = []

    beforeAll(async () => {
      for (const service of [v1, v2]) await mesh.addService(service, [port])
      await mesh.reachable()
      if (programs === undefined) throw new Error('skipped without Prometheus')
      prometheus = await startPrometheus(programs, [asIstio(mesh, 'source'), asIstio(mesh, 'destination')])
      running.push(prometheus, steadyLoad(mesh))
      // The window has to lie within the load, or the rates of its series would be guessed from different parts of it.
      await waitFor('Prometheus has seen the load for longer than the window', async () => {
        const failures = 'istio_requests_total{reporter="source",destination_workload="count-v2",response_code="503"}'
        return ((await ask(prometheus, `count_over_time(${failures}[1m])`)) ?? 0) > 8
      }).catch(async (error: unknown) => {
        throw new Error(`its targets are ${JSON.stringify(await prometheus.scrapes())}`, { cause: error })
      })
      // Of which a window of load, after the proxy and Prometheus are there, is most.
    }, 120_000)
    afterAll(async () => {
      for (const one of running.toReversed()) await one.stop()
    })

    test('tells the shares that did and did not fail, of a workload, of an edge and of a Service', async () => {
      for (const [target, share] of [
        [{ workload: v1 }, 0.9],
        [{ workload: v2 }, 0.75],
        [{ edge: { from: client, to: v2 } }, 0.75],
        [{ service: v2 }, 0.75],
      ] as const) {
        const good = (await ask(prometheus, istio.queries.successRate(target, window))) ?? 0
        const bad = (await ask(prometheus, istio.queries.errorRate(target, window))) ?? 0
        expect(Math.abs(good - share)).toBeLessThan(0.02)
        expect(Math.abs(bad - (1 - share))).toBeLessThan(0.02)
      }
    })

    test('tells a rate of requests, in the ratio in which they were sent', async () => {
      const [first, second] = await Promise.all(
        [v1, v2].map((workload) => ask(prometheus, istio.queries.requestRate({ workload }, window))),
      )
      expect(Math.abs((first ?? 0) / (second ?? 1) - 10 / 4)).toBeLessThan(0.2)
    })

    test('tells a latency of a backend on the same machine, in milliseconds', async () => {
      const median = await ask(prometheus, istio.queries.latency({ workload: v1 }, window, 0.5))
      expect(median).toBeGreaterThan(0)
      expect(median).toBeLessThan(100)
    })

    test('has no answer about a workload that nobody calls, which is not a failure', async () => {
      const nobody = { workload: { namespace: 'shop', name: 'nobody' } }
      expect(await ask(prometheus, istio.queries.successRate(nobody, window))).toBeUndefined()
      expect(await ask(prometheus, istio.queries.requestRate(nobody, window))).toBeUndefined()
    })
  })
})

/** Ten requests to one workload and four to the other, of each of which one fails, up to twenty times a second. */
function steadyLoad(mesh: DataPlane): { stop(): Promise<void> } {
  let over = false
  const round = () =>
    [v1, v2].flatMap((service) => {
      const request = { ...plainRequest, service, port }
      const good = Array.from({ length: service === v1 ? 9 : 3 }, () => mesh.send(request))
      return [...good, mesh.send({ ...request, path: '/status/503' })]
    })
  const rounds = async () => {
    while (!over) await Promise.all([...round(), delay(50)])
  }
  const ended = rounds()
  return {
    stop: async () => {
      over = true
      await ended
    },
  }
}

/** The one sample of an instant query, if there is one. */
async function ask({ url }: RunningPrometheus, query: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
  const value = data.result[0]?.value[1]
  return value === undefined ? undefined : Number(value)
}

/**
 * The sidecar's counts under the names that Istio's own filter gives them, which the stock Envoy lacks: a cluster of Istio's is called
 * `outbound|port|subset|host`, and each Service here has one workload of its name.
 */
function asIstio(mesh: DataPlane, reporter: 'source' | 'destination'): ScrapeTarget {
  const host = String.raw`outbound\|\d+\|\|([^.]+)\.([^.]+)\.svc\..*`
  const fromHost = (label: string, replacement: string) => ({
    source_labels: ['cluster_name'],
    regex: host,
    target_label: label,
    replacement,
  })
  const renamed = (name: string, to: string) => ({
    source_labels: ['__name__'],
    regex: name,
    target_label: '__name__',
    replacement: to,
  })
  return {
    job: reporter,
    address: `127.0.0.1:${mesh.facts.sidecarAdminPort}`,
    path: '/stats/prometheus',
    // A mesh of many Services would have Prometheus read megabytes in every second.
    query: { filter: 'outbound.*count-v[12].*upstream_rq' },
    labels: {
      reporter,
      source_workload: client.name,
      source_workload_namespace: client.namespace,
      request_protocol: 'http',
    },
    relabel: [
      // The same counter exists by classes of codes.
      { source_labels: ['__name__', 'response_code'], regex: 'envoy_cluster_upstream_rq;', action: 'drop' },
      {
        source_labels: ['__name__'],
        regex: 'envoy_cluster_upstream_rq|envoy_cluster_upstream_rq_time_bucket',
        action: 'keep',
      },
      { source_labels: ['cluster_name'], regex: host, action: 'keep' },
      fromHost('destination_workload', '$1'),
      fromHost('destination_workload_namespace', '$2'),
      fromHost('destination_service_name', '$1'),
      fromHost('destination_service_namespace', '$2'),
      renamed('envoy_cluster_upstream_rq', 'istio_requests_total'),
      renamed('envoy_cluster_upstream_rq_time_bucket', 'istio_request_duration_milliseconds_bucket'),
    ],
  }
}
