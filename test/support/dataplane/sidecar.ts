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

/** Who a proxy is to istiod. */
export interface ProxyNode {
  readonly name: string
  readonly namespace: string
  /** Of its pod. One that is an endpoint's makes it that endpoint's proxy. */
  readonly address: string
  readonly labels: Readonly<Record<string, string>>
  /** The name of its ServiceAccount. */
  readonly account?: string
  /** A sidecar unless given. */
  readonly type?: 'waypoint'
}

interface ProxySurroundings {
  readonly discoveryPort: number
  /** Where it gets its certificate, see `SecretService`; it has none unless given. */
  readonly secretsPort?: number
  readonly folder: string
  readonly logs: string
  started(running: Running): void
}

/** The namespace that the client is in. */
export const clientNamespace = 'shop'
/** As whom it calls where mutual TLS is asked for. */
export const clientAccount = { namespace: clientNamespace, name: 'client' }

/** Starts an Envoy that istiod programs as a sidecar and that has the client's certificate, and waits until it has its first configuration. */
export async function startSidecar(program: string, surroundings: ProxySurroundings): Promise<Sidecar> {
  const node = { name: clientAccount.name, namespace: clientNamespace, address: '127.1.0.1', labels: { app: 'client' } }
  return startProxy('envoy', program, node, surroundings)
}

/** Starts an Envoy that istiod programs for this node, and waits until it has its first configuration. */
export async function startProxy(
  name: string,
  program: string,
  node: ProxyNode,
  { discoveryPort, secretsPort, folder, logs, started }: ProxySurroundings,
): Promise<Sidecar> {
  const adminPort = await freePort()
  const config = join(folder, `${name}.json`)
  await writeFile(config, JSON.stringify(bootstrap(node, { adminPort, discoveryPort, secretsPort }), undefined, 2))
  // One worker thread: once it answers by a new configuration, no request is answered by an older one.
  const process = await start(
    name,
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
  await waitFor(`${name} is ready`, ready, { processes: [process] })
  return { adminPort, process }
}

interface Ports {
  readonly adminPort: number
  readonly discoveryPort: number
  readonly secretsPort: number | undefined
}

function bootstrap(node: ProxyNode, { adminPort, discoveryPort, secretsPort }: Ports): object {
  const local = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } })
  const ads = { ads: {}, resource_api_version: 'V3' }
  const http = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
  const calls = (name: string, port: number) => ({
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      [http]: { '@type': `type.googleapis.com/${http}`, explicit_http_config: { http2_protocol_options: {} } },
    },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: local(port) } }] }] },
  })
  return {
    node: {
      id: `${node.type ?? 'sidecar'}~${node.address}~${node.name}.${node.namespace}~${node.namespace}.svc.cluster.local`,
      cluster: `${node.name}.${node.namespace}`,
      metadata: {
        GENERATOR: 'envoy',
        NAMESPACE: node.namespace,
        CLUSTER_ID: 'Kubernetes',
        ISTIO_VERSION: '1.31.0',
        // No redirected connections, hence listeners on loopback.
        INTERCEPTION_MODE: 'NONE',
        LABELS: node.labels,
        ...(node.account !== undefined && { SERVICE_ACCOUNT: node.account }),
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
        calls('xds-grpc', discoveryPort),
        // The name by which istiod calls whoever has the certificates (pkg/model, SDSClusterName).
        ...(secretsPort === undefined ? [] : [calls('sds-grpc', secretsPort)]),
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
