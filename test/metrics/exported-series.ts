/** Requests of one caller to one workload, the same number at every scrape. */
export interface Calls {
  readonly from: string
  readonly to: string
  readonly namespace?: string
  readonly pod?: string
  /** Requests between two scrapes; a flat counter has 0. */
  readonly perScrape: number
  readonly status?: number
  readonly grpcStatus?: number
  /** No proxy of the callee saw them: nothing was there, or the connection broke. */
  readonly lost?: boolean
  /** How many requests, of those between two scrapes, took no longer than so many milliseconds. */
  readonly buckets?: Readonly<Record<string, number>>
}

/** A series as PromQL selects it, and by how much it grows between two scrapes. */
interface Counter {
  readonly series: string
  readonly perScrape: number
}

/** The series that proxies of one mesh export for some calls. */
export type Exporter = (calls: Calls) => Counter[]

/** Scrapes in a test: five minutes, every 15 seconds. */
const scrapes = 20

/** The `input_series` of a promtool test: what a mesh exports for all of these calls, equal series added up as a proxy does. */
export function inputSeries(calls: readonly Calls[], exported: Exporter): { series: string; values: string }[] {
  const sums = new Map<string, number>()
  for (const { series, perScrape } of calls.flatMap(exported)) sums.set(series, (sums.get(series) ?? 0) + perScrape)
  return [...sums].map(([series, perScrape]) => ({ series, values: `0+${perScrape}x${scrapes}` }))
}

/** Istio's sidecars (telemetry v2): every call is counted by the caller's and by the callee's proxy. */
export const istioSidecars: Exporter = (calls) => [
  ...istioSeries(calls, 'source'),
  ...(calls.lost ? [] : istioSeries(calls, 'destination')),
]

/** Istio in ambient mode: the waypoint of the callee alone speaks HTTP. */
export const istioWaypoint: Exporter = (calls) => (calls.lost ? [] : istioSeries(calls, 'waypoint'))

function istioSeries(calls: Calls, reporter: string): Counter[] {
  const { from, to, namespace = 'shop', pod = `${to}-0`, status = 200, grpcStatus, lost = false } = calls
  const labels = {
    reporter,
    source_workload: from,
    source_workload_namespace: 'shop',
    source_principal: `spiffe://cluster.local/ns/shop/sa/${from}`,
    destination_workload: lost ? 'unknown' : to,
    destination_workload_namespace: lost ? 'unknown' : namespace,
    destination_service: `${to}.${namespace}.svc.cluster.local`,
    destination_service_name: to,
    destination_service_namespace: namespace,
    request_protocol: grpcStatus === undefined ? 'http' : 'grpc',
    response_code: String(status),
    response_flags: lost ? 'UF' : '-',
    grpc_response_status: grpcStatus === undefined ? '' : String(grpcStatus),
    connection_security_policy: reporter === 'source' ? 'unknown' : 'mutual_tls',
    pod: reporter === 'source' ? `${from}-0` : pod,
  }
  return [
    counter('istio_requests_total', labels, calls.perScrape),
    ...histogram('istio_request_duration_milliseconds_bucket', labels, calls),
  ]
}

/** Linkerd's proxies: inbound at the callee, outbound at the caller; a call that never arrived has no destination labels. */
export const linkerdProxies: Exporter = (calls) => {
  const { from, to, namespace = 'shop', pod = `${to}-0`, status = 200, grpcStatus, lost = false } = calls
  const failed = status >= 500 || [2, 4, 12, 13, 14, 15].includes(grpcStatus ?? 0)
  const destination = lost
    ? {}
    : { dst_namespace: namespace, dst_deployment: to, dst_service: to, dst_pod: pod, dst_serviceaccount: to }
  const outbound = { direction: 'outbound', namespace: 'shop', deployment: from, pod: `${from}-0`, ...destination }
  const inbound = { direction: 'inbound', namespace, deployment: to, pod, client_id: `${from}.shop.serviceaccount` }
  return [outbound, ...(lost ? [] : [inbound])].flatMap((labels) => [
    counter('request_total', { ...labels, tls: 'true' }, calls.perScrape),
    counter(
      'response_total',
      {
        ...labels,
        classification: failed ? 'failure' : 'success',
        status_code: String(status),
        grpc_status: grpcStatus === undefined ? '' : String(grpcStatus),
        tls: 'true',
      },
      calls.perScrape,
    ),
    ...histogram('response_latency_ms_bucket', { ...labels, status_code: String(status), tls: 'true' }, calls),
  ])
}

function histogram(name: string, labels: Record<string, string>, { buckets, perScrape }: Calls): Counter[] {
  return Object.entries(buckets ?? { '10': perScrape, '+Inf': perScrape }).map(([le, count]) =>
    counter(name, { ...labels, le }, count),
  )
}

/** Labels without a value are no labels. */
function counter(name: string, labels: Record<string, string>, perScrape: number): Counter {
  const written = Object.entries(labels).filter(([, value]) => value !== '')
  const selector = written.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')
  return { series: `${name}{${selector}}`, perScrape }
}
