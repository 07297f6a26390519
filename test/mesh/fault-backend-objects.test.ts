import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import { faultBackendObjects, faultBackendsOf, isFaultBackend } from '../../src/mesh/fault-backend-objects.ts'
import { mentionsService, withoutAbortsBy } from '../../src/mesh/fault-effect.ts'
import { mergeTraffic, type TrafficRequest } from '../../src/mesh/merge.ts'
import { gatewayApi } from '../adapters/adapters.ts'

const ports: Readonly<Record<string, readonly number[]>> = { web: [80, 8080], api: [80] }
const services = { ports: ({ name }: { readonly name: string }) => ports[name] }

/** What one of two chaos experiments may ask of a Service: an abort for everybody, or for requests with its own header. */
const experiment = (name: string) =>
  fc
    .record({
      service: fc.constantFrom('web', 'api'),
      status: fc.constantFrom(429, 500, 503),
      percent: fc.constantFrom(0, 20, 100),
      onlyOne: fc.boolean(),
    })
    .map(({ service, status, percent, onlyOne }) => {
      const [port = 80] = (ports[service] ?? []).slice(-1)
      const matches = [{ headers: [{ name: 'x-chaos', exact: name }] }]
      const fault = { name, service, matches, abort: { status, percent }, ...(onlyOne && { ports: [port] }) }
      const request: TrafficRequest = {
        source: `Chaos shop/${name}`,
        namespace: 'shop',
        outputs: { faultinjections: [fault] },
      }
      return { request, needs: percent === 0 ? [] : onlyOne ? [port] : (ports[service] ?? []), name: `fault-${status}` }
    })

const needed = (requests: readonly TrafficRequest[]) =>
  Object.fromEntries(
    faultBackendsOf(mergeTraffic(requests, services).traffic).map(({ service, ports: all }) => [service.name, all]),
  )

describe('of two chaos experiments in one namespace', () => {
  test.prop([experiment('one'), experiment('two')])(
    'each has its backend, shared where the status is the same',
    (one, two) => {
      const wanted: Record<string, number[]> = {}
      for (const { name, needs } of [one, two]) {
        if (needs.length === 0) continue
        wanted[name] = [...new Set([...(wanted[name] ?? []), ...needs])].sort((a, b) => a - b)
      }
      expect(needed([one.request, two.request])).toEqual(wanted)
      expect(needed([two.request, one.request])).toEqual(wanted)
    },
  )

  test.prop([experiment('one'), experiment('two')])(
    'what the one needs is still needed when the other has ended',
    (one, two) => {
      const both = needed([one.request, two.request])
      for (const [name, left] of Object.entries(needed([one.request])))
        expect(both[name]).toEqual(expect.arrayContaining([...left]))
    },
  )
})

describe('traffic without some of its aborts', () => {
  test.prop([serviceTraffic(gatewayApi.capabilities)])(
    'needs none of their backends, and all the others',
    (traffic) => {
      const [first, ...others] = faultBackendsOf([traffic]).map(({ service }) => service.name)
      const left = faultBackendsOf([withoutAbortsBy(traffic, (name) => name === first)])
      expect(left.map(({ service }) => service.name)).toEqual(others)
      expect(faultBackendsOf([withoutAbortsBy(traffic, () => true)])).toEqual([])
    },
  )

  test.prop([serviceTraffic()])('is the same where none is taken out', (traffic) => {
    expect(withoutAbortsBy(traffic, () => false)).toEqual(traffic)
  })
})

test.prop([serviceTraffic(gatewayApi.capabilities)])(
  'what is translated names each backend that it needs',
  (traffic) => {
    // Of calls none has a query: a rule about one takes none, and its backend is not written.
    fc.pre(traffic.ports.every(({ protocol }) => protocol !== 'grpc'))
    const specs = gatewayApi.translate(traffic).map(({ spec }) => spec)
    for (const { service } of faultBackendsOf([traffic])) expect(mentionsService(specs, service.name)).toBe(true)
  },
)

test.each([
  ['fault-503', true],
  ['fault-503.shop.svc.cluster.local', true],
  ['fault-503_shop_svc_80', true],
  ['fault-5031', false],
  ['my-fault-503', false],
])('%s names the Service fault-503: %s', (text, isNamed) => {
  expect(mentionsService({ rules: [{ backendRefs: [{ name: text }] }] }, 'fault-503')).toBe(isNamed)
})

test('its image comes from where it is told, with the Secrets for it', () => {
  const backend = { service: { namespace: 'shop', name: 'fault-503' }, answer: { status: 503 }, ports: [80] }
  const podOf = (objects: ReturnType<typeof faultBackendObjects>) => {
    const spec = objects.find(({ kind }) => kind === 'Deployment')?.spec as { template: { spec: object } }
    return spec.template.spec
  }
  const image = 'registry.example.com/nginx-unprivileged:1.29'
  expect(podOf(faultBackendObjects(backend, { image, imagePullSecrets: ['registry'] }))).toMatchObject({
    containers: [{ image }],
    imagePullSecrets: [{ name: 'registry' }],
  })
  expect(podOf(faultBackendObjects(backend))).not.toHaveProperty('imagePullSecrets')
})

test('all that a backend is made of is known for it', () => {
  const service = { namespace: 'shop', name: 'fault-503' }
  const objects = faultBackendObjects({ service, answer: { status: 503 }, ports: [80] })
  expect(objects.map(isFaultBackend)).toEqual([true, true, true])
})
