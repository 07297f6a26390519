import { type AccessFeature, type Capabilities, emulated, native, unsupported } from '../../src/mesh/capabilities.ts'

const expression = emulated(
  'an expression',
  'it is of Rust’s dialect, in which \\d, \\s and \\w are not confined to ASCII',
)

/** What policy.linkerd.io can say; sources in README.md. */
export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: emulated(
    'a Server for each port that the pods declare',
    'the Deployment has to be known, and ports that it does not declare are left to the default policy of the mesh',
  ),
  accessNobody: native(),
  accessPorts: native(),
  accessSomePorts: native(),
  accessHttp: emulated(
    'HTTPRoutes of a Server',
    'health checks of the kubelet stay open to everybody, and requests that no route takes are answered 404 instead of 403',
  ),
  accessSuffix: expression,
  accessSegments: expression,
  accessPathRegex: expression,
  accessHeaders: emulated('header matches, and expressions for prefixes and presence', 'none'),
  accessHeaderRegex: expression,
  accessHeaderAbsent: unsupported(
    'the matches of its routes have no negation',
    'Let the requests in that have the header.',
  ),
  accessCookies: emulated('an expression for the cookie header', 'none'),
  accessQuery: native(),
  accessRepeatedName: unsupported(
    'of two conditions on one header or query parameter it follows the first, and all cookies share a header',
    'Say both in one regular expression.',
  ),
  accessLiteralStar: native(),
  accessOverlap: unsupported(
    'it gives a request to one route, and lets in whom the policies of that route name',
    'Let the matches exclude each other, or let the same sources in by both; a source may also be let in without matches.',
  ),
  mtlsStrict: emulated(
    'a Server with the policy all-authenticated for each port that the pods declare',
    'ports that they do not declare are left to the default policy of the mesh',
  ),
  mtlsPermissive: emulated('a Server with the policy all-unauthenticated for each port that the pods declare', 'none'),
  mtlsDisable: unsupported(
    'meshed pods always use mutual TLS among each other',
    'Take the port out of the mesh by the annotation config.linkerd.io/skip-inbound-ports of the pods.',
  ),
  mtlsPort: native(),
  mtlsNamespace: unsupported(
    'a Server is about one port, and the default of a namespace is an annotation that pods take over when they start',
    'Name the labels of the pods, or annotate the namespace with config.linkerd.io/default-inbound-policy: all-authenticated.',
  ),
  mtlsWithAccess: unsupported(
    'a port of a pod has one Server',
    'Leave the mutual TLS of these pods out: an access policy lets in nobody without a mesh identity anyway.',
  ),
}
