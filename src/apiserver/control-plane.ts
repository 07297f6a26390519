import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../kube/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ApiRequest, ApiResponse } from './api.ts'
import { parseBody } from './body.ts'
import { builtinResources } from './builtin/kinds.ts'
import { type CallCount, CallCounter, clientOf } from './calls.ts'
import { type Cluster, createCluster } from './cluster.ts'
import { definitionResource } from './crd.ts'
import { Definitions } from './definitions.ts'
import { answerResource, verbOf } from './endpoints.ts'
import { GarbageCollector } from './garbage.ts'
import { type Listener, listen } from './http.ts'
import { kubeconfig } from './kubeconfig.ts'
import { answerMeta, answerNothing } from './meta-endpoints.ts'
import { NamespaceController } from './namespaces.ts'
import { parseTarget } from './request.ts'
import { errorResponse, jsonResponse } from './response.ts'
import { answerReview } from './reviews.ts'
import { seed } from './seed.ts'
import { ApiError } from './status.ts'
import { WorkloadController, type WorkloadOptions } from './workloads.ts'

export interface ControlPlaneOptions {
  /** Time for stamps, bookmarks, timeouts and workloads. */
  readonly clock?: Clock
  /** What clients over HTTP must send as bearer token; generated when absent. */
  readonly token?: string
  readonly workloads?: WorkloadOptions
  /** How many changes of a resource can be watched from the past before 410 Gone. */
  readonly compactAfter?: number
  /** Makes uids, and with them generated names; random when absent. */
  readonly uid?: () => string
}

/** One write, as it happened. */
export interface ClusterWrite {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** The object after the write, or its last state. Not to be changed. */
  readonly object: KubeObject
}

/**
 * An API server in this process.
 *
 * Guarantees: requests are answered as kube-apiserver answers them, without timers but the clock's, so that on virtual time the
 * same requests give the same answers; each write is atomic; what controllers do about it (garbage collection, namespaces,
 * definitions, Deployments) has happened, as far as it does not wait for time, before the write is answered.
 */
export interface ControlPlane {
  readonly token: string
  /** The whole API without sockets. Never throws: failures are Status bodies. */
  handle(request: ApiRequest): Promise<ApiResponse>
  /** Serves the same API on loopback. May be called more than once. */
  listen(options?: { port?: number }): Promise<Listener>
  /** A kubeconfig for kubectl, as YAML. */
  kubeconfig(url: string): string
  /** Requests since the start or the last reset, by audit verb; only those of one client (user agent before its slash) if named. */
  calls(client?: string): Record<string, number>
  /** The same, by client, method, verb and resource. */
  callList(client?: string): CallCount[]
  resetCalls(): void
  /** Calls at every write, before it is answered. The returned function ends that. */
  onWrite(listener: (write: ClusterWrite) => void): () => void
  /** Ends watches, timers and listeners. */
  close(): Promise<void>
}

export function createControlPlane(options: ControlPlaneOptions = {}): ControlPlane {
  return new EmbeddedControlPlane(options)
}

class EmbeddedControlPlane implements ControlPlane {
  readonly token: string
  readonly #cluster: Cluster
  readonly #calls = new CallCounter()
  readonly #controllers: { observe: Definitions['observe']; settle: () => void }[]
  readonly #workloads: WorkloadController
  readonly #writeListeners = new Set<(write: ClusterWrite) => void>()
  readonly #listeners: Listener[] = []
  #unsettled = false
  #settling = false

  constructor({
    clock = systemClock,
    token,
    workloads = {},
    compactAfter = 10_000,
    uid = randomUUID,
  }: ControlPlaneOptions) {
    this.token = token ?? randomUUID()
    const cluster = createCluster(clock, compactAfter, uid)
    this.#cluster = cluster
    const settle = () => {
      this.#unsettled = true
      this.#settle()
    }
    this.#workloads = new WorkloadController(cluster, workloads, settle)
    const collector = new GarbageCollector(cluster, (milliseconds) => {
      clock.after(milliseconds, settle)
    })
    this.#controllers = [new Definitions(cluster), new NamespaceController(cluster), collector, this.#workloads]
    for (const resource of builtinResources(cluster.store)) cluster.registry.set(resource)
    cluster.registry.set(definitionResource(cluster))
    cluster.store.onCommit((bucket, change) => {
      for (const controller of this.#controllers) if (controller.observe(bucket, change)) this.#unsettled = true
      for (const listener of this.#writeListeners) listener(change)
    })
    seed(cluster)
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    try {
      const response = await this.#route(request)
      this.#settle()
      return response
    } catch (error) {
      this.#settle()
      if (error instanceof ApiError) return errorResponse(error)
      const text = error instanceof Error ? error.message : String(error)
      return errorResponse(new ApiError(500, 'InternalError', `Internal error occurred: ${text}`))
    }
  }

  async #route(request: ApiRequest): Promise<ApiResponse> {
    const mark = request.path.indexOf('?')
    const pathname = mark < 0 ? request.path : request.path.slice(0, mark)
    const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1))
    const client = clientOf(request.headers?.['user-agent'])
    const target = parseTarget(pathname)
    if (target === undefined) {
      this.#calls.add(client, request.method, '', pathname)
      const { registry } = this.#cluster
      return answerMeta(registry, request, pathname) ?? answerNothing(registry, pathname)
    }
    const verb = verbOf(request.method, target, query)
    const name = target.group === '' ? target.plural : `${target.plural}.${target.group}`
    this.#calls.add(
      client,
      request.method,
      verb,
      target.subresource === undefined ? name : `${name}/${target.subresource}`,
    )
    const served = this.#cluster.registry.find(target.group, target.version, target.plural)
    if (served !== undefined) return answerResource({ cluster: this.#cluster, served, target, query, request })
    if (request.method === 'POST') {
      const body = await parseBody(request.body, request.headers?.['content-type'] ?? '')
      const review = answerReview(target.group, target.version, target.plural, body)
      if (review !== undefined) return jsonResponse(201, JSON.stringify(review))
    }
    return answerNothing(this.#cluster.registry, pathname)
  }

  /** Lets the controllers react until nothing is left to react to. */
  #settle(): void {
    if (this.#settling) return
    this.#settling = true
    try {
      while (this.#unsettled) {
        this.#unsettled = false
        for (const controller of this.#controllers) controller.settle()
      }
    } finally {
      this.#settling = false
    }
  }

  async listen({ port = 0 }: { port?: number } = {}): Promise<Listener> {
    const listener = await listen((request) => this.handle(request), this.token, port)
    this.#listeners.push(listener)
    return listener
  }

  kubeconfig(url: string): string {
    return kubeconfig(url, this.token)
  }

  calls(client?: string): Record<string, number> {
    return this.#calls.byVerb(client)
  }

  callList(client?: string): CallCount[] {
    return this.#calls.list(client)
  }

  resetCalls(): void {
    this.#calls.reset()
  }

  onWrite(listener: (write: ClusterWrite) => void): () => void {
    this.#writeListeners.add(listener)
    return () => this.#writeListeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#cluster.store.close()
    this.#workloads.close()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }
}
