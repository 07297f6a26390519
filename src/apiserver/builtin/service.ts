import { isIP } from 'node:net'
import type { KubeObject } from '../../kube/object.ts'
import { isJsonObject, type JsonObject, listOf, objectOf, stringOf } from '../json.ts'
import { validateLabels, validateName } from '../meta.ts'
import { type Cause, cause } from '../status.ts'
import type { Change } from '../store.ts'
import { isPort, portRule } from './pod-validation.ts'

const firstNodePort = 30000

/**
 * Hands out cluster IPs of 10.96.0.0/12 and node ports, in order, none twice while it is in use. What is in use is what stored
 * Services have, so that a Service that is refused or only tried keeps nothing.
 */
export class ServiceAllocator {
  readonly #ips = new Set<string>()
  readonly #ports = new Set<number>()
  #nextIp = 10

  /** A Service with its addresses and node ports; those of `old` are kept. */
  prepare(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const spec: JsonObject = { ...objectOf(object.spec) }
    const before = objectOf(old?.spec)
    if (spec.type !== 'ExternalName') this.#addresses(spec, before)
    if (Array.isArray(spec.ports) && exposesNodePorts(spec)) {
      const given = new Set<number>()
      spec.ports = spec.ports.map((port) => this.#withNodePort(before, port, given))
    }
    return { ...object, spec, status: object.status ?? { loadBalancer: {} } }
  }

  /** Takes in what a stored Service has, in place of what it had before. */
  observe({ type, object, previous }: Change): void {
    for (const [ip, ports] of previous === undefined ? [] : [heldBy(previous)]) {
      this.#ips.delete(ip)
      for (const port of ports) this.#ports.delete(port)
    }
    if (type === 'DELETED') return
    const [ip, ports] = heldBy(object)
    if (ip !== '') this.#ips.add(ip)
    for (const port of ports) this.#ports.add(port)
  }

  #addresses(spec: JsonObject, before: JsonObject): void {
    const kept = stringOf(before.clusterIP)
    let ip = stringOf(spec.clusterIP)
    if (ip === '') ip = stringOf(listOf(spec.clusterIPs)[0]) || kept || this.#freeIp()
    spec.clusterIP = ip
    spec.clusterIPs = [ip]
    const detached = ip === 'None' && spec.selector === undefined
    spec.ipFamilies ??= before.ipFamilies ?? (detached ? ['IPv4', 'IPv6'] : ['IPv4'])
    spec.ipFamilyPolicy ??= before.ipFamilyPolicy ?? (detached ? 'RequireDualStack' : 'SingleStack')
  }

  #freeIp(): string {
    for (;;) {
      const ip = `10.${96 + (this.#nextIp >> 16)}.${(this.#nextIp >> 8) & 255}.${this.#nextIp & 255}`
      this.#nextIp += 1
      if (!this.#ips.has(ip)) return ip
    }
  }

  #withNodePort(before: JsonObject, port: unknown, given: Set<number>): unknown {
    if (!isJsonObject(port)) return port
    const same = listOf(before.ports).find(
      (one) => isJsonObject(one) && one.port === port.port && one.protocol === port.protocol,
    )
    const nodePort = port.nodePort ?? objectOf(same).nodePort ?? this.#freePort(given)
    if (typeof nodePort === 'number') given.add(nodePort)
    return { ...port, nodePort }
  }

  #freePort(given: ReadonlySet<number>): number {
    let port = firstNodePort
    while (this.#ports.has(port) || given.has(port)) port += 1
    return port
  }
}

/** The cluster IP and the node ports that a Service has. */
function heldBy({ spec }: KubeObject): readonly [string, readonly number[]] {
  const { clusterIP, ports } = objectOf(spec)
  const held = listOf(ports).flatMap((port) => {
    const { nodePort } = objectOf(port)
    return typeof nodePort === 'number' ? [nodePort] : []
  })
  return [clusterIP === 'None' ? '' : stringOf(clusterIP), held]
}

function exposesNodePorts({ type, allocateLoadBalancerNodePorts }: JsonObject): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
}

/** A Service with the defaults of its type and ports. Source: `pkg/apis/core/v1/defaults.go`. */
export function completeService(object: KubeObject): KubeObject {
  const spec: JsonObject = { ...objectOf(object.spec) }
  spec.type ??= 'ClusterIP'
  spec.sessionAffinity ??= 'None'
  if (Array.isArray(spec.ports)) spec.ports = spec.ports.map(completePort)
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ??= 'Cluster'
  return { ...object, spec }
}

function completePort(port: unknown): unknown {
  if (!isJsonObject(port)) return port
  const { targetPort = 0, protocol = 'TCP' } = port
  return { ...port, protocol, targetPort: targetPort === 0 || targetPort === '' ? port.port : targetPort }
}

const protocols = ['SCTP', 'TCP', 'UDP']
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** What a Service must be. Source: `pkg/apis/core/validation.ValidateService`. */
export function validateService(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const spec = objectOf(object.spec)
  const causes: Cause[] = []
  const ports = listOf(spec.ports)
  const headless = spec.clusterIP === 'None' || spec.type === 'ExternalName'
  if (ports.length === 0 && !headless) causes.push(cause.required('spec.ports'))
  const names = new Set<string>()
  const keys = new Set<string>()
  ports.forEach((port, index) => {
    const path = `spec.ports[${index}]`
    const { name, port: number, protocol, targetPort } = objectOf(port)
    if (name === undefined || name === '') {
      if (ports.length > 1) causes.push(cause.required(`${path}.name`))
    } else if (names.has(String(name))) causes.push(cause.duplicate(`${path}.name`, name))
    names.add(String(name))
    const label = stringOf(name)
    if (label !== '') causes.push(...validateName(label, 'label', `${path}.name`))
    if (!isPort(number)) causes.push(cause.invalid(`${path}.port`, number ?? 0, portRule))
    if (!protocols.includes(stringOf(protocol))) causes.push(cause.unsupported(`${path}.protocol`, protocol, protocols))
    if (typeof targetPort === 'number' && !isPort(targetPort))
      causes.push(cause.invalid(`${path}.targetPort`, targetPort, portRule))
    const key = `${number}/${protocol}`
    if (keys.has(key)) causes.push(cause.duplicate(path, { protocol, port: number }))
    keys.add(key)
  })
  ports.forEach((port, index) => {
    const { nodePort } = objectOf(port)
    if (typeof nodePort !== 'number' || nodePort === 0) return
    const field = `spec.ports[${index}].nodePort`
    if (spec.type === 'ClusterIP') causes.push(cause.forbidden(field, "may not be used when `type` is 'ClusterIP'"))
    else if (nodePort < firstNodePort || nodePort > 32767) {
      const rule = 'provided port is not in the valid range. The range of valid ports is 30000-32767'
      causes.push(cause.invalid(field, nodePort, rule))
    }
  })
  causes.push(...validateLabels(spec.selector, 'spec.selector'))
  if (spec.type === 'ExternalName' && stringOf(spec.externalName) === '')
    causes.push(cause.required('spec.externalName'))
  const affinities = ['ClientIP', 'None']
  if (!affinities.includes(stringOf(spec.sessionAffinity)))
    causes.push(cause.unsupported('spec.sessionAffinity', spec.sessionAffinity ?? '', affinities))
  const ip = stringOf(spec.clusterIP)
  if (ip !== '' && ip !== 'None' && isIP(ip) === 0)
    causes.push(
      cause.invalid('spec.clusterIPs[0]', ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
    )
  if (!types.includes(stringOf(spec.type))) causes.push(cause.unsupported('spec.type', spec.type, types))
  const ingress = listOf(objectOf(objectOf(object.status).loadBalancer).ingress)
  if (ingress.length > 0 && spec.type !== 'LoadBalancer') {
    causes.push(cause.forbidden('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'"))
  }
  const before = objectOf(old?.spec).clusterIP
  const changed = old !== undefined && before !== undefined && before !== '' && spec.clusterIP !== before
  if (changed && spec.type !== 'ExternalName') {
    causes.push(cause.invalid('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set'))
  }
  return causes
}
