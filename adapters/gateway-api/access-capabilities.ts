import { type AccessFeature, type Capabilities, unsupported } from '../../src/mesh/capabilities.ts'

const noAccess = unsupported(
  'no release of the Gateway API has access policies (GEP-3779 is a proposal)',
  'Write the policies of the mesh itself: `meshProvider: istio` or `linkerd`, or a NetworkPolicy for ports.',
)
const noMtls = unsupported(
  'the Gateway API does not speak of mutual TLS between workloads',
  'Use what the mesh itself has for it, such as Istio’s PeerAuthentication.',
)

export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: noAccess,
  accessNobody: noAccess,
  accessPorts: noAccess,
  accessSomePorts: noAccess,
  accessHttp: noAccess,
  accessSuffix: noAccess,
  accessSegments: noAccess,
  accessPathRegex: noAccess,
  accessHeaders: noAccess,
  accessHeaderRegex: noAccess,
  accessHeaderAbsent: noAccess,
  accessCookies: noAccess,
  accessQuery: noAccess,
  accessRepeatedName: noAccess,
  accessLiteralStar: noAccess,
  accessOverlap: noAccess,
  mtlsStrict: noMtls,
  mtlsPermissive: noMtls,
  mtlsDisable: noMtls,
  mtlsPort: noMtls,
  mtlsNamespace: noMtls,
  mtlsWithAccess: noMtls,
}
