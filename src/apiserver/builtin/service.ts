import type { KubeObject } from '../../kube/object.ts'
import { isJsonObject, type JsonObject, listOf, objectOf, stringOf } from '../json.ts'
import { type Cause, cause } from '../status.ts'

/** Hands out cluster IPs of 10.96.0.0/12 and node ports, in order, none twice while it is in use. */
export class ServiceAllocator {
  readonly #ips = new Map<string, string>()
  readonly #ports = new Map<number, string>()
  #nextIp = 10
  #nextPort = 30000

  /** A Service with defaults, its addresses and its node ports; those of `old` are kept. */
  complete(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const spec: JsonObject = { ...objectOf(object.spec) }
    const before = objectOf(old?.spec)
    spec.type ??= 'ClusterIP'
    spec.sessionAffinity ??= 'None'
    const external = spec.type === 'ExternalName'
    if (!external) this.#addresses(spec, before, ownerOf(object))
    if (Array.isArray(spec.ports))
      spec.ports = spec.ports.map((port) => this.#port(spec, before, port, ownerOf(object)))
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
    if (!external) spec.internalTrafficPolicy ??= 'Cluster'
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ??= 'Cluster'
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
    spec.ipFamilies ??= before.ipFamilies ?? ['IPv4']
    spec.ipFamilyPolicy ??= before.ipFamilyPolicy ?? 'SingleStack'
  }

  #freeIp(): string {
    for (;;) {
      const ip = `10.${96 + (this.#nextIp >> 16)}.${(this.#nextIp >> 8) & 255}.${this.#nextIp & 255}`
      this.#nextIp += 1
      if (!this.#ips.has(ip)) return ip
    }
  }

  #port(spec: JsonObject, before: JsonObject, port: unknown, owner: string): unknown {
    if (!isJsonObject(port)) return port
    const filled: JsonObject = { ...port }
    filled.protocol ??= 'TCP'
    if (filled.targetPort === undefined || filled.targetPort === 0 || filled.targetPort === '')
      filled.targetPort = filled.port
    const exposed = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    if (!exposed || spec.allocateLoadBalancerNodePorts === false) return filled
    const same = listOf(before.ports).find(
      (one) => isJsonObject(one) && one.port === filled.port && one.protocol === filled.protocol,
    )
    filled.nodePort ??= objectOf(same).nodePort ?? this.#freePort()
    if (typeof filled.nodePort === 'number') this.#ports.set(filled.nodePort, owner)
    return filled
  }

  #freePort(): number {
    while (this.#ports.has(this.#nextPort)) this.#nextPort += 1
    return this.#nextPort
  }
}

function ownerOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** What a Service must be. Source: `pkg/apis/core/validation.ValidateService`. */
export function validateService(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const spec = objectOf(object.spec)
  const causes: Cause[] = []
  const ports = listOf(spec.ports)
  if (!types.includes(stringOf(spec.type))) causes.push(cause.unsupported('spec.type', spec.type, types))
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
    if (typeof targetPort === 'number' && !isPort(targetPort))
      causes.push(cause.invalid(`${path}.targetPort`, targetPort, portRule))
    const key = `${number}/${protocol}`
    if (keys.has(key)) causes.push(cause.duplicate(path, { protocol, port: number }))
    keys.add(key)
  })
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
