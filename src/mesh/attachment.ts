import type { Kind, KubeObject } from '../kube/object.ts'
import type { Fields } from './fields.ts'
import type { FieldPath } from './object-reading.ts'
import { compareText } from './service.ts'
import type { ServiceRef } from './traffic.ts'

/** A route that belongs to a user, and that splits are attached to. */
export interface RouteRef {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** A split that edits the weights of a user's route, merged and checked as far as it can be without the route. */
export interface AttachedSplit {
  /** How messages call it. */
  readonly output: string
  readonly source: string
  readonly apex: ServiceRef
  readonly route: RouteRef
  /** Names or numbers of rules; the only rule with one of the backends unless given. */
  readonly rules: readonly (string | number)[] | undefined
  /** Services of the route's namespace, each once, at least one with a positive weight. */
  readonly backends: readonly { readonly service: string; readonly weight: number }[]
}

/** A place in a user's route that sends requests to destinations by weight. */
export interface DividedRule {
  readonly name?: string
  /** The number by which splits may name it. */
  readonly index?: number
  /** How messages call it. */
  readonly called: string
  /** Where the list of its destinations is in the object; the rule is the object around it. */
  readonly path: FieldPath
  /** In the order of that list. */
  readonly destinations: readonly RouteDestination[]
}

export interface RouteDestination {
  /** Undefined for what is no Service of the cluster, and for a part of one such as a subset. */
  readonly service: ServiceRef | undefined
  /** How messages call it. */
  readonly called: string
}

/**
 * A kind of route that splits may be attached to: where its weights are. A destination is an object whose field `weight` says
 * its share. Pure, and never throws whatever the object holds.
 */
export interface AttachableKind {
  /** One of the adapter's kinds. */
  readonly kind: Kind
  rules(object: KubeObject): DividedRule[]
  /** The destination with another Service of its namespace in place of its own; everything else stays, unknown fields too. */
  redirected(destination: Fields, service: string): Fields
  /** The weight that counts; `alone` when the destination is the only one of its rule. */
  weightOf(weight: unknown, alone: boolean): number
}

/** What one rule was like before it was edited: enough to restore it, whatever else has changed since. Plain JSON. */
export interface RuleRecord {
  readonly name?: string
  /** Its place among the rules with destinations, and how many there were. */
  readonly index: number
  readonly count: number
  /** Fingerprint of the rule without its destinations. */
  readonly form: string
  /** The user's destinations, with the weight where they had one. */
  readonly before: readonly { readonly service: string; readonly weight?: number }[]
  /** Services that may have been added since. */
  readonly added: readonly string[]
}

/** What one resource's splits have done to one route. */
export interface AttachmentRecord extends RouteRef {
  /** A route that was deleted and made anew is another one. */
  readonly uid: string
  readonly rules: readonly RuleRecord[]
}

/** `VirtualService shop/web`: how messages and keys call a route. */
export function routeName({ kind, namespace, name }: RouteRef): string {
  return `${kind} ${namespace}/${name}`
}

export function compareRoutes(a: RouteRef, b: RouteRef): number {
  return compareText(routeName(a), routeName(b))
}
