import { fc, test } from '@fast-check/vitest'
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1/VirtualService'
import { describe, expect } from 'vitest'
import { comparable } from '../../src/adapter-kit/comparable-decision.ts'
import {
  apex,
  apexPorts,
  competingRequests,
  competingTraffic,
  generatedServices,
  meshRequest,
  serviceTraffic,
} from '../../src/adapter-kit/traffic-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { adapters, gatewayApi, istio } from './adapters.ts'

/** Traffic that the adapter may be given: it passed the check. */
function checked(adapter: MeshAdapter) {
  return serviceTraffic(adapter.capabilities).filter(
    (traffic) => checkTraffic(traffic, adapter, generatedServices).length === 0,
  )
}

/** Every Service there could be. */
const everything: ServiceDirectory = { ports: () => apexPorts }

describe.each(adapters)('%s', (_name, adapter) => {
  test.prop([checked(adapter)], { numRuns: 200 })('reads back what it wrote as the normal form', (traffic) => {
    const observed = adapter.observe(adapter.translate(traffic), apex, generatedServices)
    expect(observed).toEqual({ traffic: normalForm(traffic), problems: [] })
  })

  test.prop([checked(adapter), fc.array(meshRequest(), { minLength: 20, maxLength: 20 })], { numRuns: 200 })(
    'sends each request where the neutral meaning sends it',
    (traffic, requests) => {
      const objects = adapter.translate(traffic)
      for (const request of requests) {
        const neutral = routeNeutral(request, traffic, generatedServices)
        expect(comparable(adapter.route(request, objects, generatedServices)), JSON.stringify(request)).toEqual(
          comparable(neutral),
        )
      }
    },
  )

  if (adapter.capabilities.matchedSplit.support !== 'unsupported') {
    test.prop([competingTraffic(adapter.capabilities)], { numRuns: 400 })(
      'keeps the order of rules that compete, or they are refused',
      (traffic) => {
        if (checkTraffic(traffic, adapter, everything).length > 0) return
        const objects = adapter.translate(traffic)
        for (const request of competingRequests) {
          const neutral = routeNeutral(request, traffic, everything)
          expect(comparable(adapter.route(request, objects, everything)), JSON.stringify(request)).toEqual(
            comparable(neutral),
          )
        }
      },
    )
  }

  test.prop([checked(adapter)], { numRuns: 50 })(
    'writes the same objects each time, of its own kinds, each once',
    (traffic) => {
      const objects = adapter.translate(traffic)
      expect(JSON.stringify(adapter.translate(structuredClone(traffic)))).toBe(JSON.stringify(objects))
      const kinds = adapter.kinds.map(({ kind }) => kind)
      expect(objects.map(({ kind }) => kinds.indexOf(kind))).toEqual(
        objects.map(({ kind }) => kinds.indexOf(kind)).sort(),
      )
      expect(objects.every(({ kind }) => kinds.includes(kind))).toBe(true)
      expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length)
    },
  )

  test.prop([serviceTraffic()], { numRuns: 100 })(
    'refuses with diagnostics what it cannot carry, and carries the rest',
    (traffic) => {
      const problems = checkTraffic(traffic, adapter, generatedServices)
      expect(problems.filter(({ code, remedy }) => !code.startsWith('AP21') || remedy === '')).toEqual([])
      if (problems.length === 0) expect(adapter.translate(traffic)).not.toEqual([])
    },
  )

  test.each(adapters.filter(([, other]) => other !== adapter))(
    'moves to %s and back without a change',
    (_other, other) => {
      const shared = Object.entries(adapter.capabilities).map(([feature, support]) => {
        const theirs = other.capabilities[feature as Feature]
        return [feature, theirs.support === 'unsupported' ? theirs : support]
      })
      const traffics = serviceTraffic(Object.fromEntries(shared)).map(normalForm)
      return fc.assert(
        fc.property(traffics, (traffic) => {
          if ([adapter, other].some((mesh) => checkTraffic(traffic, mesh, generatedServices).length > 0)) return
          const there = other.observe(other.translate(traffic), apex, generatedServices).traffic
          expect(there).toEqual(traffic)
          expect(adapter.observe(adapter.translate(there ?? traffic), apex, generatedServices).traffic).toEqual(traffic)
        }),
        { numRuns: 60 },
      )
    },
  )

  test('the check lets enough generated traffic through for the laws to mean something', () => {
    const sample = fc.sample(serviceTraffic(adapter.capabilities), { numRuns: 200, seed: 1 })
    const passed = sample.filter((traffic) => checkTraffic(traffic, adapter, generatedServices).length === 0)
    expect(passed.length).toBeGreaterThan(40)
  })
})

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

  test.prop([checked(istio)], { numRuns: 100 })('VirtualServices', (traffic) => {
    expect(validated(istio.translate(traffic), (object) => new VirtualService(object).validate())).toEqual([])
  })

  test.prop([checked(gatewayApi)], { numRuns: 100 })('HTTPRoutes', (traffic) => {
    expect(validated(gatewayApi.translate(traffic), (object) => new HTTPRoute(object).validate())).toEqual([])
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
