import { test as property } from '@fast-check/vitest'
import { GRPCRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GRPCRoute'
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import { DestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1/DestinationRule'
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1/VirtualService'
import { describe, expect, test } from 'vitest'
import { checkedTraffic } from '../../src/adapter-kit/checked-traffic.ts'
import { describeAdapter } from '../../src/adapter-kit/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { gatewayApi, istio, otherVersions } from './adapters.ts'

for (const provider of builtInMeshes) describeAdapter(provider, { describe, test })
for (const [provider, context] of otherVersions) describeAdapter(provider, { describe, test }, { context })

describe('objects pass the validators made from the real schemas', () => {
  const problems = (validate: () => void): string => {
    try {
      validate()
      return ''
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const validated = (objects: readonly KubeObject[], validate: (object: never) => void) =>
    objects
      .map((object) => problems(() => validate(structuredClone(object) as never)))
      .filter((problem) => problem !== '')

  property.prop([checkedTraffic(istio)], { numRuns: 100 })('VirtualServices and DestinationRules', (traffic) => {
    const objects = istio.translate(traffic)
    const of = (kind: string) => objects.filter((object) => object.kind === kind)
    expect(validated(of('VirtualService'), (object) => new VirtualService(object).validate())).toEqual([])
    expect(validated(of('DestinationRule'), (object) => new DestinationRule(object).validate())).toEqual([])
  })

  property.prop([checkedTraffic(gatewayApi)], { numRuns: 100 })('HTTPRoutes and GRPCRoutes', (traffic) => {
    const routes = gatewayApi.translate(traffic)
    const [http, grpc] = ['HTTPRoute', 'GRPCRoute'].map((kind) => routes.filter((route) => route.kind === kind))
    expect(validated(http ?? [], (object) => new HTTPRoute(object).validate())).toEqual([])
    expect(validated(grpc ?? [], (object) => new GRPCRoute(object).validate())).toEqual([])
  })

  test('which do refuse what is wrong', () => {
    const broken = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'a' },
      spec: { http: [{ route: [{}] }] },
    }
    expect(validated([broken], (object) => new VirtualService(object).validate())).not.toEqual([])
  })
})
