import { type Fields, fieldsOf, textOf } from '../../src/mesh/fields.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'

/** The Service that `to[]` of a policy is about: all of its ports unless a section is named. */
export interface Target {
  readonly service: ServiceRef
  /** The name of a port, or its number. */
  readonly section: string | undefined
}

/** Before there were MeshService objects, the name said everything: `web_shop_svc_80` (the tag `kuma.io/service`). */
const serviceTag = /^([a-z0-9-]+)_([a-z0-9-]+)_svc_(\d+)$/

/** One port of a Service. */
export function writeTarget(service: ServiceRef, port: number): object {
  return { kind: 'MeshService', name: service.name, namespace: service.namespace, sectionName: String(port) }
}

/** Undefined when it is about something else than one Service: the whole mesh, labels, what is outside of it. */
export function readTarget(value: unknown, namespace: string): Target | undefined {
  const { kind, name, namespace: owner, sectionName, labels, tags } = fieldsOf(value)
  if (kind !== 'MeshService' || typeof name !== 'string' || labels !== undefined || tags !== undefined) return undefined
  const tag = serviceTag.exec(name)
  if (tag !== null) return { service: { name: tag[1] ?? '', namespace: tag[2] ?? '' }, section: tag[3] }
  return { service: { namespace: textOf(owner) ?? namespace, name }, section: textOf(sectionName) }
}

/** The one port of a target; `all` when it names none, undefined when nothing tells the number of a port that is named. */
export function portOf({ service, section }: Target, services: ServiceDirectory): number | 'all' | undefined {
  if (section === undefined) return 'all'
  return /^\d+$/.test(section) ? Number(section) : services.portNamed?.(service, section)
}

/** Whether the proxies that a policy configures are all of them: the callers are not told apart. */
export function isForEveryone(targetRef: unknown): boolean {
  if (targetRef === undefined || targetRef === null) return true
  const { kind, ...rest }: Fields = fieldsOf(targetRef)
  return (kind === 'Mesh' || kind === 'Dataplane') && Object.keys(rest).length === 0
}
