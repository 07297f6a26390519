import type { Feature } from './capabilities.ts'
import { callsOfPath } from './grpc-call.ts'
import type { HttpMatch } from './match.ts'
import { normalTreatment } from './normal-treatment.ts'
import type { TrafficRule } from './traffic.ts'
import { isConnectionCondition, isGrpcCondition } from './treatment.ts'

/** Features of HTTP by what stands for them on a port that speaks gRPC; none where it says nothing more there. */
export const ofCalls: Readonly<Partial<Record<Feature, Feature | 'none'>>> = {
  pathExact: 'none',
  pathPrefix: 'none',
  pathPrefixString: 'none',
  pathRegex: 'none',
  timeout: 'grpcTimeout',
  partialTimeout: 'partialRetryPolicy',
  retries: 'grpcRetries',
  retryOnClass: 'none',
  retryOnGrpcStatus: 'none',
  rewrite: 'grpcRewrite',
  redirect: 'grpcRedirect',
  redirectPath: 'grpcRedirect',
  redirectStatus: 'grpcRedirect',
  responseHeaders: 'grpcResponseHeaders',
}

/** What a rule in terms of gRPC (`spokenRules`) asks of a mesh, of what the same rule would ask for HTTP. */
export function* callFeatures(asked: Iterable<Feature>, rule: TrafficRule): Generator<Feature> {
  for (const feature of asked) {
    const own = ofCalls[feature] ?? feature
    if (own !== 'none') yield own
    if (feature === 'backendResponseHeaders') yield 'grpcResponseHeaders'
  }
  for (const match of rule.matches) yield* matchFeature(match)
  const { retries } = normalTreatment(rule)
  const isHttp = (condition: string) => !isGrpcCondition(condition) && !isConnectionCondition(condition)
  if (retries?.conditions.some(isHttp)) yield 'grpcRetryOnHttp'
}

function* matchFeature({ path }: HttpMatch): Generator<Feature> {
  if (path === undefined) return
  const calls = callsOfPath(path)
  if (calls === undefined) yield 'grpcPath'
  else yield calls.service === undefined ? 'grpcMethodOnly' : 'grpcMatch'
}
