/** What a cluster has of the kinds that a mesh is written in, as it was found out when the operator started. */
export interface Installed {
  /**
   * Versions that are served, the server's preferred first: by group (`split.smi-spec.io`), and by kind
   * (`gateway.networking.k8s.io/HTTPRoute`). Absent: nothing of it is.
   */
  readonly versions: Readonly<Record<string, readonly string[]>>
  /** Annotations of the adapter's `annotatedCrds` by name. Absent: it could not be read, and the least is to be taken for granted. */
  readonly annotations: Readonly<Record<string, Readonly<Record<string, string>>>>
}
