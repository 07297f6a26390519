import { type AccessFeature, type Capabilities, emulated, native, unsupported } from '../../src/mesh/capabilities.ts'

const noQuery = unsupported('SMI does not look at the query', 'Decide by a header, the method or the path.')
const noMtls = unsupported(
  'SMI does not speak of mutual TLS: it takes a mesh to have it',
  'Use what the mesh behind SMI has for it.',
)

/** What TrafficTarget v1alpha3 can say. */
export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: native(),
  accessNobody: unsupported(
    'a TrafficTarget can only let somebody in',
    'Delete the TrafficTargets: a mesh with SMI’s access control refuses what none of them allows.',
  ),
  accessPorts: native(),
  accessSomePorts: unsupported(
    'SMI refuses everything that no TrafficTarget allows, on every port',
    'Leave `ports` of the policy out and let clients in on the other ports by a TrafficTarget.',
  ),
  accessHttp: native(),
  accessSuffix: native(),
  accessSegments: native(),
  accessPathRegex: native(),
  accessHeaders: emulated('an expression', 'SMI has expressions only'),
  accessHeaderRegex: native(),
  accessHeaderAbsent: unsupported('SMI has no negation', 'Let the requests in that have the header.'),
  accessCookies: emulated('an expression for the cookie header', 'SMI has expressions only'),
  accessQuery: noQuery,
  accessRepeatedName: unsupported(
    'what two expressions for one header mean is not specified, and all cookies share a header',
    'Say both in one regular expression.',
  ),
  accessLiteralStar: native(),
  accessOverlap: native(),
  mtlsStrict: noMtls,
  mtlsPermissive: noMtls,
  mtlsDisable: noMtls,
  mtlsPort: noMtls,
  mtlsNamespace: noMtls,
  mtlsWithAccess: noMtls,
}
