import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '../cluster/ports.ts'
import { type Running, start, waitFor } from '../cluster/processes.ts'

/** A running istiod. */
export interface Istiod {
  /** Loopback port on which proxies ask for their configuration, without TLS. */
  readonly discoveryPort: number
  /** Loopback port on which it issues certificates to whom it can tell by a token, with TLS. */
  readonly certificatePort: number
  /** Of its web pages and, as it has no port of its own for them here, its webhooks. */
  readonly url: string
  readonly process: Running
}

/** Features that need more than an API server and a proxy, switched off. Names as pilot/pkg/features has them. */
const variables = {
  // Filters that the stock Envoy lacks.
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  PILOT_ENABLE_ALPN_FILTER: 'false',
  // Deployments of gateways, and webhooks.
  PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: 'false',
  INJECTION_WEBHOOK_CONFIG_NAME: '',
  VALIDATION_WEBHOOK_CONFIG_NAME: '',
  POD_NAMESPACE: 'istio-system',
  POD_NAME: 'istiod-0',
}

/**
 * Starts istiod for the API server of `kubeconfig`, whose CRDs and namespace istio-system exist, and waits until it is ready. `more` are
 * features besides; another one beside it needs a name of its own.
 */
export async function startIstiod(
  program: string,
  kubeconfig: string,
  folder: string,
  logs: string,
  started: (running: Running) => void,
  { name = 'istiod', more = {} }: { readonly name?: string; readonly more?: Readonly<Record<string, string>> } = {},
): Promise<Istiod> {
  const [http = 0, grpc = 0, secure = 0, monitoring = 0] = await freePorts(4)
  const home = join(folder, name)
  await mkdir(home)
  const meshConfig = join(home, 'mesh.json')
  await writeFile(
    meshConfig,
    JSON.stringify({
      defaultConfig: { discoveryAddress: `127.0.0.1:${grpc}` },
      enableAutoMtls: false,
      defaultProviders: {},
    }),
  )
  const process = await start(
    name,
    program,
    [
      'discovery',
      `--kubeconfig=${kubeconfig}`,
      `--meshConfig=${meshConfig}`,
      `--networksConfig=${join(home, 'none')}`,
      '--namespace=istio-system',
      `--httpAddr=127.0.0.1:${http}`,
      '--httpsAddr=',
      `--grpcAddr=127.0.0.1:${grpc}`,
      `--secureGRPCAddr=127.0.0.1:${secure}`,
      `--monitoringAddr=127.0.0.1:${monitoring}`,
      '--ctrlz_address=127.0.0.1',
      '--ctrlz_port=0',
    ],
    logs,
    { variables: { ...variables, ...more }, folder: home },
  )
  started(process)
  const ready = () =>
    fetch(`http://127.0.0.1:${http}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitFor(`${name} is ready`, ready, { processes: [process] })
  return { discoveryPort: grpc, certificatePort: secure, url: `http://127.0.0.1:${http}`, process }
}
