import { type AccessFeature, type Capabilities, unsupported } from '../../src/mesh/capabilities.ts'

const notYet = unsupported(
  'this adapter does not write policy.linkerd.io yet',
  'Write Server, AuthorizationPolicy and MeshTLSAuthentication beside it.',
)

export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: notYet,
  accessNobody: notYet,
  accessPorts: notYet,
  accessSomePorts: notYet,
  accessHttp: notYet,
  accessSuffix: notYet,
  accessSegments: notYet,
  accessPathRegex: notYet,
  accessHeaders: notYet,
  accessHeaderRegex: notYet,
  accessHeaderAbsent: notYet,
  accessCookies: notYet,
  accessQuery: notYet,
  accessRepeatedName: notYet,
  accessLiteralStar: notYet,
  accessOverlap: notYet,
  mtlsStrict: notYet,
  mtlsPermissive: notYet,
  mtlsDisable: notYet,
  mtlsPort: notYet,
  mtlsNamespace: notYet,
  mtlsWithAccess: notYet,
}
