/** The codes of gRPC by their names (grpc.io, Status codes), in the spelling of Istio's `grpcStatus`. */
const codes: Readonly<Record<string, number>> = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
}

/** The greatest code there is. */
export const lastGrpcCode = 16

export const grpcStatusNames: readonly string[] = Object.keys(codes)

/** The name of a code; its number where it has none. */
export function grpcStatusName(code: number): string {
  return grpcStatusNames.find((name) => codes[name] === code) ?? String(code)
}

/** The code of a name; undefined for what is no name of one. */
export function grpcStatusCode(name: string): number | undefined {
  return Object.hasOwn(codes, name) ? codes[name] : undefined
}

/** The code that a client takes an answer without one for (grpc, doc/http-grpc-status-mapping.md), as Envoy's own answers have it. */
export function grpcCodeOfHttp(status: number): number {
  const mapped: Readonly<Record<number, number>> = {
    400: 13,
    401: 16,
    403: 7,
    404: 12,
    429: 14,
    502: 14,
    503: 14,
    504: 14,
  }
  return mapped[status] ?? 2
}
