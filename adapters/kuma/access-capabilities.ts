import { type AccessFeature, type Capabilities, emulated, native, unsupported } from '../../src/mesh/capabilities.ts'

const noPorts = unsupported(
  'a policy for called pods names their ports as a Service does, and not by the numbers that containers have',
  'Leave `ports` out, or write the MeshTrafficPermission with a `sectionName` yourself.',
)
const noRequests = unsupported(
  'a MeshTrafficPermission is about connections and does not look at requests',
  'Check requests in the workload itself, or leave `rules` out.',
)

/** What MeshTrafficPermission and MeshTLS can say; sources in README.md. */
export const accessCapabilities: Pick<Capabilities, AccessFeature> = {
  accessPolicy: emulated(
    'a MeshTrafficPermission with SPIFFE IDs, for the labels of the pods of the ServiceAccount',
    'it needs Kuma 2.12 with a MeshIdentity that keeps the usual path, the Deployment has to be known, and `trustDomain` has to be that identity’s unless mesh and zone are both called default; whom a MeshTrafficPermission for more pods lets in stays let in',
  ),
  accessNobody: emulated(
    'a MeshTrafficPermission that denies every identity of the trust domain',
    'whom another one lets into these pods is shut out as well',
  ),
  accessPorts: noPorts,
  accessSomePorts: noPorts,
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
  accessOverlap: noRequests,
  mtlsStrict: emulated(
    'a MeshTLS with the mode Strict, which needs Kuma 2.10',
    'it has no effect before the Mesh has mutual TLS, or its pods a MeshIdentity',
  ),
  mtlsPermissive: emulated(
    'a MeshTLS with the mode Permissive, which needs Kuma 2.10',
    'it has no effect before the Mesh has mutual TLS, or its pods a MeshIdentity',
  ),
  mtlsDisable: unsupported(
    'pods of a mesh that has mutual TLS always use it among each other',
    'Take the port out of the mesh by the annotation traffic.kuma.io/exclude-inbound-ports of the pods.',
  ),
  mtlsPort: unsupported(
    'a policy for called pods names their ports as a Service does, and not by the numbers that containers have',
    'Use one mode for all ports of the pods, or write the MeshTLS with a `sectionName` yourself.',
  ),
  mtlsNamespace: emulated('a MeshTLS in the namespace whose target is the mesh', 'none'),
  mtlsWithAccess: native(),
}
