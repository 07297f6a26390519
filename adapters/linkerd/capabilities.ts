import { type Capabilities, emulated, type Limits, native } from '../../src/mesh/capabilities.ts'
import { capabilities as gatewayApi, limits as gatewayLimits } from '../gateway-api/capabilities.ts'

const expressions = 'the expression is of Rust’s dialect, in which \\d, \\s and \\w are not confined to ASCII'
const pathRank = 'the length of the whole path counts when matches compete, so an expression beats a prefix'

/** Linkerd takes HTTPRoutes, and unlike other implementations its proxy's rank of expressions is known (linkerd/http/route). */
export const capabilities: Capabilities = {
  ...gatewayApi,
  weightedSplit: emulated(
    'weighted backends',
    'a backend without ready endpoints is skipped, so a weight is a ceiling and no promise',
  ),
  pathPrefixString: emulated('an expression for the path', pathRank),
  pathRegex: emulated('an expression for the path', `${expressions}; ${pathRank}`),
  headerPrefix: emulated('an expression', 'none'),
  headerRegex: emulated('an expression', expressions),
  headerPresent: emulated('an expression that takes every value', 'none'),
  cookieMatch: emulated('an expression for the cookie header', expressions),
  queryMatch: native(),
  queryRegex: emulated('an expression', expressions),
  orderedRules: emulated(
    'Linkerd’s own precedence',
    'refused where that would turn an order around or depends on the request',
  ),
}

/** Gateway API v1.1, which Linkerd up to 2.17 needs (v1beta1), allows 8 matches in a rule. */
export const limits: Limits = gatewayLimits
export const limitsBeforeV1: Limits = { ...gatewayLimits, matchesPerRule: 8 }
