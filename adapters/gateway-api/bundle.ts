import type { Capabilities, Limits, Support } from '../../src/mesh/capabilities.ts'
import { unsupported } from '../../src/mesh/capabilities.ts'
import type { Installed } from '../../src/mesh/installed.ts'

/** The CustomResourceDefinition whose annotations say which release and channel of the Gateway API is installed. */
export const httpRouteCrd = 'httproutes.gateway.networking.k8s.io'
const versionAnnotation = 'gateway.networking.k8s.io/bundle-version'
const channelAnnotation = 'gateway.networking.k8s.io/channel'

/** A release of the Gateway API as far as its fields depend on it: the minor version of v1, and the channel. */
export interface Bundle {
  readonly minor: number
  readonly channel: 'standard' | 'experimental'
}

/** The newest that there is, for whoever has no cluster at hand. */
const newest: Bundle = { minor: 6, channel: 'standard' }

/** The release by the annotations of the CRD; without them the Standard channel of v1.1, the oldest that adapters write for. */
export function bundleOf(installed: Installed | undefined): Bundle {
  if (installed === undefined) return newest
  const annotations = installed.annotations[httpRouteCrd] ?? {}
  const version = /^v1\.(\d+)/.exec(annotations[versionAnnotation] ?? '')
  const channel = annotations[channelAnnotation] === 'experimental' ? 'experimental' : 'standard'
  if (version !== null) return { minor: Number(version[1]), channel }
  return { minor: 1, channel: 'standard' }
}

/** The table without the fields that the installed CRDs would drop without a word (config/crd of each release). */
export function capabilitiesOf(table: Capabilities, { minor, channel }: Bundle): Capabilities {
  return {
    ...table,
    ...(minor < 2 && channel === 'standard' && { timeout: missing(table.timeout, 'timeouts', 'v1.2') }),
    ...(minor < 3 && { mirrorShare: missing(table.mirrorShare, 'shares of copies', 'v1.3') }),
    ...(minor < 5 && { redirectStatus: missing(table.redirectStatus, 'redirects with 303, 307 or 308', 'v1.5') }),
  }
}

/** The bounds of the schema: v1.1 takes eight matches in a rule of an HTTPRoute, and v1.2 still does in one of a GRPCRoute. */
export function limitsOf(limits: Limits, { minor }: Bundle): Limits {
  return minor < 3 ? { ...limits, matchesPerRule: 8 } : limits
}

function missing(support: Support, what: string, since: string): Support {
  if (support.support === 'unsupported') return support
  return unsupported(
    `the installed HTTPRoutes have no ${what}, which are Standard since ${since} of the Gateway API`,
    `Install the CustomResourceDefinitions of ${since} or later and start the operator again; where they are installed, let the operator \`get\` ${httpRouteCrd}.`,
  )
}
