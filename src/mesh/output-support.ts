import type { MeshAdapter } from './adapter.ts'
import type { Feature, Support } from './capabilities.ts'
import { featureNames } from './check.ts'
import type { NeutralOutputs } from './outputs.ts'

/** What an output may ask of a mesh by itself; a mesh that has nothing of it has no use for the output. */
export const outputFeatures: Readonly<Record<keyof NeutralOutputs, readonly Feature[]>> = {
  trafficsplits: ['weightedSplit', 'matchedSplit'],
  httproutegroups: ['matchedSplit'],
  tcproutes: ['tcpSplit'],
  retrypolicies: ['retries', 'timeout'],
  faultinjections: ['faultAbort', 'faultDelay'],
  trafficmirrors: ['mirror'],
  headerpolicies: ['requestHeaders', 'responseHeaders', 'rewrite', 'redirect'],
  sessionaffinities: [
    'backendResponseHeaders',
    'affinityByCookie',
    'affinityByHeader',
    'affinityByQuery',
    'affinityBySource',
  ],
  circuitbreakers: ['outlierEjection', 'connectionLimits'],
  ratelimits: ['rateLimit'],
  traffictargets: ['accessPolicy', 'accessPorts', 'accessHttp'],
  mtlspolicies: ['mtlsStrict', 'mtlsPermissive', 'mtlsDisable'],
}

/** What of an output a mesh cannot carry. */
export interface MissingSupport {
  readonly feature: string
  readonly reason: string
  /** A whole sentence. */
  readonly instead: string
}

/** How much of an output a mesh has. */
export interface OutputSupport {
  /** Whether the mesh carries any of it. */
  readonly isCarried: boolean
  readonly missing: readonly MissingSupport[]
}

/** Judges by the adapter's table, before anything is asked for: what a value needs besides is told when there is one. */
export function outputSupport(output: keyof NeutralOutputs, { capabilities }: MeshAdapter): OutputSupport {
  const features = outputFeatures[output]
  const missing = features.flatMap((feature) => missingSupport(featureNames[feature], capabilities[feature]))
  return { isCarried: missing.length < features.length, missing }
}

function missingSupport(feature: string, support: Support): MissingSupport[] {
  return support.support === 'unsupported' ? [{ feature, reason: support.reason, instead: support.instead }] : []
}
