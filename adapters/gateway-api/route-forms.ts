import type { MeshAdapter, MeshContext, MeshKind } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import type { Capabilities } from '../../src/mesh/capabilities.ts'
import { attachableRoute } from './attachable.ts'
import { bundleOf, capabilitiesOf, httpRouteCrd, limitsOf } from './bundle.ts'
import { limits } from './capabilities.ts'
import { tcpRoute, tlsRoute } from './connection-route.ts'
import { translateConnections } from './connections.ts'
import { retryCapabilities } from './retry-capabilities.ts'
import { translate } from './traffic.ts'

const group = 'gateway.networking.k8s.io'

/** What of an adapter follows from the versions and the release of the Gateway API that a cluster has. */
type RouteForms = Pick<MeshAdapter, 'capabilities' | 'limits' | 'kinds' | 'annotatedCrds' | 'attachable' | 'translate'>

/**
 * Routes as the specification has them, in the versions asked for or there, for a mesh of this name and table. Throws a
 * DiagnosticError for a version that there is not.
 */
export function routeForms(mesh: string, table: Capabilities, context: MeshContext): RouteForms {
  const version = chooseVersion(mesh, group, ['v1', 'v1beta1'], context, `${group}/HTTPRoute`)
  const http = routeKind('HTTPRoute', version)
  const grpc = routeKind('GRPCRoute', 'v1')
  const tcp = chooseVersion(mesh, tcpRoute, ['v1', 'v1alpha2'], context)
  const tls = chooseVersion(mesh, tlsRoute, ['v1', 'v1alpha3', 'v1alpha2'], context)
  const versions = { tcp: `${group}/${tcp}`, tls: `${group}/${tls}` }
  const bundle = bundleOf(context.installed)
  return {
    capabilities: { ...capabilitiesOf(table, bundle), ...retryCapabilities(bundle) },
    limits: limitsOf(limits, bundle),
    kinds: [
      http,
      grpc,
      { ...routeKind('TCPRoute', tcp), carries: ['tcpSplit'] },
      { ...routeKind('TLSRoute', tls), carries: ['tlsSplit'] },
    ],
    annotatedCrds: [httpRouteCrd],
    attachable: [attachableRoute(http), attachableRoute(grpc)],
    translate: (traffic) => [...translate(traffic, `${group}/${version}`), ...translateConnections(traffic, versions)],
  }
}

function routeKind(kind: string, version: string): MeshKind {
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: true }
}
