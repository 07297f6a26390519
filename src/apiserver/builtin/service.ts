import type { KubeObject } from '../../kube/object.ts'
import { isJsonObject, type JsonObject, listOf, objectOf, stringOf } from '../json.ts'
import { type Cause, cause } from '../status.ts'

/** Hands out cluster IPs of 10.96.0.0/12 and node ports, in order, none twice while it is in use. */
export class ServiceAllocator {
  readonly #ips = new Map<string, string>()
  readonly #ports = new Map<number, string>()
  #nextIp = 10
  #nextPort = 30000

  /** A Service with its addresses and node ports; those of `old` are kept. */
  prepare(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const spec: JsonObject = { ...objectOf(object.spec) }
    const before = objectOf(old?.spec)
    if (spec.type !== 'ExternalName') this.#addresses(spec, before, ownerOf(object))
    if (Array.isArray(spec.ports) && exposesNodePorts(spec)) {
      spec.ports = spec.ports.map((port) => this.#withNodePort(before, port, ownerOf(object)))
    }
    return { ...object, spec, status: object.status ?? { loadBalancer: {} } }
  }

  /** Gives back what a deleted Service held. */
  release(object: KubeObject): void {
    const owner = ownerOf(object)
    for (const [ip, holder] of this.#ips) if (holder === owner) this.#ips.delete(ip)
    for (const [port, holder] of this.#ports) if (holder === owner) this.#ports.delete(port)
  }

  holderOf(ip: string): string | undefined {
    return this.#ips.get(ip)
  }

  #addresses(spec: JsonObject, before: JsonObject, owner: string): void {
    const kept = stringOf(before.clusterIP)
    let ip = stringOf(spec.clusterIP)
    if (ip === '') ip = stringOf(listOf(spec.clusterIPs)[0]) || kept || this.#freeIp()
    if (ip !== 'None' && !this.#ips.has(ip)) this.#ips.set(ip, owner)
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

  #withNodePort(before: JsonObject, port: unknown, owner: string): unknown {
    if (!isJsonObject(port)) return port
    const same = listOf(before.ports).find(
      (one) => isJsonObject(one) && one.port === port.port && one.protocol === port.protocol,
    )
    const nodePort = port.nodePort ?? objectOf(same).nodePort ?? this.#freePort()
    if (typeof nodePort === 'number') this.#ports.set(nodePort, owner)
    return { ...port, nodePort }
  }

  #freePort(): number {
    while (this.#ports.has(this.#nextPort)) this.#nextPort += 1
    return this.#nextPort
  }
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

function ownerOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
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
    if (!isPort(number)) causes.push(cause.invalid(`${path}.port`, number ?? 0, portRule))
    if (!protocols.includes(stringOf(protocol))) causes.push(cause.unsupported(`${path}.protocol`, protocol, protocols))
    if (typeof targetPort === 'number' && !isPort(targetPort))
      causes.push(cause.invalid(`${path}.targetPort`, targetPort, portRule))
    const key = `${number}/${protocol}`
    if (keys.has(key)) causes.push(cause.duplicate(path, { protocol, port: number }))
    keys.add(key)
  })
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

const portRule = 'must be between 1 and 65535, inclusive'

function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535
}
