import { afterAll, beforeAll } from 'vitest'
import { type PrometheusPrograms, type RunningPrometheus, startPrometheus } from '../cluster/prometheus.ts'
import { TelemetryEndpoint } from './telemetry.ts'

/** What a canary is measured by: the page that its proxies' counts are read from, and the Prometheus that reads it. */
export interface ProxyTelemetry {
  readonly endpoint: TelemetryEndpoint
  readonly prometheusUrl: string
}

/** Runs both for the tests of a suite, which ask for them when they run. Without programs the suite is skipped. */
export function proxyTelemetry(programs: PrometheusPrograms | undefined): () => ProxyTelemetry {
  let prometheus: RunningPrometheus
  let endpoint: TelemetryEndpoint
  beforeAll(async () => {
    if (programs === undefined) return
    endpoint = await TelemetryEndpoint.start()
    prometheus = await startPrometheus(programs, [{ job: 'proxies', address: endpoint.address }])
  })
  afterAll(async () => {
    endpoint?.stop()
    await prometheus?.stop()
  })
  return () => ({ endpoint, prometheusUrl: prometheus.url })
}
