/** One HTTP request as the control plane sees it, with or without a socket below it. */
export interface ApiRequest {
  readonly method: string
  /** Path and query string, as on the request line. */
  readonly path: string
  /** Header names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Ends a watch when it aborts; the response's body then finishes without an error. */
  readonly signal?: AbortSignal
}

/**
 * What the control plane answers. A watch's body yields whole lines of JSON as changes happen and ends when the watch's time
 * is up, when the request is aborted, or when the control plane closes; leaving the loop early ends the watch too.
 */
export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>
}
