import { type AccessFeature, type Capabilities, unsupported } from '../../src/mesh/capabilities.ts'

/**
 * A MeshTrafficPermission names callers by their SPIFFE IDs, of which the trust domain and the zone are parts that an adapter is
 * not told, or by the services they are part of, which says nothing of their identity.
 */
const noAccess = unsupported(
  'a MeshTrafficPermission names callers by SPIFFE IDs, whose trust domain and path are the installation’s own',
  'Write the MeshTrafficPermission yourself, beside what Autopilot writes.',
)
const noRequests = unsupported(
  'a MeshTrafficPermission is about connections and does not look at requests',
  'Check requests in the workload itself.',
)
const noMtls = unsupported(
  'whether a proxy insists on mutual TLS depends on the backend of the Mesh, which is the installation’s own',
  'Write a MeshTLS yourself, and turn mutual TLS on in the Mesh.',
)

export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: noAccess,
  accessNobody: noAccess,
  accessPorts: noAccess,
  accessSomePorts: noAccess,
  accessHttp: noRequests,
  accessSuffix: noRequests,
  accessSegments: noRequests,
  accessPathRegex: noRequests,
  accessHeaders: noRequests,
  accessHeaderRegex: noRequests,
  accessHeaderAbsent: noRequests,
  accessCookies: noRequests,
  accessQuery: noRequests,
  accessRepeatedName: noRequests,
  accessLiteralStar: noRequests,
  accessOverlap: noAccess,
  mtlsStrict: noMtls,
  mtlsPermissive: noMtls,
  mtlsDisable: noMtls,
  mtlsPort: noMtls,
  mtlsNamespace: noMtls,
  mtlsWithAccess: noMtls,
}
