/** A string condition. Regular expressions are RE2 and hold when they match the whole value. */
export type StringMatch = { readonly exact: string } | { readonly prefix: string } | { readonly regex: string }

/**
 * A condition on the path, without the query.
 * `prefixPath` goes by segments (`/foo` takes `/foo` and `/foo/bar`, not `/foobar`), `prefixString` by characters.
 */
export type PathMatch =
  | { readonly exact: string }
  | { readonly prefixPath: string }
  | { readonly prefixString: string }
  | { readonly regex: string }

/** A condition on one header; names are compared in lower case. `absent` holds when the request has no such header. */
export type HeaderMatch = { readonly name: string } & (
  | StringMatch
  | { readonly present: true }
  | { readonly absent: true }
)

/** A condition on one cookie or query parameter; of repeated query parameters the first counts. */
export type ValueMatch = { readonly name: string } & (
  | { readonly exact: string }
  | { readonly regex: string }
  | { readonly present: true }
)

/**
 * A condition on gRPC calls, in words of gRPC; at least one of the two. It means a POST to `/service/method`, where what is left
 * out may be anything, and becomes that as soon as it is read.
 */
export interface GrpcMatch extends Pick<HttpMatch, 'headers' | 'cookies'> {
  readonly grpc: {
    /** With its package: `shop.Cart`. */
    readonly service?: string
    readonly method?: string
  }
}

/** All conditions must hold; an empty match holds for every request. */
export interface HttpMatch {
  readonly path?: PathMatch
  /** Any of these, upper case; absent means any method. */
  readonly methods?: readonly string[]
  readonly headers?: readonly HeaderMatch[]
  readonly cookies?: readonly ValueMatch[]
  readonly queryParams?: readonly ValueMatch[]
  /**
   * Names that TLS clients ask for, any of these: a DNS name, or `*.example.com` for all below it. On TLS ports only, where
   * nothing else can be asked. The most specific name of a port decides, not the order of its rules.
   */
  readonly sniHosts?: readonly string[]
}
