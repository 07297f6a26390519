import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../cluster/ports.ts'
import { type Running, start, waitFor } from '../cluster/processes.ts'

/** An Envoy beside a client of the mesh. It listens on 127.0.0.1 at every port that a Service of the mesh has. */
export interface Sidecar {
  /** Loopback port of its own pages: `/stats/prometheus`, `/config_dump`. */
  readonly adminPort: number
  readonly process: Running
}

/** The namespace that the client is in. */
export const clientNamespace = 'shop'

/** Starts an Envoy that istiod programs as a sidecar, and waits until it has its first configuration. */
export async function startSidecar(
  program: string,
  discoveryPort: number,
  folder: string,
  logs: string,
  started: (running: Running) => void,
): Promise<Sidecar> {
  const adminPort = await freePort()
  const config = join(folder, 'envoy.json')
  await writeFile(config, JSON.stringify(bootstrap(adminPort, discoveryPort), undefined, 2))
  // One worker thread: once it answers by a new configuration, no request is answered by an older one.
  const process = await start(
    'envoy',
    program,
    ['-c', config, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'warning'],
    logs,
  )
  started(process)
  const ready = () =>
    fetch(`http://127.0.0.1:${adminPort}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitFor('Envoy is ready', ready, { processes: [process] })
  return { adminPort, process }
}

function bootstrap(adminPort: number, discoveryPort: number): object {
  const local = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } })
  const ads = { ads: {}, resource_api_version: 'V3' }
  const http = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
  return {
    node: {
      // Its address must be no endpoint's: istiod would take the sidecar for that endpoint's own.
      id: `sidecar~127.1.0.1~client.${clientNamespace}~${clientNamespace}.svc.cluster.local`,
      cluster: `client.${clientNamespace}`,
      metadata: {
        GENERATOR: 'envoy',
        NAMESPACE: clientNamespace,
        CLUSTER_ID: 'Kubernetes',
        ISTIO_VERSION: '1.31.0',
        // No redirected connections, hence listeners on loopback.
        INTERCEPTION_MODE: 'NONE',
        LABELS: { app: 'client' },
      },
    },
    admin: { address: local(adminPort) },
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      },
      lds_config: ads,
      cds_config: ads,
    },
    static_resources: {
      clusters: [
        {
          name: 'xds-grpc',
          type: 'STATIC',
          connect_timeout: '1s',
          typed_extension_protocol_options: {
            [http]: {
              '@type': `type.googleapis.com/${http}`,
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          load_assignment: {
            cluster_name: 'xds-grpc',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: local(discoveryPort) } }] }],
          },
        },
      ],
    },
    // Histograms are brought up to date only then; the default is five seconds.
    stats_flush_interval: '1s',
    // Without these a cluster's name would be cut at its dots in the metrics for Prometheus.
    stats_config: {
      use_all_default_tags: false,
      stats_tags: [
        { tag_name: 'cluster_name', regex: String.raw`^cluster\.((.+?);\.)` },
        { tag_name: 'response_code', regex: String.raw`_rq(_(\d{3}))$` },
        { tag_name: 'response_code_class', regex: String.raw`_rq(_(\dxx))$` },
      ],
    },
  }
}
