/** What one call is about, in Kubernetes' own verbs: for metrics, messages and the difference between a call and a watch. */
export interface CallFacts {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'raw'
  /** Plural of the kind, with `/status` or the like for a subresource; the path for raw calls. */
  readonly resource: string
}

export interface TransportRequest {
  readonly method: string
  /** Path and query string. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  readonly call: CallFacts
}

export interface TransportResponse {
  readonly status: number
  /** Names in lower case; several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  /** Read it to the end or leave its loop: either frees the connection. */
  readonly body: AsyncIterable<Uint8Array>
}

/** One finished exchange. `status` is 0 when there was no answer. */
export interface RequestFacts extends CallFacts {
  readonly method: string
  readonly host: string
  readonly status: number
  /** Until the head of the answer. */
  readonly durationMs: number
}

/**
 * Carries requests to one API server: connections, TLS and credentials are its business, meaning and retries are not.
 *
 * Guarantees: rejects with `ConnectionError` when there is no answer, and with the signal's reason when the signal aborts; an
 * answer of any status resolves.
 */
export interface Transport {
  /** Address of the server, for messages. */
  readonly server: string
  send(request: TransportRequest): Promise<TransportResponse>
  /** Calls whose answer has not been read to its end; watches are not counted. */
  inFlight(): number
  close(): Promise<void>
}

export interface TransportHooks {
  /** Called once per exchange, when the head of the answer is there or the exchange failed. Must not throw. */
  readonly onRequest?: (facts: RequestFacts) => void
}
