import { isDeepStrictEqual } from 'node:util'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeClient } from '../kube/client.ts'
import { isConflict, isInvalid, isNotFound } from '../kube/errors.ts'
import type { Informers } from '../kube/informers.ts'
import type { KubeObject } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import {
  type AttachableKind,
  type AttachedSplit,
  type AttachmentRecord,
  compareRoutes,
  type RouteRef,
  routeName,
} from '../mesh/attachment.ts'
import { featureNames } from '../mesh/check.ts'
import { editRoute, type RouteClaims, type RouteEdit } from '../mesh/edit-route.ts'
import { serviceName } from '../mesh/service.ts'
import type { Contest, Contests } from './contests.ts'
import type { Contribution } from './contributions.ts'
import { objectId, type ReadLog } from './dependencies.ts'
import type { Echoes } from './echoes.ts'
import { mergePatch } from './merge-patch.ts'
import type { MeshObjects } from './mesh-objects.ts'
import { StaleResourceError } from './status-writer.ts'

export interface AttachmentDeps {
  readonly adapter: MeshAdapter
  readonly informers: Informers
  readonly client: KubeClient
  readonly meshObjects: MeshObjects
  readonly echoes: Echoes
  readonly contests: Contests
  /** Field manager of the edits. */
  readonly manager: string
}

/** One route of a user, and how it has to be. */
export interface PlannedRoute {
  readonly ref: RouteRef
  readonly kind: AttachableKind
  readonly live: KubeObject
  readonly edit: RouteEdit
  /** What is attached to it; a route that is only restored has nothing, and no part in the step. */
  readonly splits: readonly AttachedSplit[]
  /** The same for a newer state of the route. */
  again(live: KubeObject): RouteEdit
}

/** What has to be so in all routes of users that a resource's splits are or were attached to. */
export interface AttachmentPlan {
  readonly refusals: readonly Diagnostic[]
  readonly routes: readonly PlannedRoute[]
  /** To be on the resource's status before the routes are written, and after. */
  readonly during: readonly AttachmentRecord[]
  readonly after: readonly AttachmentRecord[]
}

export const noAttachments: AttachmentPlan = { refusals: [], routes: [], during: [], after: [] }

const maxAttempts = 5

/**
 * Edits the routes of users. They stay theirs: every write names the version of the route that it was made from, so that an edit
 * of somebody else is never written over, and is made anew on top of that edit when there was one.
 */
export class Attachments {
  readonly #deps: AttachmentDeps

  constructor(deps: AttachmentDeps) {
    this.#deps = deps
  }

  /** @param splits of all resources that have to do with these routes, merged */
  plan(own: Contribution, splits: readonly AttachedSplit[], others: readonly Contribution[], reads: ReadLog) {
    const mine = splits.filter(({ source }) => source === own.request.source)
    const refs = [...mine.map(({ route }) => route), ...own.attachments]
    const routes = [...new Map(refs.map((ref) => [routeName(ref), ref])).values()].sort(compareRoutes)
    const plans = routes.map((ref) => {
      const claims = {
        splits: splits.filter(({ source, route }) => source !== own.request.source && isSame(route, ref)),
        records: others.flatMap(({ attachments, request: { source } }) =>
          attachments.filter((record) => isSame(record, ref)).map((record) => ({ source, ...record })),
        ),
      }
      const attached = mine.filter(({ route }) => isSame(route, ref))
      const record = own.attachments.find((one) => isSame(one, ref))
      return this.#planRoute(ref, attached, record, claims, reads)
    })
    return {
      refusals: plans.flatMap(({ refusals }) => refusals),
      routes: plans.flatMap((plan) => plan.routes),
      during: plans.flatMap(({ during }) => during),
      after: plans.flatMap(({ after }) => after),
    }
  }

  #planRoute(
    ref: RouteRef,
    splits: readonly AttachedSplit[],
    record: AttachmentRecord | undefined,
    claims: {
      readonly splits: readonly AttachedSplit[]
      readonly records: readonly (AttachmentRecord & { source: string })[]
    },
    reads: ReadLog,
  ): AttachmentPlan {
    const { adapter, informers, meshObjects } = this.#deps
    const refuse = (problem: (output: string) => Diagnostic): AttachmentPlan => ({
      ...noAttachments,
      refusals: splits.map(({ output }) => problem(output)),
    })
    const route = routeName(ref)
    const kind = adapter.attachable?.find((one) => one.kind.kind === ref.kind)
    if (kind === undefined) return { ...noAttachments, refusals: splits.map((split) => this.#notHere(split)) }
    reads.object(kind.kind, ref)
    const live = informers.of(kind.kind).store.get(ref)
    // A route that is gone has taken what was there before with it.
    if (live === undefined) return refuse((output) => diagnostic('AP2213', { output, route }))
    if (meshObjects.apexOf(live) !== undefined) return refuse((output) => diagnostic('AP2219', { output, route }))
    const { uid = '' } = live.metadata
    const again = (object: KubeObject): RouteEdit => {
      const about = (one: AttachmentRecord) => one.uid === object.metadata.uid
      const others: RouteClaims = { splits: claims.splits, records: claims.records.filter(about) }
      const rules = record !== undefined && about(record) ? record.rules : []
      return editRoute(object, kind, splits, rules, others)
    }
    const edit = again(live)
    if (edit.problems.length > 0) return { ...noAttachments, refusals: edit.problems }
    const toRecord = (rules: AttachmentRecord['rules']) =>
      rules.length === 0 ? [] : [{ kind: ref.kind, namespace: ref.namespace, name: ref.name, uid, rules }]
    return {
      refusals: [],
      routes: [{ ref, kind, live, edit, splits, again }],
      during: toRecord(edit.during),
      after: toRecord(edit.after),
    }
  }

  #notHere({ output, apex, route }: AttachedSplit): Diagnostic {
    const { attachable, capabilities, name: mesh } = this.#deps.adapter
    const support = capabilities.attachedSplit
    if (support.support === 'unsupported') {
      const { reason, instead } = support
      const facts = { mesh, feature: featureNames.attachedSplit, apex: serviceName(apex), reason, remedy: instead }
      return diagnostic('AP2101', facts)
    }
    const known = (attachable ?? []).map(({ kind }) => kind.kind).join(' or ')
    return diagnostic('AP2212', { output, mesh, kind: route.kind, known })
  }

  /** Whether somebody else has set other weights since ours were right; the one that has to be left alone for longest. */
  async contest(writer: string, { routes }: AttachmentPlan): Promise<Contest | undefined> {
    let longest: Contest | undefined
    for (const { edit, ...route } of routes) {
      const contest = await this.#deps.contests.of(writer, { ...route, wanted: edit.object })
      if (contest !== undefined && (longest === undefined || contest.wait > longest.wait)) longest = contest
    }
    return longest
  }

  /** Writes the routes that are not as they have to be, and says whether there was one. */
  async apply(writer: string, { routes }: AttachmentPlan): Promise<boolean> {
    let wrote = false
    for (const route of routes) {
      const edited = await this.#write(writer, route)
      if (edited && route.edit.after.length === 0) await this.#disown(writer, route)
      wrote ||= edited
      this.#deps.contests.settled(writer, route)
    }
    return wrote
  }

  async #write(writer: string, route: PlannedRoute): Promise<boolean> {
    const { client, echoes, informers, manager } = this.#deps
    const { kind } = route.kind
    let { live, edit } = route
    for (let attempts = 1; ; attempts++) {
      const patch = mergePatch(live, edit.object)
      if (patch === undefined) return false
      const { uid, resourceVersion } = live.metadata
      const body = { ...patch, metadata: { uid, resourceVersion } }
      try {
        await echoes.during(
          writer,
          objectId(kind, live.metadata),
          async () => {
            const written = await client.patch(kind, live.metadata, body, { type: 'merge', fieldManager: manager })
            informers.observe(kind, written)
            return written
          },
          (written) => written.metadata.resourceVersion,
        )
        return true
      } catch (error) {
        if (!isConflict(error) || attempts === maxAttempts) throw error
        live = await this.#fresh(route, error)
      }
      edit = route.again(live)
      // What is remembered of the route has to be written first.
      if (edit.problems.length > 0 || !isDeepStrictEqual(edit.during, route.edit.during))
        throw new StaleResourceError(`${routeName(route.ref)} has changed`)
    }
  }

  /**
   * Leaves a restored route without a trace: whoever applies it next would else meet a conflict about fields that we have put
   * back (server-side apply, managedFields). The weights are right without it, so in the end a route that keeps changing is left.
   */
  async #disown(writer: string, { kind: { kind }, ref }: PlannedRoute): Promise<void> {
    const { client, echoes, informers, manager } = this.#deps
    for (let attempts = 1; attempts <= maxAttempts; attempts++) {
      try {
        const { metadata } = await client.get(kind, ref)
        const index = (metadata.managedFields ?? []).findIndex((entry) => entry.manager === manager)
        if (index < 0) return
        // Not under a version: the mesh writes the status of a route that has just changed.
        const path = `/metadata/managedFields/${index}`
        const patch = [
          { op: 'test', path: `${path}/manager`, value: manager },
          { op: 'remove', path },
        ]
        await echoes.during(
          writer,
          objectId(kind, ref),
          async () => {
            const left = await client.patch(kind, ref, patch, { type: 'json', fieldManager: manager })
            informers.observe(kind, left)
            return left
          },
          (left) => left.metadata.resourceVersion,
        )
        return
      } catch (error) {
        if (isNotFound(error)) return
        if (!isConflict(error) && !isInvalid(error)) throw error
      }
    }
  }

  async #fresh({ kind: { kind }, live }: PlannedRoute, cause: unknown): Promise<KubeObject> {
    const { client, informers } = this.#deps
    try {
      const fresh = await client.get(kind, live.metadata)
      informers.observe(kind, fresh)
      return informers.of(kind).store.get(live.metadata) ?? fresh
    } catch (error) {
      if (!isNotFound(error)) throw error
      throw new StaleResourceError('the route is gone', { cause })
    }
  }
}

function isSame(a: RouteRef, b: RouteRef): boolean {
  return routeName(a) === routeName(b)
}
