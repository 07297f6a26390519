/** A client certificate and its key, in PEM. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

/** What a request shows to say who sends it. */
export interface Presentation {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly certificate?: ClientCertificate
}

/** Who this process is to the API server. */
export interface Credentials {
  /** Name of the user, for messages. */
  readonly user: string
  /**
   * What to show with the next request. Cheap: what was obtained is kept until it expires, and files are read again at most
   * once a minute.
   *
   * @throws DiagnosticError when there is no way to obtain it.
   */
  present(): Promise<Presentation>
  /** The server refused what was presented: obtain it anew the next time. False when that cannot change anything. */
  renew(): boolean
}

/** No credentials at all. */
export const anonymous: Credentials = {
  user: 'anonymous',
  present: async () => ({ headers: {} }),
  renew: () => false,
}
