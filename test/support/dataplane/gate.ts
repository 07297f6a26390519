import { writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { ServiceAccountRef } from '../../../src/mesh/access.ts'
import type { AccessCall } from '../../../src/mesh/access-decision.ts'
import { freePorts } from '../cluster/ports.ts'
import { type Running, start, waitFor } from '../cluster/processes.ts'
import type { DataPlane } from './data-plane.ts'

/** An Envoy that answers 200 to what some filters let through, on a listener for each list of them. */
export class Gate {
  readonly #running: Running[] = []
  readonly #ports = new Map<string, number>()

  static async start({ facts }: DataPlane, filters: ReadonlyMap<string, readonly unknown[]>): Promise<Gate> {
    const gate = new Gate()
    const [admin = 0, ...ports] = await freePorts(filters.size + 1)
    for (const [index, key] of [...filters.keys()].entries()) gate.#ports.set(key, ports[index] ?? 0)
    const listeners = [...filters].map(([key, own]) => listener(key, gate.#ports.get(key) ?? 0, own))
    const config = join(facts.folder, 'gate.json')
    const address = { socket_address: { address: '127.0.0.1', port_value: admin } }
    await writeFile(config, JSON.stringify({ admin: { address }, static_resources: { listeners } }))
    const options = ['-c', config, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'warning']
    const process = await start('gate', facts.envoy, options, facts.logs)
    gate.#running.push(process)
    const ready = () =>
      fetch(`http://127.0.0.1:${admin}/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    await waitFor('the gate is ready', ready, { processes: [process] })
    return gate
  }

  /** What a request of somebody to a port of a Service is answered with. */
  async ask(
    key: string,
    to: number,
    source: ServiceAccountRef,
    request: NonNullable<AccessCall['request']>,
  ): Promise<number | undefined> {
    const socket = connect({ host: '127.0.0.1', port: this.#ports.get(key) ?? 0 })
    // Where the connection was going, as the tunnel of ztunnel tells a waypoint.
    socket.write(`PROXY TCP4 192.0.2.1 192.0.2.2 1024 ${to}\r\n`)
    const { method, path, headers, query } = request
    const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''
    const principal = `spiffe://cluster.local/ns/${source.namespace}/sa/${source.name}`
    return new Promise<number | undefined>((resolve, reject) => {
      const all = { host: 'web', ...headers, [identityHeader]: principal, connection: 'close' }
      const options = { method, path: `${path}${search}`, headers: all, createConnection: () => socket }
      const sent = httpRequest(options, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject)
      sent.end()
    }).finally(() => socket.destroy())
  }

  async stop(): Promise<void> {
    for (const one of this.#running) await one.stop()
  }
}

const identityHeader = 'x-autopilot-identity'

function listener(name: string, port: number, filters: readonly unknown[]): object {
  const type = (path: string) => `type.googleapis.com/envoy.extensions.filters.${path}`
  const identity = {
    // By which istiod knows who called the waypoint (xdsfilters, PeerPrincipal).
    object_key: 'io.istio.peer_principal',
    factory_key: 'envoy.string',
    format_string: { text_format_source: { inline_string: `%REQ(${identityHeader})%` } },
  }
  const hcm = {
    '@type': type('network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: name,
    route_config: {
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, direct_response: { status: 200 } }] },
      ],
    },
    http_filters: [
      {
        name: 'identity',
        typed_config: { '@type': type('http.set_filter_state.v3.Config'), on_request_headers: [identity] },
      },
      ...filters,
      { name: 'router', typed_config: { '@type': type('http.router.v3.Router') } },
    ],
  }
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    listener_filters: [
      {
        name: 'proxy_protocol',
        typed_config: { '@type': type('listener.proxy_protocol.v3.ProxyProtocol') },
      },
    ],
    filter_chains: [{ filters: [{ name: 'http', typed_config: hcm }] }],
  }
}
