import type { KubeObject } from '../../../src/kube/object.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { ServiceRef } from '../../../src/mesh/traffic.ts'

/**
 * Objects of an adapter's kind that lead a Service to itself and tell, by the response header `x-revision`, which revision of them the
 * proxy follows.
 */
export function markerObjects(
  adapter: MeshAdapter,
  marker: ServiceRef,
  { protocol, ports }: { readonly protocol: 'http' | 'grpc'; readonly ports: readonly number[] },
  revision: string,
): KubeObject[] {
  const rules = (port: number) => [{ name: 'default', matches: [], backends: [{ service: marker, port, weight: 1 }] }]
  const objects = adapter.translate({
    service: marker,
    ports: ports.map((port) => ({ port, ...(protocol === 'grpc' && { protocol }), rules: rules(port) })),
  })
  const set = { 'x-revision': revision }
  const filter = {
    type: 'ResponseHeaderModifier',
    responseHeaderModifier: { set: Object.entries(set).map(([name, value]) => ({ name, value })) },
  }
  return objects.map((object) => {
    const spec = structuredClone(object.spec) as { http?: object[]; rules?: object[] }
    return {
      ...object,
      spec: {
        ...spec,
        ...(spec.http && { http: spec.http.map((route) => ({ ...route, headers: { response: { set } } })) }),
        ...(spec.rules && { rules: spec.rules.map((rule) => ({ ...rule, filters: [filter] })) }),
      },
    }
  })
}
