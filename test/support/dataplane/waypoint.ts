import { type Fields, fieldsOf, listOf, textOf } from '../../../src/mesh/fields.ts'
import type { ServiceRef } from '../../../src/mesh/traffic.ts'
import { type Running, waitFor } from '../cluster/processes.ts'
import type { DataPlane } from './data-plane.ts'
import { issueIdentity } from './identity.ts'
import { startIstiod } from './istiod.ts'
import { startSecretService } from './secret-service.ts'
import { startProxy } from './sidecar.ts'

const gateways = 'gateway.networking.k8s.io'

/**
 * A waypoint as an istiod in ambient mode has it, one of its own beside that of the other suites. Its listeners need filters of Istio's own that a stock Envoy lacks, so that this proxy takes none of them;
 * what istiod would have it decide about requests is asked of istiod, and decided by another Envoy with nothing but that.
 */
export class Waypoint {
  /** Where its istiod tells what it has made of the cluster. */
  readonly istiodUrl: string
  readonly #name: string
  readonly #running: readonly Running[]
  readonly #stopSecrets: () => void

  private constructor(name: string, istiodUrl: string, running: readonly Running[], stopSecrets: () => void) {
    this.istiodUrl = istiodUrl
    this.#name = name
    this.#running = running
    this.#stopSecrets = stopSecrets
  }

  /** Makes the Gateway with its Service in a namespace that is there, for Services of all namespaces, and connects its proxy. */
  static async start(mesh: DataPlane, { namespace, name }: ServiceRef): Promise<Waypoint> {
    const { client, facts } = mesh
    const labels = {
      [`${gateways}/gateway-name`]: name,
      'gateway.istio.io/managed': 'istio.io-mesh-controller',
    }
    await client.ask('POST', `/api/v1/namespaces/${namespace}/services`, {
      metadata: { name, labels },
      // By which istiod knows whose proxy it is.
      spec: { selector: labels, ports: [{ name: 'mesh', port: 15008 }] },
    })
    const path = `/apis/${gateways}/v1/namespaces/${namespace}/gateways`
    const allowedRoutes = { namespaces: { from: 'All' } }
    await client.ask('POST', path, {
      apiVersion: `${gateways}/v1`,
      kind: 'Gateway',
      metadata: { name },
      spec: {
        gatewayClassName: 'istio-waypoint',
        listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE', allowedRoutes }],
      },
    })
    // As istiod's own controller does when a pod of it is ready.
    const addresses = [{ type: 'Hostname', value: `${name}.${namespace}.svc.cluster.local` }]
    await client.ask('PATCH', `${path}/${name}/status`, { status: { addresses } }, 'application/merge-patch+json')
    const secrets = await startSecretService(await issueIdentity(client, facts, { namespace, name }))
    const { envoy, folder, kubeconfig, logs } = facts
    const running: Running[] = []
    const started = (one: Running) => void running.push(one)
    const ambient = { name: 'istiod-ambient', more: { PILOT_ENABLE_AMBIENT: 'true' } }
    const { discoveryPort, url } = await startIstiod(facts.istiod, kubeconfig, folder, logs, started, ambient)
    const waypoint = new Waypoint(`${name}-0.${namespace}`, url, running, secrets.stop)
    const node = {
      type: 'waypoint',
      name: `${name}-0`,
      namespace,
      address: '127.1.0.9',
      labels,
      account: name,
    } as const
    await startProxy(name, envoy, node, { discoveryPort, secretsPort: secrets.port, folder, logs, started })
    return waypoint
  }

  /** What istiod has the waypoint refuse, by `namespace/service:port`; once its configuration has all of these texts. */
  async filters(texts: readonly string[]): Promise<Map<string, unknown[]>> {
    const found = new Map<string, unknown[]>()
    await waitFor(`istiod has the waypoint follow ${texts.join()}`, async () => {
      const answer = await fetch(`${this.istiodUrl}/debug/config_dump?proxyID=${this.#name}`)
      const dump = await answer.text()
      if (!answer.ok || !texts.every((text) => dump.includes(text))) return false
      found.clear()
      for (const chain of chainsIn(JSON.parse(dump))) {
        const [, port, service, namespace] =
          /^inbound-vip\|(\d+)\|http\|([^.]+)\.([^.]+)\./.exec(textOf(chain['name']) ?? '') ?? []
        if (port === undefined) continue
        const filters = listOf(chain['filters']).flatMap((one) =>
          listOf(fieldsOf(fieldsOf(one)['typedConfig'])['httpFilters']),
        )
        found.set(
          `${namespace}/${service}:${port}`,
          filters.filter((one) => fieldsOf(one)['name'] === 'envoy.filters.http.rbac'),
        )
      }
      return true
    })
    return found
  }

  async stop(): Promise<void> {
    for (const one of this.#running.toReversed()) await one.stop()
    this.#stopSecrets()
  }
}

function chainsIn(dump: unknown): Fields[] {
  const configs = listOf(fieldsOf(dump)['configs']).map(fieldsOf)
  const listeners = configs.flatMap((config) => listOf(config['dynamicListeners'] ?? config['dynamic_listeners']))
  return listeners.flatMap((one) => {
    const { activeState, active_state: state = activeState } = fieldsOf(one)
    return listOf(fieldsOf(fieldsOf(state)['listener'])['filterChains']).map(fieldsOf)
  })
}
