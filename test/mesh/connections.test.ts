import { describe, expect, test } from 'vitest'
import { checkTraffic } from '../../src/mesh/check.ts'
import { mergeTraffic, type TrafficRequest } from '../../src/mesh/merge.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import type { NeutralOutputs } from '../../src/mesh/outputs.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { withoutKinds } from '../../src/mesh/served-kinds.ts'
import { serverNameProblem, serverNameRank } from '../../src/mesh/server-names.ts'
import { gatewayApi, istio, linkerd, smi } from '../adapters/adapters.ts'

/** A Service that speaks HTTP, TCP and TLS; `db` speaks TCP only. */
const services: ServiceDirectory = {
  ports: ({ name }) => (name === 'db' ? [5432] : [80, 5432, 8443]),
  application: (_service, port) => (port === 5432 ? 'tcp' : port === 8443 ? 'tls' : undefined),
}
const backends = [
  { service: 'web-v1', weight: 90 },
  { service: 'web-v2', weight: 10 },
]
const plain = { name: 'web', service: 'web', backends }

function merge(...all: NeutralOutputs[]) {
  const requests = all.map((outputs, index): TrafficRequest => {
    return { source: `Canary shop/${'ab'[index]}`, namespace: 'shop', outputs }
  })
  return mergeTraffic(requests, services)
}

/** Ports with what they speak and their rules, in short; the codes of what is wrong. */
function ports(...all: NeutralOutputs[]): unknown {
  const { traffic, diagnostics } = merge(...all)
  if (diagnostics.length > 0) return diagnostics.map(({ code }) => code)
  return traffic.flatMap((one) =>
    one.ports.map(({ port, protocol = 'http', rules }) => [port, protocol, ...rules.map(({ name }) => name)]),
  )
}

describe('splits of ports that speak different things', () => {
  test('a plain split is about all of them', () => {
    expect(ports({ trafficsplits: [plain] })).toEqual([
      [80, 'http', 'default'],
      [5432, 'tcp', 'default'],
      [8443, 'tls', 'default'],
    ])
  })

  test('one with conditions on requests is about the HTTP ports, one with server names about those of TLS', () => {
    const beta = { ...plain, name: 'beta', matches: [{ headers: [{ name: 'x', present: true as const }] }] }
    const names = { ...plain, name: 'names', matches: [{ sniHosts: ['a.example.com'] }] }
    expect(ports({ trafficsplits: [beta] })).toEqual([[80, 'http', 'beta', 'default']])
    // Other names are refused, as Istio has no rule for the rest.
    expect(ports({ trafficsplits: [names] })).toEqual([[8443, 'tls', 'names']])
    expect(ports({ trafficsplits: [names, { ...plain, ports: [8443] }] })).toEqual([[8443, 'tls', 'names', 'default']])
  })

  test('conditions that a named port cannot have are refused, as are those that no port can have', () => {
    const methods = [{ methods: ['GET'] }]
    const names = [{ sniHosts: ['a.example.com'] }]
    expect(ports({ trafficsplits: [{ ...plain, ports: [5432], matches: methods }] })).toEqual(['AP2160'])
    expect(ports({ trafficsplits: [{ ...plain, ports: [80], matches: names }] })).toEqual(['AP2160'])
    expect(ports({ trafficsplits: [{ ...plain, service: 'db', matches: methods }] })).toEqual(['AP2160'])
    expect(merge({ trafficsplits: [{ ...plain, service: 'db', matches: names }] }).diagnostics[0]?.message).toBe(
      'Canary shop/a: TrafficSplit web has conditions on server names and is about no port of shop/db that could have them: it speaks TCP',
    )
  })

  test('one server name belongs to one split, and both are named', () => {
    const split = (name: string) => ({
      trafficsplits: [{ ...plain, name, matches: [{ sniHosts: ['A.example.com'] }] }],
    })
    const { diagnostics, refused } = merge(split('one'), split('two'))
    expect(diagnostics).toMatchObject([{ code: 'AP2161', sources: ['Canary shop/a', 'Canary shop/b'] }])
    expect(refused).toHaveLength(1)
  })

  test.each<[string, unknown[]]>([
    ['names beside other conditions', [{ sniHosts: ['a.b'], methods: ['GET'] }]],
    ['names in one match, requests in another', [{ sniHosts: ['a.b'] }, { methods: ['GET'] }]],
    ['no names', [{ sniHosts: [] }]],
    ['a TCPRoute beside a condition', [{ kind: 'TCPRoute', name: 'a' }, { methods: ['GET'] }]],
    ['a TCPRoute with more than a name', [{ kind: 'TCPRoute', name: 'a', matches: ['b'] }]],
  ])('%s is malformed', (_what, matches) => {
    const { diagnostics } = merge({ trafficsplits: [{ ...plain, matches }] } as unknown as NeutralOutputs)
    expect(diagnostics.map(({ code }) => code)).toContain('AP2104')
  })

  test('what clients cannot ask for is no server name', () => {
    for (const name of ['10.0.0.1', 'a*.example.com', '*', 'a_b', '', '*.', `${'a'.repeat(64)}.com`])
      expect([name, serverNameProblem(name)]).toEqual([name, expect.any(String)])
    for (const name of ['localhost', 'a.example.com', '*.example.com']) expect(serverNameProblem(name)).toBeUndefined()
    expect(ports({ trafficsplits: [{ ...plain, matches: [{ sniHosts: ['10.0.0.1'] }] }] })).toEqual(['AP2118'])
  })

  test('policies are about requests', () => {
    const policy = { name: 'p', service: 'web', timeout: 1000 }
    expect(ports({ retrypolicies: [{ ...policy, ports: [8443] }] })).toEqual(['AP2144'])
    expect(ports({ retrypolicies: [{ ...policy, matches: [{ sniHosts: ['a.b'] }] }] })).toContain('AP2104')
    expect(ports({ retrypolicies: [policy] })).toEqual([[80, 'http', 'default']])
  })
})

describe('a TCPRoute', () => {
  const route = (list: number[], name = 'pg') => ({ name, matches: { ports: list } })
  const split = { ...plain, matches: [{ kind: 'TCPRoute' as const, name: 'pg' }] }

  test('names the ports of a split, all of them when it is empty, from another resource too', () => {
    expect(ports({ trafficsplits: [split], tcproutes: [route([5432])] })).toEqual([[5432, 'tcp', 'default']])
    expect(ports({ trafficsplits: [split] }, { tcproutes: [route([5432])] })).toEqual([[5432, 'tcp', 'default']])
    expect(ports({ trafficsplits: [split], tcproutes: [route([])] })).toHaveLength(3)
  })

  test('that is missing, names a port that is not there, or is malformed holds the split up', () => {
    expect(ports({ trafficsplits: [split] })).toEqual(['AP2162'])
    expect(ports({ trafficsplits: [split], tcproutes: [route([1])] })).toContain('AP2106')
    expect(ports({ trafficsplits: [split], tcproutes: [route([0])] })).toContain('AP2104')
    expect(ports({ trafficsplits: [{ ...split, ports: [80] }], tcproutes: [route([5432])] })).toContain('AP2104')
    expect(ports({ tcproutes: [route([1]), route([2])] })).toEqual(['AP2111'])
  })
})

describe('the most specific server name', () => {
  test('is an exact one, then the longest domain, then none at all', () => {
    const rank = (...names: string[]) => serverNameRank(names, 'x.b.example.com') ?? -1
    const order = [
      rank('X.b.example.com'.toLowerCase()),
      rank('*.b.example.com'),
      rank('*.example.com'),
      rank(),
      rank('a.com'),
    ]
    expect(order).toEqual(order.toSorted((a, b) => b - a))
    expect(new Set(order).size).toBe(5)
    expect(serverNameRank(['*.example.com'], 'example.com')).toBeUndefined()
    expect(serverNameRank(['*.example.com'], undefined)).toBeUndefined()
  })

  test('makes the order of rules and their spelling mean nothing', () => {
    const rule = (name: string, ...sniHosts: string[]) => {
      const service = { namespace: 'shop', name }
      return {
        name,
        matches: sniHosts.map((one) => ({ sniHosts: [one] })),
        backends: [{ service, port: 8443, weight: 5 }],
      }
    }
    const form = (...rules: ReturnType<typeof rule>[]) =>
      normalForm({ service: { namespace: 'shop', name: 'web' }, ports: [{ port: 8443, protocol: 'tls', rules }] })
    expect(form(rule('a', 'b.com', 'a.com'), rule('b', '*.com'))).toEqual(
      form(rule('b', '*.com'), rule('a', 'a.com', 'b.com')),
    )
    // Of equal names the first counts, and is written.
    expect(form(rule('a', 'a.com'), rule('b', 'a.com'))).toEqual(form(rule('a', 'a.com')))
  })
})

describe('a canary of a Service with HTTP and TCP ports', () => {
  const { traffic } = merge({ trafficsplits: [{ ...plain, ports: [80, 5432] }] })
  const twoPorts: ServiceDirectory = { ...services, ports: () => [80, 5432] }

  test.each([istio, gatewayApi, linkerd, smi])('is carried by $name', (mesh) => {
    expect(traffic.flatMap((one) => checkTraffic(one, mesh, twoPorts))).toEqual([])
  })

  test('is refused where the cluster lacks the kind for connections, by its name; other traffic is not', () => {
    const missing = linkerd.kinds.filter(({ kind }) => kind === 'TCPRoute')
    const confined = withoutKinds(linkerd, missing)
    expect(confined.kinds.map(({ kind }) => kind)).toEqual(['HTTPRoute', 'GRPCRoute', 'TLSRoute'])
    expect(traffic.flatMap((one) => checkTraffic(one, confined, twoPorts))).toMatchObject([
      {
        code: 'AP2101',
        message:
          'linkerd cannot carry a split of TCP connections asked of shop/web: the cluster does not serve TCPRoute (gateway.networking.k8s.io/v1alpha2)',
        remedy: expect.stringContaining('tcproutes.gateway.networking.k8s.io'),
      },
    ])
    const http = merge({ trafficsplits: [{ ...plain, ports: [80] }] }).traffic
    expect(http.flatMap((one) => checkTraffic(one, confined, twoPorts))).toEqual([])
  })
})
