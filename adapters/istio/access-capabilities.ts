import { type AccessFeature, type Capabilities, emulated, native, unsupported } from '../../src/mesh/capabilities.ts'

const noExpressions = unsupported(
  'an AuthorizationPolicy compares texts, their beginnings and their ends, and has no expressions',
  'Use exact paths and values, prefixes or suffixes, or `[^/]+` for whole segments of a path.',
)

/** What AuthorizationPolicy and PeerAuthentication can say; sources in README.md. */
export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: emulated('the labels of the pods of the ServiceAccount', 'the Deployment has to be known'),
  accessNobody: native(),
  accessPorts: native(),
  accessSomePorts: emulated('a rule that lets everybody in on the other ports', 'none'),
  accessHttp: native(),
  accessSuffix: native(),
  accessSegments: emulated('a path template with {*}', 'it needs Istio 1.22'),
  accessPathRegex: noExpressions,
  accessHeaders: native(),
  accessHeaderRegex: noExpressions,
  accessHeaderAbsent: native(),
  accessCookies: unsupported(
    'a cookie is a part of a header, and an AuthorizationPolicy compares whole headers only',
    'Decide by a header of its own.',
  ),
  accessQuery: unsupported(
    'an AuthorizationPolicy does not look at the query',
    'Decide by a header, the method or the path.',
  ),
  accessRepeatedName: native(),
  accessLiteralStar: unsupported(
    'a * stands for anything in an AuthorizationPolicy, and there is no way to write it as itself',
    'Use a prefix that ends before it.',
  ),
  accessOverlap: native(),
  mtlsStrict: native(),
  mtlsPermissive: native(),
  mtlsDisable: native(),
  mtlsPort: native(),
  mtlsNamespace: native(),
  mtlsWithAccess: native(),
}
